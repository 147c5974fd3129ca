-- Tool execution logs: one row for each call of a tool by an agent, also for those that were
-- refused. What went in and what came out is kept without credentials and in at most 16 kB. Only
-- the service writes here; people read, and nobody changes what is written.
--
-- What was done with a personal connection is its owner's: their mail is nobody else's to read.

create table public.tool_execution_logs (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  agent_id uuid,
  user_id uuid references public.profiles (id) on delete set null,
  connection_id uuid,
  mcp_connection_id uuid,
  capability_key text,
  tool_name text not null,
  run_step_id uuid,
  channel_id uuid,
  is_personal boolean not null default false,
  status text not null default 'running',
  input jsonb,
  output jsonb,
  error text,
  duration_ms integer,
  correlation_id text,
  created_at timestamptz not null default clock_timestamp(),
  completed_at timestamptz,

  constraint tool_execution_logs_agent_id_fkey
    foreign key (agent_id, organization_id) references public.agents (id, organization_id)
    on delete set null (agent_id),
  constraint tool_execution_logs_connection_id_fkey
    foreign key (connection_id, organization_id)
    references public.user_integration_credentials (id, organization_id)
    on delete set null (connection_id),
  constraint tool_execution_logs_run_step_id_fkey
    foreign key (run_step_id, organization_id)
    references public.agent_task_run_steps (id, organization_id)
    on delete set null (run_step_id),
  constraint tool_execution_logs_channel_id_fkey
    foreign key (channel_id, organization_id) references public.chat_channels (id, organization_id)
    on delete set null (channel_id),
  constraint tool_execution_logs_tool_name_check check (char_length(tool_name) between 1 and 200),
  constraint tool_execution_logs_status_check check (
    status in ('running', 'completed', 'failed', 'denied', 'cancelled')
  ),
  constraint tool_execution_logs_running_is_open_check check (
    (status = 'running') = (completed_at is null)
  ),
  -- Cut by private.loggable_document().
  constraint tool_execution_logs_size_check check (
    octet_length(input::text) <= 16384 and octet_length(output::text) <= 16384
  ),
  constraint tool_execution_logs_error_check check (char_length(error) <= 2000),
  constraint tool_execution_logs_duration_ms_check check (duration_ms >= 0)
);

comment on table public.tool_execution_logs is
  'One row per call of a tool by an agent. Written by the service alone.';
comment on column public.tool_execution_logs.user_id is
  'The person whose run or conversation the call was made for.';
comment on column public.tool_execution_logs.connection_id is
  'With which connection a capability was called; null for tools of MCP servers.';
comment on column public.tool_execution_logs.mcp_connection_id is
  'At which MCP connection of the agent the tool was called; null for capabilities.';
comment on column public.tool_execution_logs.is_personal is
  'Made with a connection that was personal: only its owner reads the row.';
comment on column public.tool_execution_logs.status is
  'running, completed, failed, denied (it was not allowed, and nothing happened) or cancelled.';
comment on column public.tool_execution_logs.input is
  'Without credentials; {"truncated", "bytes", "beginning"} when it has more than 16 kB.';
comment on column public.tool_execution_logs.output is 'As input.';
comment on column public.tool_execution_logs.correlation_id is
  'The x-correlation-id of the request in which the call was made.';

create index tool_execution_logs_organization_id_created_at_idx
  on public.tool_execution_logs (organization_id, created_at desc);
create index tool_execution_logs_agent_id_organization_id_idx
  on public.tool_execution_logs (agent_id, organization_id);
create index tool_execution_logs_connection_id_organization_id_idx
  on public.tool_execution_logs (connection_id, organization_id)
  where connection_id is not null;
create index tool_execution_logs_mcp_connection_id_organization_id_idx
  on public.tool_execution_logs (mcp_connection_id, organization_id)
  where mcp_connection_id is not null;
create index tool_execution_logs_run_step_id_organization_id_idx
  on public.tool_execution_logs (run_step_id, organization_id)
  where run_step_id is not null;
create index tool_execution_logs_channel_id_organization_id_idx
  on public.tool_execution_logs (channel_id, organization_id)
  where channel_id is not null;
create index tool_execution_logs_user_id_idx
  on public.tool_execution_logs (user_id)
  where user_id is not null;
-- For private.close_abandoned_tool_calls(): small, since few calls run at once.
create index tool_execution_logs_created_at_idx
  on public.tool_execution_logs (created_at)
  where status = 'running';

insert into private.transfer_rules (table_name, is_exported, is_imported, reason)
values (
  'tool_execution_logs', true, false, 'What agents did elsewhere was not done with what is here.'
);

alter table public.tool_execution_logs enable row level security;

create policy select_reader on public.tool_execution_logs
  for select
  to authenticated
  using (
    organization_id = any ((select private.organizations_with('tools.read'))::uuid[])
    and (not is_personal or user_id = (select auth.uid()))
  );

grant select on public.tool_execution_logs to authenticated, service_role;
-- No insert, update or delete for anyone: begin_tool_call() and finish_tool_call() write.

-- What may be kept of a document: no credentials, and 16 kB of it.
create function private.loggable_document(p_document jsonb)
returns jsonb
language plpgsql
immutable
security invoker
set search_path = ''
as $$
declare
  v_bytes constant integer := octet_length(p_document::text);
  v_text text;
  v_cut jsonb;
begin
  -- Redacting is work, and without it nothing may be kept.
  if v_bytes > 262144 then
    return jsonb_build_object('truncated', true, 'bytes', v_bytes);
  end if;

  v_text := private.redact_credentials(p_document)::text;
  if octet_length(v_text) <= 16384 then
    return v_text::jsonb;
  end if;

  -- Escaping makes a text longer, so the first size may not do; the second always does.
  v_cut := jsonb_build_object(
    'truncated', true, 'bytes', v_bytes, 'beginning', left(v_text, 12000)
  );
  return case
    when octet_length(v_cut::text) <= 16384 then v_cut
    else v_cut || jsonb_build_object('beginning', left(v_text, 4000))
  end;
end;
$$;

comment on function private.loggable_document(jsonb) is
  'A document as tool_execution_logs keeps it: redacted, and cut to 16 kB.';

-- A call that nobody finished: whoever made it stopped. Returns how many.
create function private.close_abandoned_tool_calls()
returns integer
language plpgsql
volatile
security definer -- private.tick() may be called by roles that cannot write the log
set search_path = ''
as $$
declare
  v_count integer;
begin
  update public.tool_execution_logs
  set
    status = 'failed',
    error = 'The call was never finished: whoever made it stopped.',
    completed_at = clock_timestamp()
  from (
    select tool_execution_logs.id
    from public.tool_execution_logs
    where tool_execution_logs.status = 'running'
      and tool_execution_logs.created_at < now() - interval '15 minutes'
    order by tool_execution_logs.created_at
    limit 1000
    for update skip locked
  ) as abandoned
  where tool_execution_logs.id = abandoned.id;
  get diagnostics v_count = row_count;
  return v_count;
end;
$$;

comment on function private.close_abandoned_tool_calls() is
  'Part of the tick: fails calls of tools that began 15 minutes ago and were never finished.';

insert into private.tick_parts (name, place, function_name)
values ('tool_calls_closed', 180, 'close_abandoned_tool_calls');
