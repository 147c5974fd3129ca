-- Organization members: who belongs to an organization, in which role, and what they hold in the
-- end. `permissions` is that end: the role's permissions, plus what custom_permissions grants,
-- minus what it denies. Triggers keep it, in the same transaction as whatever it follows from, so
-- that every policy reads one small row per membership, and a change takes effect with the next
-- statement.

create table public.organization_members (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  user_id uuid not null references public.profiles (id) on delete cascade,
  -- Cascades so that an organization can go at once; private.keep_role_in_use() refuses the rest.
  role_id uuid not null references public.roles (id) on delete cascade,
  custom_permissions jsonb not null default '{"grant": [], "deny": []}',
  permissions text[] not null default '{}',
  status text not null default 'active',
  invited_by_user_id uuid references public.profiles (id) on delete set null,
  joined_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint organization_members_organization_id_user_id_key unique (organization_id, user_id),
  constraint organization_members_status_check check (status in ('invited', 'active', 'suspended')),
  constraint organization_members_joined_at_check check (
    status <> 'active' or joined_at is not null
  ),
  constraint organization_members_custom_permissions_check check (
    jsonb_typeof(custom_permissions) = 'object'
    and custom_permissions - array['grant', 'deny'] = '{}'
    and jsonb_typeof(coalesce(custom_permissions -> 'grant', '[]')) = 'array'
    and jsonb_typeof(coalesce(custom_permissions -> 'deny', '[]')) = 'array'
  )
);

comment on table public.organization_members is 'A person''s place in an organization.';
comment on column public.organization_members.custom_permissions is
  'Exceptions from the role: {"grant": [keys], "deny": [keys]}. Deny wins.';
comment on column public.organization_members.permissions is
  'What the member holds in the end. Kept by triggers, sorted; never written by clients.';
comment on column public.organization_members.status is
  'invited: has not accepted yet; suspended: keeps the place, holds nothing.';
comment on column public.organization_members.joined_at is 'When the member first became active.';

create index organization_members_user_id_idx on public.organization_members (user_id);
create index organization_members_role_id_idx on public.organization_members (role_id);
create index organization_members_invited_by_user_id_idx
  on public.organization_members (invited_by_user_id)
  where invited_by_user_id is not null;

-- Role's permissions plus grants minus denials, sorted.
create function private.effective_permissions(p_role_permissions text[], p_custom jsonb)
returns text[]
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  if p_custom = '{"grant": [], "deny": []}' then
    return p_role_permissions;
  end if;

  return array(
    select granted.key
    from (
      select unnest(p_role_permissions) as key
      union
      select jsonb_array_elements_text(coalesce(p_custom -> 'grant', '[]'))
    ) as granted
    where not coalesce(p_custom -> 'deny' ? granted.key, false)
    order by granted.key
  );
end;
$$;

comment on function private.effective_permissions(text[], jsonb) is
  'What a role''s permissions become by the exceptions of a member.';

-- Locks the role against private.spread_role_permissions(): a change to the role either is seen
-- here or waits and then sees this row.
create function private.derive_member_permissions()
returns trigger
language plpgsql
volatile
security definer -- reads roles that the writer may not read
set search_path = ''
as $$
declare
  v_unknown text;
  v_is_owner boolean;
begin
  if new.status = 'active' and new.joined_at is null then
    new.joined_at := now();
  end if;

  select roles.organization_id is null and roles.name = 'owner'
  into v_is_owner
  from public.roles
  where roles.id = new.role_id
    and (roles.organization_id is null or roles.organization_id = new.organization_id)
  for share;

  if not found then
    raise sqlstate 'PT404' using
      message = 'No such role in this organization',
      detail = 'role_not_found',
      hint = 'Take the id of a role of the system or of this organization.';
  end if;

  if new.custom_permissions <> '{"grant": [], "deny": []}' then
    -- An owner who is denied something would be an owner in name: the last one could be locked out.
    if v_is_owner and new.custom_permissions not in ('{}', '{"grant": []}', '{"deny": []}') then
      raise sqlstate 'PT409' using
        message = 'There are no exceptions for an owner',
        detail = 'owner_without_exceptions',
        hint = 'Clear custom_permissions, or give the member another role.';
    end if;

    select custom.key
    into v_unknown
    from (
      select jsonb_array_elements_text(coalesce(new.custom_permissions -> 'grant', '[]')) as key
      union all
      select jsonb_array_elements_text(coalesce(new.custom_permissions -> 'deny', '[]'))
    ) as custom
    where not exists (select from public.permissions where permissions.key = custom.key)
    limit 1;

    if found then
      raise sqlstate 'PT400' using
        message = format('No permission is called "%s"', left(v_unknown, 100)),
        detail = 'permission_unknown',
        hint = 'The table permissions lists them all.';
    end if;
  end if;

  new.permissions := private.effective_permissions(
    private.permissions_of_role(new.role_id),
    new.custom_permissions
  );
  return new;
