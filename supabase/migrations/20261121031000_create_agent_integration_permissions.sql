-- Agent integration permissions: what an agent may do with a connection. A connection is somebody's
-- account at another service, so lending it takes whoever may manage both sides, and taking it back
-- takes either of them.
--
-- A permission says what was granted. Whether a call is allowed is asked anew each time, by
-- public.authorize_tool_call(): the connection may have been disconnected since.

create table public.agent_integration_permissions (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null,
  agent_id uuid not null,
  connection_id uuid not null,
  allowed_scopes jsonb not null default '[]',
  permission_level text not null default 'custom',
  is_active boolean not null default true,
  expires_at timestamptz,
  granted_by_user_id uuid references public.profiles (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  -- Granting again changes the permission there is.
  constraint agent_integration_permissions_agent_id_connection_id_key
    unique (agent_id, connection_id),
  -- Both name the organization of the row, so an agent never uses what belongs to another one.
  constraint agent_integration_permissions_agent_id_fkey
    foreign key (agent_id, organization_id) references public.agents (id, organization_id)
    on delete cascade,
  constraint agent_integration_permissions_connection_id_fkey
    foreign key (connection_id, organization_id)
    references public.user_integration_credentials (id, organization_id) on delete cascade,
  constraint agent_integration_permissions_allowed_scopes_check check (
    jsonb_typeof(allowed_scopes) = 'array'
  ),
  constraint agent_integration_permissions_permission_level_check check (
    permission_level in ('read_only', 'custom', 'full')
  )
);

comment on table public.agent_integration_permissions is
  'What an agent may do with a connection.';
comment on column public.agent_integration_permissions.connection_id is
  'The row of user_integration_credentials.';
comment on column public.agent_integration_permissions.allowed_scopes is
  'An array of scopes, within those that were granted to the connection.';
comment on column public.agent_integration_permissions.permission_level is
  'read_only: tools that only read, within allowed_scopes. custom: tools within allowed_scopes. '
  'full: whatever the connection may, also what it is granted later.';
comment on column public.agent_integration_permissions.is_active is 'False once it was revoked.';
comment on column public.agent_integration_permissions.expires_at is
  'After which it counts for nothing; null is for good.';

create index agent_integration_permissions_agent_id_organization_id_idx
  on public.agent_integration_permissions (agent_id, organization_id);
create index agent_integration_permissions_connection_id_organization_id_idx
  on public.agent_integration_permissions (connection_id, organization_id);
create index agent_integration_permissions_organization_id_idx
  on public.agent_integration_permissions (organization_id);
create index agent_integration_permissions_granted_by_user_id_idx
  on public.agent_integration_permissions (granted_by_user_id)
  where granted_by_user_id is not null;

create trigger _900_touch_updated_at
  before update on public.agent_integration_permissions
  for each row
  execute function private.touch_updated_at();

select private.enable_audit('public.agent_integration_permissions');

insert into private.transfer_rules (table_name, is_exported, is_imported, reason)
values (
  'agent_integration_permissions', true, false,
  'Tokens stay behind, so connections are made anew and lent anew.'
);

alter table public.agent_integration_permissions enable row level security;

-- The policies of agents and of connections decide which of the two there are.
create policy select_member on public.agent_integration_permissions
  for select
  to authenticated
  using (
    organization_id = any ((select private.organizations_with('integrations.read'))::uuid[])
    and (
      exists (
        select from public.agents where agents.id = agent_integration_permissions.agent_id
      )
      or exists (
        select
        from public.user_integration_credentials
        where user_integration_credentials.id = agent_integration_permissions.connection_id
      )
    )
  );

grant select on public.agent_integration_permissions to authenticated, service_role;
-- No insert, update or delete for anyone: granting and revoking look at both sides, in the
-- functions below.

-- Scopes, and what the provider says that they include.
create function private.scopes_with_implied(p_scopes jsonb, p_implied jsonb)
returns text[]
language sql
immutable
security invoker
set search_path = ''
as $$
  select array(
    select held.scope
    from jsonb_array_elements_text(p_scopes) as held (scope)
    union
    select included.scope
    from jsonb_array_elements_text(p_scopes) as held (scope)
    cross join lateral jsonb_array_elements_text(
      case
        when jsonb_typeof(p_implied -> held.scope) = 'array' then p_implied -> held.scope
        else '[]'
      end
    ) as included (scope)
  );
$$;

comment on function private.scopes_with_implied(jsonb, jsonb) is
  'An array of scopes with those that they include, by implied_scopes of a provider: '
  '{"<scope>": ["<included scope>"]}.';

-- Whether the caller may change an agent: owns it and still may have agents, or manages them all.
create function private.manages_agent(p_agent public.agents)
returns boolean
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_permissions constant text[] := private.permissions_in(p_agent.organization_id);
begin
  return coalesce(
    auth.role() = 'service_role'
    or 'agents.manage' = any (v_permissions)
    or p_agent.user_id = auth.uid() and 'agents.create' = any (v_permissions),
    false
  );
end;
$$;

comment on function private.manages_agent(public.agents) is
  'Whether the caller may change that agent. For guards that have read it already.';

create function private.grant_agent_integration_permission(
  p_agent_id uuid,
  p_connection_id uuid,
  p_allowed_scopes text[],
  p_permission_level text,
  p_expires_at timestamptz
)
returns public.agent_integration_permissions
language plpgsql
volatile
security definer -- nobody is granted to insert permissions
set search_path = ''
as $$
declare
  v_is_service constant boolean := coalesce(auth.role() = 'service_role', false);
  v_level constant text := coalesce(p_permission_level, 'custom');
  v_agent public.agents;
  v_connection public.user_integration_credentials;
  v_scopes text[];
  v_foreign text[];
  v_permission public.agent_integration_permissions;
begin
  select agents.*
  into v_agent
  from public.agents
  where agents.id = p_agent_id
    and (
      v_is_service
      or agents.organization_id = any (private.organizations_with('agents.read'))
      and (
        agents.visibility <> 'private'
        or agents.user_id = auth.uid()
        or agents.organization_id = any (private.organizations_with('agents.manage'))
      )
    );

  if v_agent.id is null then
    raise sqlstate 'PT404' using
      message = 'No agent with that id',
      detail = 'agent_not_found',
      hint = 'Select from agents to see those you can reach.';
  elsif not private.manages_agent(v_agent) then
    raise sqlstate 'PT403' using
      message = 'You may not decide what this agent may do',
      detail = 'permission_denied',
      hint = 'It takes its owner, or the permission agents.manage.';
  end if;

  -- Held against disconnecting, which takes back all that it finds. Others' are not locked.
  select user_integration_credentials.*
  into v_connection
  from public.user_integration_credentials
  where user_integration_credentials.id = p_connection_id
    and (
      v_is_service
      or user_integration_credentials.user_id = auth.uid()
      or user_integration_credentials.visibility = 'organization'
      and user_integration_credentials.organization_id
        = any (private.organizations_with('integrations.read'))
    )
  for share;

  if v_connection.id is null then
    raise sqlstate 'PT404' using
      message = 'No connection with that id',
      detail = 'connection_not_found',
      hint = 'Select from user_integration_credentials to see those you can reach.';
  elsif v_connection.organization_id <> v_agent.organization_id then
    raise sqlstate 'PT400' using
      message = 'An agent uses connections of its own organization',
      detail = 'connection_foreign',
      hint = 'Connect the account in the organization of the agent.';
  elsif not v_is_service and not (
    v_connection.user_id = auth.uid()
    and 'integrations.connect' = any (private.permissions_in(v_connection.organization_id))
    or v_connection.visibility = 'organization'
    and 'integrations.manage' = any (private.permissions_in(v_connection.organization_id))
  ) then
    raise sqlstate 'PT403' using
      message = 'You may not lend this connection to agents',
      detail = 'permission_denied',
      hint = 'It takes its owner, or integrations.manage where it is shared.';
  elsif v_connection.connection_status <> 'active' then
    raise sqlstate 'PT409' using
      message = format('The connection is %s', v_connection.connection_status),
      detail = 'connection_not_active',
      hint = 'Have its owner connect the account again.';
  elsif v_level not in ('read_only', 'custom', 'full') then
    raise sqlstate 'PT400' using
      message = format('No level of permission is called "%s"', left(v_level, 100)),
      detail = 'permission_level_unknown',
      hint = 'One of read_only, custom, full.';
  elsif p_expires_at <= now() then
    raise sqlstate 'PT400' using
      message = 'A permission expires in the future',
      detail = 'expiry_in_past',
      hint = 'Pass a later p_expires_at, or null for good.';
  end if;

  v_scopes := array(
    select distinct asked.scope
    from unnest(p_allowed_scopes) as asked (scope)
    where asked.scope is not null
    order by asked.scope
  );
  v_foreign := array(
    select asked.scope
    from unnest(v_scopes) as asked (scope)
    where asked.scope <> all (
      (
        select private.scopes_with_implied(
          coalesce(v_connection.scopes_granted, '[]'),
          service_providers.configuration_metadata -> 'implied_scopes'
        )
        from public.service_providers
        where service_providers.id = v_connection.service_provider_id
      )::text[]
    )
  );

  if v_foreign <> '{}' then
    raise sqlstate 'PT400' using
      message = format(
        'The connection itself does not have %s', left(array_to_string(v_foreign, ', '), 500)
      ),
      detail = 'scopes_not_granted',
      hint = 'Choose among its scopes_granted, or connect the account again with more.';
  end if;

  insert into public.agent_integration_permissions as permission
    (
      organization_id, agent_id, connection_id, allowed_scopes, permission_level, expires_at,
      granted_by_user_id
    )
  values (
    v_agent.organization_id, v_agent.id, v_connection.id, to_jsonb(v_scopes), v_level,
    p_expires_at, auth.uid()
  )
  on conflict on constraint agent_integration_permissions_agent_id_connection_id_key do update
  set
    allowed_scopes = excluded.allowed_scopes,
    permission_level = excluded.permission_level,
    is_active = true,
    expires_at = excluded.expires_at,
    granted_by_user_id = excluded.granted_by_user_id
  returning permission.* into v_permission;

  return v_permission;
exception
  when foreign_key_violation then
    raise sqlstate 'PT404' using
      message = 'The agent is no longer there',
      detail = 'agent_not_found',
      hint = 'Select from agents to see those you can reach.';
end;
$$;

create function private.revoke_agent_integration_permission(p_permission_id uuid)
returns public.agent_integration_permissions
language plpgsql
volatile
security definer -- nobody is granted to update permissions
set search_path = ''
as $$
declare
  v_permission public.agent_integration_permissions;
  v_agent public.agents;
  v_held text[];
begin
  select agent_integration_permissions.*
  into v_permission
  from public.agent_integration_permissions
  where agent_integration_permissions.id = p_permission_id;

  select agents.* into v_agent from public.agents where agents.id = v_permission.agent_id;
  v_held := private.permissions_in(v_permission.organization_id);

  -- Taking back needs less than granting: either side, also once one may no longer connect.
  if not coalesce(
    private.manages_agent(v_agent)
    or 'integrations.manage' = any (v_held)
    or exists (
      select
      from public.user_integration_credentials
      where user_integration_credentials.id = v_permission.connection_id
        and user_integration_credentials.user_id = auth.uid()
    ),
    false
  ) then
    if 'integrations.read' = any (v_held) then
      raise sqlstate 'PT403' using
        message = 'You may not take this permission back',
        detail = 'permission_denied',
        hint = 'It takes the owner of the agent or of the connection, or integrations.manage.';
    end if;
    v_permission := null;
  end if;

  if v_permission.id is null then
    raise sqlstate 'PT404' using
      message = 'No permission with that id',
      detail = 'permission_not_found',
      hint = 'get_agent_integration_permissions() lists those of an agent.';
  end if;

  update public.agent_integration_permissions
  set is_active = false
  where agent_integration_permissions.id = v_permission.id
  returning agent_integration_permissions.* into v_permission;

  return v_permission;
end;
$$;

create function public.grant_agent_integration_permission(
  p_agent_id uuid,
  p_connection_id uuid,
  p_allowed_scopes text[],
  p_permission_level text,
  p_expires_at timestamptz default null
)
returns public.agent_integration_permissions
language sql
volatile
security invoker
set search_path = ''
as $$
  select *
  from private.grant_agent_integration_permission(
    p_agent_id, p_connection_id, p_allowed_scopes, p_permission_level, p_expires_at
  );
$$;

create function public.revoke_agent_integration_permission(p_permission_id uuid)
returns public.agent_integration_permissions
language sql
volatile
security invoker
set search_path = ''
as $$
  select * from private.revoke_agent_integration_permission(p_permission_id);
$$;

-- Read as the caller: what the policies hide is not there, or without the connection's name.
create function public.get_agent_integration_permissions(p_agent_id uuid)
returns table (
  permission_id uuid,
  agent_id uuid,
  connection_id uuid,
  provider_name text,
  provider_display_name text,
  connection_name text,
  connection_status text,
  allowed_scopes jsonb,
  permission_level text,
  is_active boolean,
  expires_at timestamptz,
  granted_by_user_id uuid,
  granted_at timestamptz
)
language sql
stable
security invoker
set search_path = ''
as $$
  select
    agent_integration_permissions.id,
    agent_integration_permissions.agent_id,
    agent_integration_permissions.connection_id,
    service_providers.name,
    service_providers.display_name,
    user_integration_credentials.connection_name,
    user_integration_credentials.connection_status::text,
    agent_integration_permissions.allowed_scopes,
    agent_integration_permissions.permission_level,
    agent_integration_permissions.is_active,
    agent_integration_permissions.expires_at,
    agent_integration_permissions.granted_by_user_id,
    agent_integration_permissions.created_at
  from public.agent_integration_permissions
  left join public.user_integration_credentials
    on user_integration_credentials.id = agent_integration_permissions.connection_id
  left join public.service_providers
    on service_providers.id = user_integration_credentials.service_provider_id
  where agent_integration_permissions.agent_id = p_agent_id
  order by service_providers.display_name, agent_integration_permissions.created_at;
$$;

comment on function public.grant_agent_integration_permission(
  uuid, uuid, text[], text, timestamptz
) is
  'Lends a connection to an agent, or changes what was lent. Needs both: to own the agent or hold '
  'agents.manage; to own the connection, or hold integrations.manage where it is shared. Levels: '
  'read_only, custom (the scopes given), full (all that the connection has). Errors: '
  'agent_not_found, connection_not_found, permission_denied, connection_foreign, '
  'connection_not_active, permission_level_unknown, expiry_in_past, scopes_not_granted.';
comment on function public.revoke_agent_integration_permission(uuid) is
  'Takes back what was lent to an agent; again changes nothing. For whoever manages the agent, '
  'owns the connection, or holds integrations.manage. Errors: permission_not_found, '
  'permission_denied.';
comment on function public.get_agent_integration_permissions(uuid) is
  'What an agent may do with which connections, also what was revoked. Needs integrations.read; '
  'of others'' personal connections only that they are lent.';

grant execute on function
  private.grant_agent_integration_permission(uuid, uuid, text[], text, timestamptz),
  private.revoke_agent_integration_permission(uuid),
  public.grant_agent_integration_permission(uuid, uuid, text[], text, timestamptz),
  public.revoke_agent_integration_permission(uuid),
  public.get_agent_integration_permissions(uuid)
to authenticated, service_role;
