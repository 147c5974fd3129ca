-- Workspaces: where people and agents of an organization meet. Private ones are for their members;
-- public ones can be read by all of the organization who hold workspaces.read. Each person has a
-- personal one per organization, made with their first direct conversation with an agent: nobody
-- else ever gets in, whatever they hold.

-- From the highest to the lowest, so that they compare. Each stands for the system role of its
-- name.
create type public.workspace_member_role as enum ('owner', 'admin', 'member', 'guest');

create table public.workspaces (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null default private.current_organization_id()
    references public.organizations (id) on delete cascade,
  name text not null,
  description text,
  owner_user_id uuid default auth.uid() references public.profiles (id) on delete set null,
  is_public boolean not null default false,
  is_personal boolean not null default false,
  settings jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint workspaces_id_organization_id_key unique (id, organization_id),
  constraint workspaces_owner_user_id_organization_id_fkey
    foreign key (owner_user_id, organization_id)
    references public.organization_members (user_id, organization_id)
    on delete set null (owner_user_id),
  constraint workspaces_name_check check (char_length(name) between 1 and 100),
  constraint workspaces_description_check check (char_length(description) <= 5000),
  constraint workspaces_is_personal_check check (not (is_personal and is_public)),
  constraint workspaces_settings_check check (jsonb_typeof(settings) = 'object')
);

comment on table public.workspaces is 'Where people and agents of an organization meet.';
comment on column public.workspaces.owner_user_id is
  'Who made it. What they may do follows from their place in workspace_members.';
comment on column public.workspaces.is_public is
  'Whether everyone in the organization who holds workspaces.read may read it.';
comment on column public.workspaces.is_personal is
  'Holds one person''s direct conversations with agents. Made by open_agent_conversation() alone.';

create index workspaces_organization_id_created_at_id_idx
  on public.workspaces (organization_id, created_at desc, id desc);
create index workspaces_owner_user_id_organization_id_idx
  on public.workspaces (owner_user_id, organization_id);
create index workspaces_public_idx on public.workspaces (organization_id)
  where is_public;
create unique index workspaces_personal_key on public.workspaces (organization_id, owner_user_id)
  where is_personal;

create trigger _900_touch_updated_at
  before update on public.workspaces
  for each row
  execute function private.touch_updated_at();

-- Which places in a workspace carry a permission follows from the system roles. It is asked with
-- every statement and changes with migrations alone, so it is kept with the permission.
alter table public.permissions
  add column workspace_roles public.workspace_member_role[] not null default '{}';

comment on column public.permissions.workspace_roles is
  'The places in a workspace that carry it: those whose system role does. Kept by triggers.';

create function private.spread_workspace_roles()
returns trigger
language plpgsql
volatile
security definer -- writes a column that nobody is granted
set search_path = ''
as $$
begin
  update public.permissions
  set workspace_roles = array(
    select roles.name::public.workspace_member_role
    from public.role_permissions
    join public.roles on roles.id = role_permissions.role_id
    where role_permissions.permission_key = permissions.key
      and roles.organization_id is null
      and roles.name in ('owner', 'admin', 'member', 'guest')
    order by 1
  )
  where permissions.key in (
    select changed.permission_key from changed where changed.organization_id is null
  );

  return null;
end;
$$;

comment on function private.spread_workspace_roles() is
  'Trigger: keeps permissions.workspace_roles when a role of the system changes.';

create trigger _600_spread_inserted_to_workspaces
  after insert on public.role_permissions
  referencing new table as changed
  for each statement
  execute function private.spread_workspace_roles();

create trigger _600_spread_deleted_to_workspaces
  after delete on public.role_permissions
  referencing old table as changed
  for each statement
  execute function private.spread_workspace_roles();

create trigger _600_spread_updated_from_to_workspaces
  after update on public.role_permissions
  referencing old table as changed
  for each statement
  execute function private.spread_workspace_roles();

create trigger _600_spread_updated_to_to_workspaces
  after update on public.role_permissions
  referencing new table as changed
  for each statement
  execute function private.spread_workspace_roles();