end;
$$;

comment on function private.derive_member_permissions() is
  'Trigger: fills organization_members.permissions from role and exceptions. Raises '
  'role_not_found, permission_unknown, owner_without_exceptions.';

-- Carries a change of a role's permissions to all of its members, in one statement.
create function private.spread_role_permissions()
returns trigger
language plpgsql
volatile
security definer -- writes a column that nobody is granted
set search_path = ''
as $$
begin
  perform
  from public.roles
  where roles.id in (select changed.role_id from changed)
  order by roles.id
  for no key update;

  update public.organization_members
  set permissions = private.effective_permissions(
    touched.permissions,
    organization_members.custom_permissions
  )
  from (
    select distinct changed.role_id, private.permissions_of_role(changed.role_id) as permissions
    from changed
  ) as touched
  where organization_members.role_id = touched.role_id
    and organization_members.permissions is distinct from private.effective_permissions(
      touched.permissions,
      organization_members.custom_permissions
    );

  return null;
end;
$$;

comment on function private.spread_role_permissions() is
  'Trigger: rewrites the effective permissions of all members whose role changed.';

-- Nobody changes a member who holds more than they do, nor lends anyone more than they hold. That
-- covers one's own row too: down is possible, up is not.
create function private.hold_member_ceiling()
returns trigger
language plpgsql
volatile
security definer -- compares with roles and memberships that the caller may not read
set search_path = ''
as $$
declare
  v_touched text[] := old.permissions || private.permissions_of_role(old.role_id);
begin
  -- Leaving is everyone's right.
  if tg_op = 'DELETE' and old.user_id = auth.uid() then
    return old;
  end if;

  if tg_op = 'UPDATE' then
    v_touched := v_touched || new.permissions || private.permissions_of_role(new.role_id);
  end if;

  if not v_touched <@ private.permissions_in(old.organization_id) then
    raise sqlstate 'PT403' using
      message = 'Cannot manage a member beyond the permissions you hold',
      detail = 'exceeds_own_permissions',
      hint = 'Ask someone who holds at least what the member holds, or should hold.';
  end if;

  if tg_op = 'DELETE' then
    return old;
  end if;

  -- An invitation is accepted by the invited; a member is not made invited again.
  if new.status is distinct from old.status and 'invited' in (old.status, new.status) then
    raise sqlstate 'PT409' using
      message = format('Cannot make a member %s who is %s', new.status, old.status),
      detail = 'member_status_transition',
      hint = 'Members can be suspended and made active again; the invited accept for themselves.';
  end if;

  return new;
end;
$$;

comment on function private.hold_member_ceiling() is
  'Trigger before API users: PT403 exceeds_own_permissions, PT409 member_status_transition.';

-- A personal organization is always its user's, whoever else owns it.
-- An organization without an active owner would be nobody's. The organization's row is the lock: of
-- two owners who step down at once, the second waits, sees the first gone, and is refused.
create function private.keep_an_owner()
returns trigger
language plpgsql
volatile
security definer -- counts members that the caller may not read
set search_path = ''
as $$
declare
  v_owner_role_id constant uuid := (
    select roles.id from public.roles where roles.organization_id is null and roles.name = 'owner'
  );
  v_organization public.organizations;
