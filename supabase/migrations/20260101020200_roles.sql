-- Roles: named sets of permissions. Five belong to the system and mean the same everywhere; an
-- organization adds its own, each no more than its author holds.
-- What a member holds in the end is kept on the membership
-- (20260101020300_organization_members.sql).

create table public.roles (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid default private.current_organization_id()
    references public.organizations (id) on delete cascade,
  name text not null,
  display_name text not null,
  description text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint roles_organization_id_name_key unique nulls not distinct (organization_id, name),
  constraint roles_id_organization_id_key unique (id, organization_id),
  constraint roles_name_check check (name ~ '^[a-z][a-z0-9_-]{0,49}$'),
  -- A second "owner" would be taken for the real one.
  constraint roles_name_is_free_check check (
    organization_id is null or name not in ('owner', 'admin', 'manager', 'member', 'guest')
  ),
  constraint roles_display_name_check check (char_length(display_name) between 1 and 100),
  constraint roles_description_check check (char_length(description) <= 1000)
);

comment on table public.roles is
  'A named set of permissions, of the system or of one organization.';
comment on column public.roles.organization_id is 'Null for the five roles of the system.';

create table public.role_permissions (
  role_id uuid not null references public.roles (id) on delete cascade,
  permission_key text not null
    references public.permissions (key) on update cascade on delete cascade,
  organization_id uuid,
  created_at timestamptz not null default now(),

  constraint role_permissions_pkey primary key (role_id, permission_key),
  constraint role_permissions_role_id_organization_id_fkey
    foreign key (role_id, organization_id)
    references public.roles (id, organization_id) on delete cascade
);

comment on table public.role_permissions is 'A permission that a role carries.';
comment on column public.role_permissions.organization_id is
  'That of the role, filled from it; null for the roles of the system.';

create index role_permissions_role_id_organization_id_idx
  on public.role_permissions (role_id, organization_id);
create index role_permissions_organization_id_idx on public.role_permissions (organization_id);
create index role_permissions_permission_key_idx on public.role_permissions (permission_key);

-- What the caller holds in an organization, for guards. Empty for strangers.
create function private.permissions_in(p_organization_id uuid)
returns text[]
language plpgsql
stable
security definer -- guards ask on behalf of callers who may not read memberships
set search_path = ''
as $$
begin
  return coalesce(
    (
      select organization_members.permissions
      from public.organization_members
      where organization_members.organization_id = p_organization_id
        and organization_members.user_id = auth.uid()
        and organization_members.status = 'active'
    ),
    '{}'
  );
end;
$$;

comment on function private.permissions_in(uuid) is
  'What the caller holds in an organization, for guard triggers. Policies use '
  'organizations_with().';

create function private.permissions_of_role(p_role_id uuid)
returns text[]
language plpgsql
stable
security definer -- guards ask about roles that the caller may not read
set search_path = ''
as $$
begin
  return array(
    select role_permissions.permission_key
    from public.role_permissions
    where role_permissions.role_id = p_role_id
    order by role_permissions.permission_key
  );
end;
$$;

comment on function private.permissions_of_role(uuid) is
  'The permissions that a role carries, sorted.';

-- The guards below stand before API roles alone: migrations, cascades and definer functions act as
-- the owner of the tables and answer for themselves.

create function private.protect_system_role()
returns trigger
language plpgsql
volatile
security definer -- looks at roles that the caller may not read
set search_path = ''
as $$
declare
  v_row constant jsonb := to_jsonb(coalesce(new, old));
  v_role_id constant uuid := coalesce(v_row ->> 'role_id', v_row ->> 'id');
begin
  if exists (
    select from public.roles where roles.id = v_role_id and roles.organization_id is null
  ) then
    raise sqlstate 'PT409' using
      message = 'Roles of the system cannot be changed',
      detail = 'system_role',
      hint = 'Define a role of your own with the permissions it should carry.';
  end if;

  return coalesce(new, old);
end;
$$;

