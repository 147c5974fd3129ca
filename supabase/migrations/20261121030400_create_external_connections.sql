-- External connections: what a workspace uses of the organization's connections, under a name and
-- with settings of its own. The record is the workspace's and stays when the connection ends; then
-- it names none until somebody gives it another.

create table public.external_connections (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null,
  workspace_id uuid not null,
  connection_id uuid,
  name text not null,
  description text,
  config jsonb not null default '{}',
  is_active boolean not null default true,
  created_by_user_id uuid default auth.uid() references public.profiles (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint external_connections_workspace_id_name_key unique (workspace_id, name),
  constraint external_connections_workspace_id_fkey foreign key (workspace_id, organization_id)
    references public.workspaces (id, organization_id) on delete cascade,
  constraint external_connections_connection_id_fkey foreign key (connection_id, organization_id)
    references public.user_integration_credentials (id, organization_id)
    on delete set null (connection_id),
  constraint external_connections_created_by_user_id_organization_id_fkey
    foreign key (created_by_user_id, organization_id)
    references public.organization_members (user_id, organization_id)
    on delete set null (created_by_user_id),
  constraint external_connections_name_check check (char_length(name) between 1 and 100),
  constraint external_connections_description_check check (char_length(description) <= 5000),
  constraint external_connections_config_check check (jsonb_typeof(config) = 'object')
);

comment on table public.external_connections is 'What a workspace uses of a connection.';
comment on column public.external_connections.connection_id is
  'Null when the connection is gone.';
comment on column public.external_connections.config is
  'What of it the workspace uses, as a folder or a channel. Never credentials.';
comment on column public.external_connections.created_by_user_id is
  'Null when they left the organization.';

create index external_connections_organization_id_idx
  on public.external_connections (organization_id);
create index external_connections_workspace_id_organization_id_idx
  on public.external_connections (workspace_id, organization_id);
create index external_connections_connection_id_organization_id_idx
  on public.external_connections (connection_id, organization_id);
create index external_connections_created_by_user_id_organization_id_idx
  on public.external_connections (created_by_user_id, organization_id)
  where created_by_user_id is not null;

-- A workspace is given a connection by who may use it themselves. One they cannot see is not there.
create function private.require_own_connection()
returns trigger
language plpgsql
volatile
security definer -- connections are read past their own policies
set search_path = ''
as $$
begin
  if auth.uid() is not null and not exists (
    select
    from public.user_integration_credentials
    where user_integration_credentials.id = new.connection_id
      and user_integration_credentials.organization_id = new.organization_id
      and user_integration_credentials.organization_id
        = any ((select private.organizations_with('integrations.read'))::uuid[])
      and (
        user_integration_credentials.user_id = auth.uid()
        or user_integration_credentials.visibility = 'organization'
      )
  ) then
    perform private.raise_connection_not_found();
  end if;

  return new;
end;
$$;

comment on function private.require_own_connection() is
  'Trigger: refuses a connection that the caller cannot see with PT404 connection_not_found.';

create trigger _050_inherit_organization
  before insert on public.external_connections
  for each row
  when (new.organization_id is null)
  execute function private.inherit_organization('public.workspaces', 'workspace_id');

create trigger _200_require_connection
  before insert or update of connection_id on public.external_connections
  for each row
  when (new.connection_id is not null)
  execute function private.require_own_connection();

create trigger _900_touch_updated_at
  before update on public.external_connections
  for each row
  execute function private.touch_updated_at();

select private.guard_configuration('public.external_connections', 'config');
select private.enable_audit('public.external_connections');

alter table public.external_connections enable row level security;

create policy select_member on public.external_connections
  for select
  to authenticated
  using (workspace_id = any ((select private.workspaces_with('integrations.read'))::uuid[]));

create policy insert_manager on public.external_connections
  for insert
  to authenticated
  with check (
    created_by_user_id = (select auth.uid())
    and workspace_id = any ((select private.workspaces_with('integrations.manage'))::uuid[])
  );

create policy update_manager on public.external_connections
  for update
  to authenticated
  using (workspace_id = any ((select private.workspaces_with('integrations.manage'))::uuid[]))
  with check (
    workspace_id = any ((select private.workspaces_with('integrations.manage'))::uuid[])
  );

create policy delete_manager on public.external_connections
  for delete
  to authenticated
  using (workspace_id = any ((select private.workspaces_with('integrations.manage'))::uuid[]));

grant select, delete on public.external_connections to authenticated;
grant insert (
  id, organization_id, workspace_id, connection_id, name, description, config, is_active,
  created_by_user_id
) on public.external_connections to authenticated;
-- It stays in its workspace.
grant update (connection_id, name, description, config, is_active)
  on public.external_connections to authenticated;
grant select, insert, update, delete on public.external_connections to service_role;