begin
  if old.role_id <> v_owner_role_id
    or old.status <> 'active'
    or tg_op = 'UPDATE' and new.role_id = v_owner_role_id and new.status = 'active'
  then
    return null;
  end if;

  select *
  into v_organization
  from public.organizations
  where organizations.id = old.organization_id
  for no key update;

  -- The organization goes, and its members with it.
  if not found then
    return null;
  end if;

  if v_organization.is_personal and v_organization.created_by_user_id = old.user_id then
    raise sqlstate 'PT409' using
      message = 'Nobody is parted from their personal organization',
      detail = 'personal_organization',
      hint = 'It goes when its user is deleted.';
  end if;

  if not exists (
    select
    from public.organization_members
    where organization_members.organization_id = old.organization_id
      and organization_members.role_id = v_owner_role_id
      and organization_members.status = 'active'
  ) then
    raise sqlstate 'PT409' using
      message = 'The last owner of an organization cannot go',
      detail = 'last_owner',
      hint = 'Make another member owner first, or delete the organization.';
  end if;

  return null;
end;
$$;

comment on function private.keep_an_owner() is
  'Constraint trigger: refuses to lose the last active owner with PT409 last_owner, and the user '
  'of a personal organization with PT409 personal_organization.';

create trigger _100_derive_permissions
  before insert or update of organization_id, role_id, custom_permissions, status
  on public.organization_members
  for each row
  execute function private.derive_member_permissions();

create trigger _200_hold_ceiling
  before update or delete on public.organization_members
  for each row
  when (current_user = 'authenticated')
  execute function private.hold_member_ceiling();

create constraint trigger _500_keep_an_owner
  after delete or update of organization_id, role_id, status on public.organization_members
  deferrable initially immediate
  for each row
  execute function private.keep_an_owner();

create trigger _900_touch_updated_at
  before update on public.organization_members
  for each row
  execute function private.touch_updated_at();

-- A role's set changed, whoever changed it. A transition table serves one event, so there are four.
create trigger _500_spread_inserted
  after insert on public.role_permissions
  referencing new table as changed
  for each statement
  execute function private.spread_role_permissions();

create trigger _500_spread_deleted
  after delete on public.role_permissions
  referencing old table as changed
  for each statement
  execute function private.spread_role_permissions();

create trigger _500_spread_updated_from
  after update on public.role_permissions
  referencing old table as changed
  for each statement
  execute function private.spread_role_permissions();

create trigger _500_spread_updated_to
  after update on public.role_permissions
  referencing new table as changed
  for each statement
  execute function private.spread_role_permissions();

alter table public.organization_members enable row level security;

-- One's own row always, so that an invitation or a suspension can be shown.
create policy select_member on public.organization_members
  for select
  to authenticated
  using (
    user_id = (select auth.uid())
    or organization_id = any ((select private.organizations_with('members.read'))::uuid[])
  );

create policy update_manager on public.organization_members
  for update
  to authenticated
  using (organization_id = any ((select private.organizations_with('members.manage'))::uuid[]))
  with check (
    organization_id = any ((select private.organizations_with('members.manage'))::uuid[])
  );

create policy delete_manager on public.organization_members
  for delete
  to authenticated
  using (
    user_id = (select auth.uid())
    or organization_id = any ((select private.organizations_with('members.manage'))::uuid[])
  );

grant select, delete on public.organization_members to authenticated;
grant update (role_id, custom_permissions, status) on public.organization_members to authenticated;
grant select, delete on public.organization_members to service_role;
grant
  insert (
    id, organization_id, user_id, role_id, custom_permissions, status, invited_by_user_id, joined_at
  ),
  update (role_id, custom_permissions, status, invited_by_user_id, joined_at)
  on public.organization_members to service_role;
-- No insert for people: nobody becomes a member without saying yes.
-- No write of permissions for anyone, the service included: they follow from the other columns.

-- People see those with whom they share an organization. The subquery is under the policy above.
create policy select_fellow on public.profiles
  for select
  to authenticated
  using (
    id = (select auth.uid())
    or exists (
      select
      from public.organization_members
      where organization_members.user_id = profiles.id
    )
  );