comment on function private.protect_system_role() is
  'Trigger: refuses changes to the five roles of the system with PT409 system_role.';

-- No one grants more than they hold, nor touches a role that carries more.
create function private.hold_role_ceiling()
returns trigger
language plpgsql
volatile
security definer -- compares with memberships that the caller may not read
set search_path = ''
as $$
declare
  v_row constant jsonb := to_jsonb(coalesce(new, old));
  v_touched text[];
begin
  if tg_table_name = 'roles' then
    v_touched := private.permissions_of_role((v_row ->> 'id')::uuid);
  else
    v_touched := array[v_row ->> 'permission_key'];
  end if;

  if not v_touched <@ private.permissions_in((v_row ->> 'organization_id')::uuid) then
    raise sqlstate 'PT403' using
      message = 'Cannot change a role beyond the permissions you hold',
      detail = 'exceeds_own_permissions',
      hint = 'Ask someone who holds all of its permissions.';
  end if;

  return coalesce(new, old);
end;
$$;

comment on function private.hold_role_ceiling() is
  'Trigger: refuses changes to a role or a permission beyond what the caller holds with PT403 '
  'exceeds_own_permissions.';

-- The foreign key from organization_members cascades, so that an organization can go with all it
-- has; a role that goes alone must not take its members along.
create function private.keep_role_in_use()
returns trigger
language plpgsql
volatile
security definer -- counts members that the caller may not read
set search_path = ''
as $$
begin
  if exists (select from public.organizations where organizations.id = old.organization_id)
    and exists (select from public.organization_members where organization_members.role_id = old.id)
  then
    raise sqlstate 'PT409' using
      message = format('Role "%s" has members', old.name),
      detail = 'role_in_use',
      hint = 'Give its members another role first.';
  end if;

  return old;
end;
$$;

comment on function private.keep_role_in_use() is
  'Trigger: refuses to delete a role that members have with PT409 role_in_use, unless the '
  'organization goes too.';

create trigger _100_protect_system_role
  before update or delete on public.roles
  for each row
  when (old.organization_id is null and current_user in ('authenticated', 'service_role'))
  execute function private.protect_system_role();

create trigger _200_hold_ceiling
  before update or delete on public.roles
  for each row
  when (current_user = 'authenticated')
  execute function private.hold_role_ceiling();

create trigger _300_keep_role_in_use
  before delete on public.roles
  for each row
  execute function private.keep_role_in_use();

create trigger _900_touch_updated_at
  before update on public.roles
  for each row
  execute function private.touch_updated_at();

create trigger _050_inherit_organization
  before insert on public.role_permissions
  for each row
  when (new.organization_id is null)
  execute function private.inherit_organization('public.roles', 'role_id');

create trigger _100_protect_system_role
  before insert or update or delete on public.role_permissions
  for each row
  when (current_user in ('authenticated', 'service_role'))
  execute function private.protect_system_role();

create trigger _200_hold_ceiling
  before insert or delete on public.role_permissions
  for each row
  when (current_user = 'authenticated')
  execute function private.hold_role_ceiling();

alter table public.roles enable row level security;

-- What the roles of the system carry is no secret: this repository says it.
create policy select_member on public.roles
  for select
  to authenticated
  using (
    organization_id is null
    or organization_id = any ((select private.organizations_with('roles.read'))::uuid[])
  );

create policy insert_manager on public.roles
  for insert
  to authenticated
  with check (organization_id = any ((select private.organizations_with('roles.manage'))::uuid[]));

create policy update_manager on public.roles
  for update
  to authenticated
  using (organization_id = any ((select private.organizations_with('roles.manage'))::uuid[]))
  with check (organization_id = any ((select private.organizations_with('roles.manage'))::uuid[]));

create policy delete_manager on public.roles
  for delete
  to authenticated
  using (organization_id = any ((select private.organizations_with('roles.manage'))::uuid[]));

grant select, delete on public.roles to authenticated;
grant insert (organization_id, name, display_name, description) on public.roles to authenticated;
grant update (name, display_name, description) on public.roles to authenticated;
grant select, insert, update, delete on public.roles to service_role;