update public.permissions
set workspace_roles = array(
  select roles.name::public.workspace_member_role
  from public.role_permissions
  join public.roles on roles.id = role_permissions.role_id
  where role_permissions.permission_key = permissions.key
    and roles.organization_id is null
    and roles.name in ('owner', 'admin', 'member', 'guest')
  order by 1
);

-- The other tenancy helper: the workspaces in which the caller, an active member of the
-- organization, holds a permission. There are three ways to hold it:
--   * by a place in the workspace: the system role of that name carries it, and the organization
--     does not deny it to this member;
--   * by workspaces.manage in the organization, together with the permission itself;
--   * for '*.read', by holding it in the organization when the workspace is public.
-- A personal workspace is reached by the first way alone.
create function private.workspaces_with(p_permission text)
returns uuid[]
language plpgsql
stable
security definer -- policies on workspace_members would ask it about itself
set search_path = ''
as $$
declare
  v_user_id constant uuid := auth.uid();
begin
  return array(
    select workspace_members.workspace_id
    from public.workspace_members
    join public.organization_members
      on organization_members.organization_id = workspace_members.organization_id
      and organization_members.user_id = workspace_members.user_id
    where workspace_members.user_id = v_user_id
      and workspace_members.role = any (
        (
          select permissions.workspace_roles
          from public.permissions
          where permissions.key = p_permission
        )::public.workspace_member_role[]
      )
      and organization_members.status = 'active'
      and not coalesce(organization_members.custom_permissions -> 'deny' ? p_permission, false)
    union
    select workspaces.id
    from public.organization_members
    join public.workspaces
      on workspaces.organization_id = organization_members.organization_id
    where organization_members.user_id = v_user_id
      and organization_members.status = 'active'
      and 'workspaces.manage' = any (organization_members.permissions)
      and p_permission = any (organization_members.permissions)
      and not workspaces.is_personal
    union
    select workspaces.id
    from public.organization_members
    join public.workspaces
      on workspaces.organization_id = organization_members.organization_id
    where organization_members.user_id = v_user_id
      and organization_members.status = 'active'
      and p_permission = any (organization_members.permissions)
      and p_permission like '%.read'
      and workspaces.is_public
  );
end;
$$;

comment on function private.workspaces_with(text) is
  'The workspaces in which the caller holds the permission, by their place there, by '
  'workspaces.manage, or because they are public. For policies.';

grant execute on function private.workspaces_with(text) to authenticated;

alter table public.workspaces enable row level security;

-- The owner is named apart so that an insert can return its row: the place in it is not there yet.
create policy select_member on public.workspaces
  for select
  to authenticated
  using (
    id = any ((select private.workspaces_with('workspaces.read'))::uuid[])
    or owner_user_id = (select auth.uid())
    and organization_id = any ((select private.organizations_with('workspaces.read'))::uuid[])
  );

create policy insert_creator on public.workspaces
  for insert
  to authenticated
  with check (
    owner_user_id = (select auth.uid())
    and organization_id = any ((select private.organizations_with('workspaces.create'))::uuid[])
  );

create policy update_manager on public.workspaces
  for update
  to authenticated
  using (id = any ((select private.workspaces_with('workspaces.manage'))::uuid[]))
  with check (id = any ((select private.workspaces_with('workspaces.manage'))::uuid[]));

-- Deleting takes every conversation along, so the admins of a workspace cannot: its owner can, and
-- who manages all workspaces of the organization.
create policy delete_owner on public.workspaces
  for delete
  to authenticated
  using (
    id = any ((select private.workspaces_with('workspaces.manage'))::uuid[])
    and (
      owner_user_id = (select auth.uid())
      or organization_id = any ((select private.organizations_with('workspaces.manage'))::uuid[])
    )
  );

grant select, delete on public.workspaces to authenticated;
grant insert (id, organization_id, name, description, owner_user_id, is_public, settings)
  on public.workspaces to authenticated;
grant update (name, description, is_public, settings) on public.workspaces to authenticated;
grant select, insert, update, delete on public.workspaces to service_role;
