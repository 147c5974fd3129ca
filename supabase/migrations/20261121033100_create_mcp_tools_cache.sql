-- The cache of MCP tools: what each server offers, as it said it and as models take it. A tool is
-- used when it is, to the letter, the one that was accepted: a server that changes what a tool says
-- of itself, or adds one, waits until the agent's owner has looked at it.

create table public.mcp_tools_cache (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  agent_id uuid not null,
  connection_id uuid not null,
  tool_name text not null,
  description text not null default '',
  tool_schema jsonb not null,
  openai_schema jsonb not null,
  openai_name text not null
    generated always as (openai_schema #>> array['function', 'name']) stored,
  schema_hash text not null,
  accepted_hash text,
  is_accepted boolean not null
    generated always as (coalesce(accepted_hash = schema_hash, false)) stored,
  last_updated timestamptz not null default now(),
  created_at timestamptz not null default now(),

  constraint mcp_tools_cache_connection_id_tool_name_key unique (connection_id, tool_name),
  -- Models know tools by their name alone.
  constraint mcp_tools_cache_agent_id_openai_name_key unique (agent_id, openai_name),
  constraint mcp_tools_cache_connection_id_agent_id_fkey
    foreign key (connection_id, agent_id, organization_id)
    references public.agent_mcp_connections (id, agent_id, organization_id) on delete cascade,
  constraint mcp_tools_cache_tool_name_check check (char_length(tool_name) between 1 and 128),
  constraint mcp_tools_cache_description_check check (octet_length(description) <= 4096),
  constraint mcp_tools_cache_tool_schema_check check (
    jsonb_typeof(tool_schema) in ('object', 'boolean') and octet_length(tool_schema::text) <= 65536
  ),
  constraint mcp_tools_cache_openai_schema_check check (
    openai_schema ->> 'type' = 'function'
    and openai_schema #>> array['function', 'parameters', 'type'] = 'object'
    and octet_length(openai_schema::text) <= 131072
  ),
  constraint mcp_tools_cache_openai_name_check check (openai_name ~ '^[a-zA-Z0-9_-]{1,64}$')
);

comment on table public.mcp_tools_cache is 'The tools that the MCP servers of agents offer.';
comment on column public.mcp_tools_cache.tool_name is 'What the server calls it.';
comment on column public.mcp_tools_cache.tool_schema is
  'JSON Schema of its input, as the server gave it.';
comment on column public.mcp_tools_cache.openai_schema is
  'The tool as models take it: {"type": "function", "function": {name, description, parameters}}.';
comment on column public.mcp_tools_cache.openai_name is
  'What models call it; unlike every other of the agent.';
comment on column public.mcp_tools_cache.schema_hash is
  'A fingerprint of its name, description and schema, in hex.';
comment on column public.mcp_tools_cache.is_accepted is
  'Whether it is the one that was accepted. No other is used.';
comment on column public.mcp_tools_cache.last_updated is 'When the server last changed it.';

create index mcp_tools_cache_connection_id_agent_id_organization_id_idx
  on public.mcp_tools_cache (connection_id, agent_id, organization_id);
create index mcp_tools_cache_organization_id_idx on public.mcp_tools_cache (organization_id);

-- No audit triggers: what a server says would fill the log with its own words. That a manifest
-- changed or was accepted is written down below.

alter table public.mcp_tools_cache enable row level security;

create policy select_reader on public.mcp_tools_cache
  for select
  to authenticated
  using (
    organization_id = any ((select private.organizations_with('tools.read'))::uuid[])
    -- The policy of agents decides which agents there are.
    and exists (select from public.agents where agents.id = mcp_tools_cache.agent_id)
  );

grant select on public.mcp_tools_cache to authenticated, service_role;
-- No insert, update or delete for anyone: public.save_mcp_manifest() writes what a server said.

insert into private.transfer_rules (table_name, is_exported, is_imported, reason)
values ('mcp_tools_cache', true, false, 'A server is asked anew, and accepted anew.');

insert into private.queue_workers (queue, function_name) values ('mcp', 'mcp-refresher');

create function private.forget_mcp_tools()
returns trigger
language plpgsql
volatile
security definer -- nobody is granted to delete what a server said
set search_path = ''
as $$
begin
  delete from public.mcp_tools_cache where mcp_tools_cache.connection_id = new.id;
  return null;
end;
$$;

comment on function private.forget_mcp_tools() is
  'Trigger: another address is another server, whose tools are not known yet.';

create trigger _310_forget_tools
  after update of server_url on public.agent_mcp_connections
  for each row
  when (new.server_url <> old.server_url)
  execute function private.forget_mcp_tools();

create function private.raise_mcp_connection_not_found()
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  raise sqlstate 'PT404' using
    message = 'No MCP connection with that id',
    detail = 'mcp_connection_not_found',
    hint = 'Select from agent_mcp_connections to see those you can reach.';
end;
$$;

comment on function private.raise_mcp_connection_not_found() is
  'Raises PT404 mcp_connection_not_found.';

-- The connection, locked, if the caller may answer for its agent: owns it, or holds agents.manage.
-- The service may answer for all. Raises PT404 mcp_connection_not_found, PT403 permission_denied.
create function private.open_mcp_connection(p_connection_id uuid)
returns public.agent_mcp_connections
language plpgsql
volatile
security definer -- locks rows that the caller may not update
set search_path = ''
as $$
declare
  v_is_service constant boolean := (select auth.role()) is not distinct from 'service_role';
  v_connection public.agent_mcp_connections;
  v_owner_id uuid;
  v_visibility public.agent_visibility;
begin
  select agent_mcp_connections.*
  into v_connection
  from public.agent_mcp_connections
  where agent_mcp_connections.id = p_connection_id;

  if v_connection.id is not null and not v_is_service then
    select agents.user_id, agents.visibility
    into v_owner_id, v_visibility
    from public.agents
    where agents.id = v_connection.agent_id;

    if v_connection.organization_id = any (private.organizations_with('tools.read'))
      and v_connection.organization_id = any (private.organizations_with('agents.manage'))
    then
      null;
    elsif v_connection.organization_id = any (private.organizations_with('tools.read'))
      and v_connection.organization_id = any (private.organizations_with('agents.create'))
      and v_owner_id is not distinct from auth.uid()
    then
      null;
    elsif v_connection.organization_id = any (private.organizations_with('tools.read'))
      and v_connection.organization_id = any (private.organizations_with('agents.read'))
      and (
        v_visibility = 'organization'
        or v_visibility = 'workspace'
        and v_connection.agent_id = any (private.agents_in_workspaces_with('agents.read'))
      )
    then
      raise sqlstate 'PT403' using
        message = 'Another''s agent is not yours to answer for',
        detail = 'permission_denied',
        hint = 'It takes being the agent''s owner, or the permission agents.manage.';
    else
      perform private.raise_mcp_connection_not_found();
    end if;
  end if;

  -- The organization first, as deleting it does; the audit log asks for it later anyway.
  perform
  from public.organizations
  where organizations.id = v_connection.organization_id
  for key share;

  select agent_mcp_connections.*
  into v_connection
  from public.agent_mcp_connections
  where agent_mcp_connections.id = p_connection_id
  for update;

  if v_connection.id is null then
    perform private.raise_mcp_connection_not_found();
  end if;
  return v_connection;
end;
$$;

comment on function private.open_mcp_connection(uuid) is
  'Locks an MCP connection whose agent the caller answers for. Errors: mcp_connection_not_found, '
  'permission_denied.';

-- Accepts what a server offers, as it was shown: had it changed in between, the fingerprint would
-- be another.
create function private.accept_mcp_manifest(p_connection_id uuid, p_manifest_hash text)
returns public.agent_mcp_connections
language plpgsql
volatile
security definer -- nobody is granted to say what was accepted
set search_path = ''
as $$
declare
  v_connection public.agent_mcp_connections := private.open_mcp_connection(p_connection_id);
begin
  if v_connection.manifest_hash is null
    or v_connection.manifest_hash is distinct from p_manifest_hash
  then
    raise sqlstate 'PT409' using
      message = 'What the server offers is no longer what you looked at',
      detail = 'mcp_manifest_changed',
      hint = 'Look at mcp_tools_cache and pass manifest_hash of the connection as it is now.';
  elsif v_connection.accepted_manifest_hash is not distinct from v_connection.manifest_hash then
    return v_connection;
  end if;

  update public.mcp_tools_cache
  set accepted_hash = mcp_tools_cache.schema_hash
  where mcp_tools_cache.connection_id = v_connection.id
    and mcp_tools_cache.accepted_hash is distinct from mcp_tools_cache.schema_hash;

  update public.agent_mcp_connections
  set
    accepted_manifest_hash = agent_mcp_connections.manifest_hash,
    manifest_changed_at = null,
    status = case
      when agent_mcp_connections.status = 'error' then agent_mcp_connections.status
      else 'ready'
    end
  where agent_mcp_connections.id = v_connection.id
  returning agent_mcp_connections.* into v_connection;

  perform private.record_audit_event(
    v_connection.organization_id,
    'mcp_manifest.accepted',
    'agent_mcp_connections',
    v_connection.id::text,
    jsonb_build_object('agent_id', v_connection.agent_id, 'manifest', p_manifest_hash)
  );
  return v_connection;
end;
$$;

-- Has a server asked with the next turn of the engine, or at once by who calls this.
create function private.request_mcp_refresh(p_connection_id uuid)
returns public.agent_mcp_connections
language plpgsql
volatile
security definer -- nobody is granted to update when a server is asked
set search_path = ''
as $$
declare
  v_connection public.agent_mcp_connections := private.open_mcp_connection(p_connection_id);
begin
  update public.agent_mcp_connections
  set next_refresh_at = now()
  where agent_mcp_connections.id = v_connection.id
  returning agent_mcp_connections.* into v_connection;
  return v_connection;
end;
$$;

-- Writes down what a server offers. Raises PT404 mcp_connection_not_found, PT409
-- mcp_connection_changed (the connection leads elsewhere by now), mcp_tool_name_taken, PT400
-- mcp_manifest_invalid.
create function private.save_mcp_manifest(
  p_connection_id uuid,
  p_server_url text,
  p_tools jsonb,
  p_server_info jsonb,
  p_note text
)
returns public.agent_mcp_connections
language plpgsql
volatile
security definer -- nobody is granted to write what a server said
set search_path = ''
as $$
declare
  v_connection public.agent_mcp_connections := private.open_mcp_connection(p_connection_id);
  v_manifest_hash text;
  v_changes jsonb;
  v_is_accepted boolean;
begin
  if v_connection.server_url <> p_server_url then
    raise sqlstate 'PT409' using
      message = 'The connection leads to another server by now',
      detail = 'mcp_connection_changed',
      hint = 'Ask the server it leads to.';
  elsif jsonb_typeof(p_tools) is distinct from 'array' or jsonb_array_length(p_tools) > 100 then
    raise sqlstate 'PT400' using
      message = 'A manifest is an array of up to 100 tools',
      detail = 'mcp_manifest_invalid',
      hint = 'Each is {name, description, schema, openai}.';
  end if;

  with offered as (
    select
      tool.document ->> 'name' as tool_name,
      coalesce(tool.document ->> 'description', '') as description,
      tool.document -> 'schema' as tool_schema,
      tool.document -> 'openai' as openai_schema,
      encode(
        sha256(convert_to(
          jsonb_build_array(
            tool.document -> 'name',
            coalesce(tool.document ->> 'description', ''),
            tool.document -> 'schema'
          )::text,
          'UTF8'
        )),
        'hex'
      ) as schema_hash
    from jsonb_array_elements(p_tools) as tool (document)
  ), gone as (
    delete from public.mcp_tools_cache
    where mcp_tools_cache.connection_id = v_connection.id
      and not exists (
        select from offered where offered.tool_name = mcp_tools_cache.tool_name
      )
    returning mcp_tools_cache.tool_name
  ), known as (
    select mcp_tools_cache.tool_name, mcp_tools_cache.schema_hash
    from public.mcp_tools_cache
    where mcp_tools_cache.connection_id = v_connection.id
  ), written as (
    insert into public.mcp_tools_cache as cached
      (
        organization_id, agent_id, connection_id, tool_name, description, tool_schema,
        openai_schema, schema_hash
      )
    select
      v_connection.organization_id,
      v_connection.agent_id,
      v_connection.id,
      offered.tool_name,
      offered.description,
      offered.tool_schema,
      offered.openai_schema,
      offered.schema_hash
    from offered
    on conflict (connection_id, tool_name) do update
    set
      description = excluded.description,
      tool_schema = excluded.tool_schema,
      openai_schema = excluded.openai_schema,
      schema_hash = excluded.schema_hash,
      last_updated = now()
    where cached.schema_hash <> excluded.schema_hash
      or cached.openai_schema <> excluded.openai_schema
  )
  select
    encode(
      sha256(convert_to(
        coalesce(string_agg(offered.schema_hash, ',' order by offered.tool_name collate "C"), ''),
        'UTF8'
      )),
      'hex'
    ),
    jsonb_build_object(
      'added', coalesce(
        jsonb_agg(offered.tool_name order by offered.tool_name)
          filter (where known.tool_name is null),
        '[]'
      ),
      'altered', coalesce(
        jsonb_agg(offered.tool_name order by offered.tool_name)
          filter (where known.schema_hash <> offered.schema_hash),
        '[]'
      ),
      'removed', (
        select coalesce(jsonb_agg(gone.tool_name order by gone.tool_name), '[]') from gone
      )
    )
  into v_manifest_hash, v_changes
  from offered
  left join known on known.tool_name = offered.tool_name;

  v_is_accepted := coalesce(v_connection.accepted_manifest_hash = v_manifest_hash, false);

  -- Back to the letter to what was accepted, also what had gone in between.
  if v_is_accepted then
    update public.mcp_tools_cache
    set accepted_hash = mcp_tools_cache.schema_hash
    where mcp_tools_cache.connection_id = v_connection.id
      and mcp_tools_cache.accepted_hash is distinct from mcp_tools_cache.schema_hash;
  end if;

  if v_connection.manifest_hash is distinct from v_manifest_hash then
    perform private.record_audit_event(
      v_connection.organization_id,
      'mcp_manifest.changed',
      'agent_mcp_connections',
      v_connection.id::text,
      v_changes || jsonb_build_object(
        'agent_id', v_connection.agent_id, 'manifest', v_manifest_hash, 'accepted', v_is_accepted
      ),
      case
        when v_is_accepted or v_connection.accepted_manifest_hash is null then 'info'
        else 'warning'
      end
    );
  end if;

  update public.agent_mcp_connections
  set
    status = case when v_is_accepted then 'ready' else 'changed' end,
    last_error = left(p_note, 1000),
    server_info = p_server_info,
    manifest_hash = v_manifest_hash,
    manifest_changed_at = case
      when not v_is_accepted then coalesce(agent_mcp_connections.manifest_changed_at, now())
    end,
    refreshed_at = now(),
    next_refresh_at = now()
      + make_interval(mins => agent_mcp_connections.refresh_interval_minutes),
    failed_refreshes = 0
  where agent_mcp_connections.id = v_connection.id
  returning agent_mcp_connections.* into v_connection;

  return v_connection;
exception
  when unique_violation then
    raise sqlstate 'PT409' using
      message = 'Another tool of the agent has that name',
      detail = 'mcp_tool_name_taken',
      hint = 'Give one of the connections another name.';
  when check_violation or not_null_violation or data_exception or cardinality_violation then
    raise sqlstate 'PT400' using
      message = 'The server offers what is no tool',
      detail = 'mcp_manifest_invalid',
      hint = 'Each is {name, description, schema, openai}, within its limits, and named once.';
end;
$$;

-- The next attempt waits longer each time, to a day. What was accepted stays in use: the server may
-- answer calls all the same.
create function private.fail_mcp_refresh(
  p_connection_id uuid,
  p_server_url text,
  p_error text
)
returns void
language plpgsql
volatile
security definer -- nobody is granted to write how a server answered
set search_path = ''
as $$
begin
  update public.agent_mcp_connections
  set
    status = 'error',
    last_error = left(coalesce(nullif(p_error, ''), 'The server was not reached.'), 1000),
    failed_refreshes = agent_mcp_connections.failed_refreshes + 1,
    next_refresh_at = now() + least(
      make_interval(mins => agent_mcp_connections.refresh_interval_minutes)
        * 2 ^ least(agent_mcp_connections.failed_refreshes, 8),
      greatest(
        interval '1 day', make_interval(mins => agent_mcp_connections.refresh_interval_minutes)
      )
    )
  where agent_mcp_connections.id = p_connection_id
    and agent_mcp_connections.server_url = p_server_url;
end;
$$;

-- Where a connection leads, and the secret to send along; null when there is none.
create function private.mcp_connection_target(p_connection_id uuid)
returns jsonb
language sql
stable
security definer -- asked by the service, for connections of all organizations
set search_path = ''
as $$
  select jsonb_build_object(
    'id', agent_mcp_connections.id,
    'organization_id', agent_mcp_connections.organization_id,
    'agent_id', agent_mcp_connections.agent_id,
    'connection_name', agent_mcp_connections.connection_name,
    'server_url', agent_mcp_connections.server_url,
    'secret_id', agent_mcp_connections.secret_id,
    'is_active', agent_mcp_connections.is_active
  )
  from public.agent_mcp_connections
  where agent_mcp_connections.id = p_connection_id;
$$;

-- The tools that an agent may use now, as models take them: of active connections, and accepted.
-- At most 128, as many as models take.
create function private.agent_mcp_tools(p_agent_id uuid)
returns jsonb
language sql
stable
security definer -- asked by the service, for agents of all organizations
set search_path = ''
as $$
  select coalesce(jsonb_agg(usable.document), '[]')
  from (
    select jsonb_build_object(
      'connection_id', mcp_tools_cache.connection_id,
      'tool_name', mcp_tools_cache.tool_name,
      'name', mcp_tools_cache.openai_name,
      'description', mcp_tools_cache.openai_schema #>> array['function', 'description'],
      'parameters', mcp_tools_cache.openai_schema #> array['function', 'parameters']
    ) as document
    from public.mcp_tools_cache
    join public.agent_mcp_connections
      on agent_mcp_connections.id = mcp_tools_cache.connection_id
    where mcp_tools_cache.agent_id = p_agent_id
      and mcp_tools_cache.is_accepted
      and agent_mcp_connections.is_active
    order by agent_mcp_connections.created_at, agent_mcp_connections.id, mcp_tools_cache.tool_name
    limit 128
  ) as usable;
$$;

-- Whether a tool may be called now, for a person in whose name the agent acts; always written down.
-- What it answers names the server and the secret, so that what was judged is what is called.
create function private.authorize_mcp_tool_call(
  p_connection_id uuid,
  p_tool_name text,
  p_user_id uuid
)
returns jsonb
language plpgsql
volatile
security definer -- asked by the service, about users who may not be there
set search_path = ''
as $$
declare
  v_connection public.agent_mcp_connections;
  v_is_accepted boolean;
  v_reason text;
begin
  select agent_mcp_connections.*
  into v_connection
  from public.agent_mcp_connections
  where agent_mcp_connections.id = p_connection_id;

  if v_connection.id is null then
    return jsonb_build_object('allowed', false, 'reason', 'mcp_connection_not_found');
  end if;

  select mcp_tools_cache.is_accepted
  into v_is_accepted
  from public.mcp_tools_cache
  where mcp_tools_cache.connection_id = p_connection_id
    and mcp_tools_cache.tool_name = p_tool_name;

  v_reason := case
    when not v_connection.is_active then 'mcp_connection_inactive'
    when v_is_accepted is null then 'mcp_tool_not_found'
    when not v_is_accepted then 'mcp_tool_not_accepted'
    when not coalesce(private.can_run_agent(v_connection.agent_id, p_user_id), false) then
      'agent_not_runnable'
    when not exists (
      select
      from public.organization_members
      where organization_members.organization_id = v_connection.organization_id
        and organization_members.user_id = p_user_id
        and organization_members.status = 'active'
        and 'tools.execute' = any (organization_members.permissions)
    ) then 'permission_denied'
  end;

  perform private.record_audit_event(
    v_connection.organization_id,
    case when v_reason is null then 'tool.allowed' else 'tool.denied' end,
    'agent_mcp_connections',
    v_connection.id::text,
    jsonb_build_object(
      'agent_id', v_connection.agent_id,
      'user_id', p_user_id,
      'tool_name', left(p_tool_name, 128),
      'reason', v_reason
    ),
    case when v_reason is null then 'info' else 'warning' end
  );

  return jsonb_build_object(
    'allowed', v_reason is null,
    'reason', v_reason,
    'organization_id', v_connection.organization_id,
    'agent_id', v_connection.agent_id,
    'connection_id', v_connection.id
  ) || case
    when v_reason is null then
      jsonb_build_object(
        'server_url', v_connection.server_url, 'secret_id', v_connection.secret_id
      )
    else '{}'
  end;
end;
$$;

-- A part of the tick: enqueues the servers whose time has come, the longest due first.
create function private.enqueue_mcp_refreshes()
returns integer
language plpgsql
volatile
security definer -- no role has a grant on the queue's tables
set search_path = ''
as $$
declare
  v_payloads jsonb[];
  v_organization_ids uuid[];
  v_dedupe_keys text[];
begin
  with due as (
    select agent_mcp_connections.id
    from public.agent_mcp_connections
    join public.organizations on organizations.id = agent_mcp_connections.organization_id
    where agent_mcp_connections.is_active
      and agent_mcp_connections.next_refresh_at <= now()
      and organizations.deletion_due_at is null
    order by agent_mcp_connections.next_refresh_at
    limit 500
    -- The jobs will hold on to the organizations, and must not wait for any.
    for update of agent_mcp_connections skip locked
    for key share of organizations skip locked
  ), claimed as (
    -- The worker says when next. Should it never come to that, this does.
    update public.agent_mcp_connections
    set next_refresh_at = now()
      + make_interval(mins => agent_mcp_connections.refresh_interval_minutes)
    from due
    where agent_mcp_connections.id = due.id
    returning agent_mcp_connections.id, agent_mcp_connections.organization_id
  )
  select
    array_agg(jsonb_build_object('connection_id', claimed.id)),
    array_agg(claimed.organization_id),
    array_agg('refresh ' || claimed.id)
  into v_payloads, v_organization_ids, v_dedupe_keys
  from claimed;

  if v_payloads is null then
    return 0;
  end if;

  return private.enqueue_jobs(
    p_queue => 'mcp',
    p_kind => 'refresh_mcp_connection',
    p_payloads => v_payloads,
    p_organization_ids => v_organization_ids,
    p_max_attempts => 3,
    p_dedupe_keys => v_dedupe_keys
  );
end;
$$;

comment on function private.enqueue_mcp_refreshes() is
  'Enqueues the refresh of MCP connections whose time has come. Returns how many.';

insert into private.tick_parts (name, place, function_name)
values ('mcp_refreshes_enqueued', 330, 'enqueue_mcp_refreshes');

create function public.accept_mcp_manifest(p_connection_id uuid, p_manifest_hash text)
returns public.agent_mcp_connections
language sql
volatile
security invoker
set search_path = ''
as $$
  select * from private.accept_mcp_manifest(p_connection_id, p_manifest_hash);
$$;

create function public.request_mcp_refresh(p_connection_id uuid)
returns public.agent_mcp_connections
language sql
volatile
security invoker
set search_path = ''
as $$
  select * from private.request_mcp_refresh(p_connection_id);
$$;

create function public.save_mcp_manifest(
  p_connection_id uuid,
  p_server_url text,
  p_tools jsonb,
  p_server_info jsonb default null,
  p_note text default null
)
returns public.agent_mcp_connections
language sql
volatile
security invoker
set search_path = ''
as $$
  select *
  from private.save_mcp_manifest(p_connection_id, p_server_url, p_tools, p_server_info, p_note);
$$;

create function public.fail_mcp_refresh(
  p_connection_id uuid,
  p_server_url text,
  p_error text
)
returns void
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.fail_mcp_refresh(p_connection_id, p_server_url, p_error);
$$;

create function public.mcp_connection_target(p_connection_id uuid)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select private.mcp_connection_target(p_connection_id);
$$;

create function public.agent_mcp_tools(p_agent_id uuid)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select private.agent_mcp_tools(p_agent_id);
$$;

create function public.authorize_mcp_tool_call(
  p_connection_id uuid,
  p_tool_name text,
  p_user_id uuid
)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.authorize_mcp_tool_call(p_connection_id, p_tool_name, p_user_id);
$$;

comment on function public.accept_mcp_manifest(uuid, text) is
  'Accepts the tools of an MCP connection as shown: p_manifest_hash is its manifest_hash. '
  'For the agent''s owner, or agents.manage. Errors: mcp_connection_not_found, permission_denied, '
  'mcp_manifest_changed.';
comment on function public.request_mcp_refresh(uuid) is
  'Has an MCP server asked with the engine''s next turn. For the agent''s owner, or agents.manage. '
  'Errors: mcp_connection_not_found, permission_denied.';
comment on function public.save_mcp_manifest(uuid, text, jsonb, jsonb, text) is
  'Writes down what a server offers, for the service: p_tools is [{name, description, schema, '
  'openai}], p_server_url where that was asked. Errors: mcp_connection_not_found, '
  'mcp_connection_changed, mcp_manifest_invalid, mcp_tool_name_taken.';
comment on function public.fail_mcp_refresh(uuid, text, text) is
  'Writes down that a server did not say what it offers, for the service. No errors.';
comment on function public.mcp_connection_target(uuid) is
  'Where an MCP connection leads, for the service; null when there is none. No errors.';
comment on function public.agent_mcp_tools(uuid) is
  'The accepted MCP tools of an agent, for the service: [{connection_id, tool_name, name, '
  'description, parameters}]. No errors.';
comment on function public.authorize_mcp_tool_call(uuid, text, uuid) is
  'Whether an MCP tool may be called now in the name of a user, for the service: {allowed, reason, '
  'organization_id, agent_id, connection_id, server_url, secret_id}. Written to the audit log. '
  'Reasons: mcp_connection_not_found, mcp_connection_inactive, mcp_tool_not_found, '
  'mcp_tool_not_accepted, agent_not_runnable, permission_denied. No errors.';

grant execute on function
  private.accept_mcp_manifest(uuid, text),
  private.request_mcp_refresh(uuid),
  public.accept_mcp_manifest(uuid, text),
  public.request_mcp_refresh(uuid)
to authenticated, service_role;
grant execute on function
  private.save_mcp_manifest(uuid, text, jsonb, jsonb, text),
  private.fail_mcp_refresh(uuid, text, text),
  private.mcp_connection_target(uuid),
  private.agent_mcp_tools(uuid),
  private.authorize_mcp_tool_call(uuid, text, uuid),
  public.save_mcp_manifest(uuid, text, jsonb, jsonb, text),
  public.fail_mcp_refresh(uuid, text, text),
  public.mcp_connection_target(uuid),
  public.agent_mcp_tools(uuid),
  public.authorize_mcp_tool_call(uuid, text, uuid)
to service_role;