alter table public.role_permissions enable row level security;

create policy select_member on public.role_permissions
  for select
  to authenticated
  using (
    organization_id is null
    or organization_id = any ((select private.organizations_with('roles.read'))::uuid[])
  );

create policy insert_manager on public.role_permissions
  for insert
  to authenticated
  with check (organization_id = any ((select private.organizations_with('roles.manage'))::uuid[]));

create policy delete_manager on public.role_permissions
  for delete
  to authenticated
  using (organization_id = any ((select private.organizations_with('roles.manage'))::uuid[]));

grant select, delete on public.role_permissions to authenticated;
grant insert (organization_id, role_id, permission_key) on public.role_permissions to authenticated;
grant select, insert, delete on public.role_permissions to service_role;
-- No update: a row says only that a role carries a permission, so it is there or it is not.

-- The roles of the system. Looked up by name; their ids differ between databases.
insert into public.roles (organization_id, name, display_name, description) values
  (null, 'owner', 'Owner', 'May do everything. There is always at least one.'),
  (null, 'admin', 'Admin', 'Runs the organization: all but deleting it and setting its limits.'),
  (null, 'manager', 'Manager', 'Runs the work: agents, teams, tasks, workflows, knowledge.'),
  (null, 'member', 'Member', 'Works here: writes, creates agents and tasks, decides approvals.'),
  (null, 'guest', 'Guest', 'Reads what is public in the organization, and what they are added to.');

insert into public.role_permissions (role_id, permission_key)
select roles.id, permissions.key
from public.roles
cross join public.permissions
where roles.organization_id is null
  and (
    roles.name = 'owner'
    or roles.name = 'admin' and permissions.key not in ('organizations.delete', 'quotas.manage')
    or roles.name = 'manager' and permissions.key in (
      'organizations.read',
      'members.read', 'members.invite',
      'roles.read', 'secrets.read', 'quotas.read',
      'workspaces.read', 'workspaces.create',
      'channels.read', 'channels.create', 'channels.manage',
      'messages.read', 'messages.write', 'messages.moderate',
      'agents.read', 'agents.create', 'agents.run', 'agents.manage',
      'templates.read', 'templates.manage',
      'teams.read', 'teams.manage',
      'integrations.read', 'integrations.connect', 'integrations.manage',
      'tools.read', 'tools.execute', 'tools.manage',
      'knowledge.read', 'knowledge.write', 'knowledge.manage',
      'tasks.read', 'tasks.write', 'tasks.run', 'tasks.manage',
      'ai.read',
      'workflows.read', 'workflows.write', 'workflows.run', 'workflows.manage',
      'approvals.read', 'approvals.decide',
      'marketplace.read', 'marketplace.install',
      'infrastructure.read',
      'analytics.read', 'analytics.run', 'analytics.manage',
      'records.read', 'records.write', 'records.manage',
      'jobs.read'
    )
    or roles.name = 'member' and permissions.key in (
      'organizations.read',
      'members.read',
      'roles.read', 'quotas.read',
      'workspaces.read', 'workspaces.create',
      'channels.read', 'channels.create',
      'messages.read', 'messages.write',
      'agents.read', 'agents.create', 'agents.run',
      'templates.read',
      'teams.read',
      'integrations.read', 'integrations.connect',
      'tools.read', 'tools.execute',
      'knowledge.read', 'knowledge.write',
      'tasks.read', 'tasks.write', 'tasks.run',
      'ai.read',
      'workflows.read', 'workflows.run',
      'approvals.read', 'approvals.decide',
      'marketplace.read',
      'analytics.read', 'analytics.run',
      'records.read', 'records.write'
    )
    or roles.name = 'guest' and permissions.key in (
      'organizations.read',
      'members.read',
      'workspaces.read',
      'channels.read',
      'messages.read',
      'agents.read',
      'teams.read',
      'records.read'
    )
  );
