-- MCP connections: the tool servers an agent may call, over streamable HTTP. What a server offers
-- is its manifest; nothing in it is used before somebody answerable for the agent has accepted it,
-- and what changes afterwards has to be accepted again.
--
-- Whoever may connect a server decides where requests go, so the secret sent along is theirs to
-- choose only with secrets.manage: otherwise a server of one's own would read it out.

create table public.agent_mcp_connections (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  agent_id uuid not null,
  connection_name text not null,
  server_url text not null,
  is_active boolean not null default true,
  secret_id uuid,
  status text not null default 'new',
  last_error text,
  server_info jsonb,
  manifest_hash text,
  accepted_manifest_hash text,
  manifest_changed_at timestamptz,
  refresh_interval_minutes integer not null default 60,
  refreshed_at timestamptz,
  next_refresh_at timestamptz not null default now(),
  failed_refreshes integer not null default 0,
  created_by_user_id uuid default auth.uid() references public.profiles (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint agent_mcp_connections_agent_id_connection_name_key unique (agent_id, connection_name),
  constraint agent_mcp_connections_id_organization_id_key unique (id, organization_id),
  constraint agent_mcp_connections_id_agent_id_organization_id_key
    unique (id, agent_id, organization_id),
  constraint agent_mcp_connections_agent_id_fkey foreign key (agent_id, organization_id)
    references public.agents (id, organization_id) on delete cascade,
  -- A connection without its secret would call the server as nobody, so the secret stays.
  constraint agent_mcp_connections_secret_id_fkey foreign key (secret_id, organization_id)
    references public.organization_secrets (id, organization_id) on delete restrict,
  constraint agent_mcp_connections_created_by_user_id_organization_id_fkey
    foreign key (created_by_user_id, organization_id)
    references public.organization_members (user_id, organization_id)
    on delete set null (created_by_user_id),
  constraint agent_mcp_connections_connection_name_check check (
    char_length(connection_name) between 1 and 100 and connection_name = btrim(connection_name)
  ),
  constraint agent_mcp_connections_server_url_check check (char_length(server_url) <= 2000),
  constraint agent_mcp_connections_status_check check (
    status in ('new', 'ready', 'changed', 'error')
  ),
  constraint agent_mcp_connections_last_error_check check (char_length(last_error) <= 1000),
  constraint agent_mcp_connections_server_info_check check (
    jsonb_typeof(server_info) = 'object' and octet_length(server_info::text) <= 4000
  ),
  constraint agent_mcp_connections_refresh_interval_minutes_check check (
    refresh_interval_minutes between 5 and 10080
  )
);

comment on table public.agent_mcp_connections is 'A tool server that an agent may call by MCP.';
comment on column public.agent_mcp_connections.server_url is
  'Where the server answers: https, without credentials. The embedded stack also allows http on '
  'its own machine.';
comment on column public.agent_mcp_connections.secret_id is
  'The secret sent as bearer token; null sends none.';
comment on column public.agent_mcp_connections.status is
  'new: not asked yet; ready; changed: the manifest waits to be accepted; error: see last_error.';
comment on column public.agent_mcp_connections.last_error is
  'Why the last refresh failed, or which tools it left out.';
comment on column public.agent_mcp_connections.server_info is 'What the server calls itself.';
comment on column public.agent_mcp_connections.manifest_hash is
  'A fingerprint of the tools the server offers, in hex.';
comment on column public.agent_mcp_connections.accepted_manifest_hash is
  'The manifest that was accepted; null before the first.';
comment on column public.agent_mcp_connections.manifest_changed_at is
  'Since when what is offered differs from what was accepted; null when it does not.';
comment on column public.agent_mcp_connections.created_by_user_id is
  'Null when they left the organization.';

create index agent_mcp_connections_agent_id_organization_id_idx
  on public.agent_mcp_connections (agent_id, organization_id);
create index agent_mcp_connections_secret_id_organization_id_idx
  on public.agent_mcp_connections (secret_id, organization_id)
  where secret_id is not null;
create index agent_mcp_connections_created_by_user_id_organization_id_idx
  on public.agent_mcp_connections (created_by_user_id, organization_id)
  where created_by_user_id is not null;
create index agent_mcp_connections_organization_id_idx
  on public.agent_mcp_connections (organization_id);
-- What the engine looks for at every turn.
create index agent_mcp_connections_next_refresh_at_idx
  on public.agent_mcp_connections (next_refresh_at)
  where is_active;

-- Errors: PT400 mcp_server_url_invalid, plain_credential.
create function private.check_mcp_server_url()
returns trigger
language plpgsql
volatile
security definer -- writers are not granted the helpers
set search_path = ''
as $$
declare
  v_loopback constant text := 'localhost|127(\.[0-9]{1,3}){3}|\[::1\]';
begin
  -- Printable ASCII alone: what another reader of URLs would see otherwise is no address.
  if new.server_url is null
    or char_length(new.server_url) > 2000
    or new.server_url !~ '^[!-~]+$'
    or new.server_url !~ format(
      '^(https://[A-Za-z0-9.:\[\]_-]+|http://(%s)(:[0-9]{1,5})?)([/?][^#\\]*)?$', v_loopback
    ) and new.server_url !~ '^https?://[^/?#]*@'
  then
    raise sqlstate 'PT400' using
      message = 'A tool server has an https address of up to 2000 characters, without a fragment',
      detail = 'mcp_server_url_invalid',
      hint = 'For example https://tools.example.com/mcp.';
  end if;

  if new.server_url ~ '^https?://[^/?#]*@'
    or private.is_plain_credential(new.server_url, null)
    or exists (
      select
      from string_to_table(split_part(new.server_url, '?', 2), '&') as parameter (content)
      where split_part(parameter.content, '=', 2) <> ''
        and (
          split_part(parameter.content, '=', 1) ~* '^(key|sig|signature|auth|code)$'
          or private.credential_suspicion(split_part(parameter.content, '=', 1)) is not null
        )
    )
  then
    raise sqlstate 'PT400' using
      message = 'There is a plain credential in server_url',
      detail = 'plain_credential',
      hint = 'Keep it with create_organization_secret, and name that secret as secret_id.';
  end if;

  return new;
end;
$$;

comment on function private.check_mcp_server_url() is
  'Trigger: refuses addresses that are none of a tool server or carry a credential.';

create function private.guard_mcp_secret()
returns trigger
language plpgsql
volatile
security definer -- memberships are read past their own policies
set search_path = ''
as $$
begin
  perform private.require_management_of_secrets(new.organization_id);
  return new;
end;
$$;

comment on function private.guard_mcp_secret() is
  'Trigger: where a secret is sent to is decided by who may manage secrets. Raises '
  'permission_denied.';

-- Another address is another server, of which nothing was accepted.
create function private.begin_mcp_connection_anew()
returns trigger
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  new.next_refresh_at := now();
  new.failed_refreshes := 0;

  if new.server_url <> old.server_url then
    new.status := 'new';
    new.last_error := null;
    new.server_info := null;
    new.manifest_hash := null;
    new.accepted_manifest_hash := null;
    new.manifest_changed_at := null;
    new.refreshed_at := null;
  end if;
  return new;
end;
$$;

comment on function private.begin_mcp_connection_anew() is
  'Trigger: has a changed connection asked soon, and forgets what another server said.';

create trigger _050_inherit_organization
  before insert on public.agent_mcp_connections
  for each row
  when (new.organization_id is null)
  execute function private.inherit_organization('public.agents', 'agent_id');

create trigger _150_check_server_url
  before insert or update of server_url on public.agent_mcp_connections
  for each row
  execute function private.check_mcp_server_url();

create trigger _200_guard_secret
  before insert on public.agent_mcp_connections
  for each row
  when (new.secret_id is not null)
  execute function private.guard_mcp_secret();

create trigger _201_guard_secret_on_change
  before update of secret_id, server_url on public.agent_mcp_connections
  for each row
  when (
    new.secret_id is not null
    and (new.secret_id is distinct from old.secret_id or new.server_url <> old.server_url)
  )
  execute function private.guard_mcp_secret();

create trigger _210_begin_anew
  before update of server_url, secret_id, is_active, refresh_interval_minutes
  on public.agent_mcp_connections
  for each row
  when (
    (new.server_url, new.is_active, new.refresh_interval_minutes)
      <> (old.server_url, old.is_active, old.refresh_interval_minutes)
    or new.secret_id is distinct from old.secret_id
  )
  execute function private.begin_mcp_connection_anew();

create trigger _900_touch_updated_at
  before update on public.agent_mcp_connections
  for each row
  execute function private.touch_updated_at();

-- Not what every refresh writes.
select private.enable_audit(
  'public.agent_mcp_connections',
  p_ignore => array['refreshed_at', 'next_refresh_at', 'failed_refreshes']
);

alter table public.agent_mcp_connections enable row level security;

create policy select_reader on public.agent_mcp_connections
  for select
  to authenticated
  using (
    organization_id = any ((select private.organizations_with('tools.read'))::uuid[])
    -- The policy of agents decides which agents there are.
    and exists (select from public.agents where agents.id = agent_mcp_connections.agent_id)
  );

create policy insert_owner on public.agent_mcp_connections
  for insert
  to authenticated
  with check (
    created_by_user_id = (select auth.uid())
    and organization_id = any ((select private.organizations_with('tools.manage'))::uuid[])
    and (
      organization_id = any ((select private.organizations_with('agents.manage'))::uuid[])
      or exists (
        select
        from public.agents
        where agents.id = agent_mcp_connections.agent_id and agents.user_id = (select auth.uid())
      )
    )
  );

create policy update_owner on public.agent_mcp_connections
  for update
  to authenticated
  using (
    organization_id = any ((select private.organizations_with('tools.manage'))::uuid[])
    and (
      organization_id = any ((select private.organizations_with('agents.manage'))::uuid[])
      or exists (
        select
        from public.agents
        where agents.id = agent_mcp_connections.agent_id and agents.user_id = (select auth.uid())
      )
    )
  )
  with check (
    organization_id = any ((select private.organizations_with('tools.manage'))::uuid[])
    and (
      organization_id = any ((select private.organizations_with('agents.manage'))::uuid[])
      or exists (
        select
        from public.agents
        where agents.id = agent_mcp_connections.agent_id and agents.user_id = (select auth.uid())
      )
    )
  );

create policy delete_owner on public.agent_mcp_connections
  for delete
  to authenticated
  using (
    organization_id = any ((select private.organizations_with('tools.manage'))::uuid[])
    and (
      organization_id = any ((select private.organizations_with('agents.manage'))::uuid[])
      or exists (
        select
        from public.agents
        where agents.id = agent_mcp_connections.agent_id and agents.user_id = (select auth.uid())
      )
    )
  );

grant select, delete on public.agent_mcp_connections to authenticated;
grant insert (
  id, organization_id, agent_id, connection_name, server_url, is_active, secret_id,
  refresh_interval_minutes, created_by_user_id
) on public.agent_mcp_connections to authenticated;
-- What the server said is written by the functions below, and a connection stays with its agent.
grant update (connection_name, server_url, is_active, secret_id, refresh_interval_minutes)
  on public.agent_mcp_connections to authenticated;
grant select, insert, update, delete on public.agent_mcp_connections to service_role;

-- The refusal of deleting a secret that is sent to a server, in words: the key would say it in
-- none that help.
create function private.keep_secret_of_mcp_connections()
returns trigger
language plpgsql
volatile
security definer -- looks into connections that the caller may not read
set search_path = ''
as $$
declare
  v_names text;
begin
  select string_agg(format('"%s"', named.connection_name), ', ' order by named.connection_name)
  into v_names
  from (
    select agent_mcp_connections.connection_name
    from public.agent_mcp_connections
    where agent_mcp_connections.secret_id = old.id
      and agent_mcp_connections.organization_id = old.organization_id
    limit 5
  ) as named;

  if v_names is not null
    -- Else the organization goes, and its connections with it.
    and exists (select from public.organizations where organizations.id = old.organization_id)
  then
    raise sqlstate 'PT409' using
      message = format('The secret "%s" is sent to tool servers: %s', old.name, v_names),
      detail = 'secret_in_use',
      hint = 'Let these connections name another secret first.';
  end if;

  return old;
end;
$$;

comment on function private.keep_secret_of_mcp_connections() is
  'Trigger: refuses to delete a secret that an MCP connection sends, with PT409 secret_in_use.';

create trigger _320_keep_secret_of_mcp_connections
  before delete on public.organization_secrets
  for each row
  execute function private.keep_secret_of_mcp_connections();

-- What was called stays in the log when the connection goes.
alter table public.tool_execution_logs
  add constraint tool_execution_logs_mcp_connection_id_fkey
    foreign key (mcp_connection_id, organization_id)
    references public.agent_mcp_connections (id, organization_id)
    on delete set null (mcp_connection_id);

create function private.stop_imported_mcp_connection(p_row jsonb, p_importer_ids uuid[])
returns jsonb
language sql
immutable
security invoker
set search_path = ''
as $$
  -- A document that is null is left out: a null there is the document null.
  select p_row - 'server_info' || jsonb_build_object(
    'is_active', false,
    'secret_id', null,
    'status', 'new',
    'last_error', null,
    'manifest_changed_at', null,
    'refreshed_at', null,
    'failed_refreshes', 0
  );
$$;

insert into private.transfer_rules (table_name, prepare_function, reason)
values (
  'agent_mcp_connections',
  'stop_imported_mcp_connection',
  'No server is called before somebody has looked at it; what it offers is asked anew.'
);
