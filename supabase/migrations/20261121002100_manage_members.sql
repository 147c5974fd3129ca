-- Managing members by command: one RPC for each thing that can happen to a membership. The table's
-- grants stay for those who write it directly; both ways keep the same ceiling, the same last owner
-- and the same personal organization. What changes is in the membership's permissions within the
-- same transaction, so it holds from everyone's next statement on, also in sessions that are open.

-- A membership that the caller manages, locked, with the role it has: roles come before rows.
create function private.require_managed_member(p_organization_id uuid, p_user_id uuid)
returns public.organization_members
language plpgsql
volatile
security definer -- locks rows that the caller may not read
set search_path = ''
as $$
declare
  v_member public.organization_members;
begin
  perform private.require_permission(p_organization_id, 'members.manage');

  perform
  from public.roles
  where roles.id = (
    select organization_members.role_id
    from public.organization_members
    where organization_members.organization_id = p_organization_id
      and organization_members.user_id = p_user_id
  )
  for share;

  select organization_members.*
  into v_member
  from public.organization_members
  where organization_members.organization_id = p_organization_id
    and organization_members.user_id = p_user_id
  for no key update;

  if v_member.id is null then
    raise sqlstate 'PT404' using
      message = 'No member of the organization with that id',
      detail = 'member_not_found',
      hint = 'Pass the id of a user who belongs to the organization as p_user_id.';
  end if;

  -- Asked after the wait for the lock: the caller may have lost something meanwhile.
  perform private.require_permission(p_organization_id, 'members.manage');
  perform private.require_ceiling(
    p_organization_id,
    v_member.permissions || private.permissions_of_role(v_member.role_id)
  );
  return v_member;
end;
$$;

comment on function private.require_managed_member(uuid, uuid) is
  'The membership, locked. Raises permission_denied, member_not_found, exceeds_own_permissions.';

create function private.set_member_role(p_organization_id uuid, p_user_id uuid, p_role_id uuid)
returns public.organization_members
language plpgsql
volatile
security definer -- reads roles and memberships that the caller may not read
set search_path = ''
as $$
declare
  v_member public.organization_members;
begin
  perform private.require_permission(p_organization_id, 'members.manage');
  perform private.require_role(p_organization_id, p_role_id);
  v_member := private.require_managed_member(p_organization_id, p_user_id);
  perform private.require_ceiling(
    p_organization_id,
    private.permissions_of_role(p_role_id) || private.effective_permissions(
      private.permissions_of_role(p_role_id),
      v_member.custom_permissions
    )
  );

  update public.organization_members
  set role_id = p_role_id
  where organization_members.id = v_member.id
  returning * into v_member;

  return v_member;
end;
$$;

create function public.set_member_role(p_organization_id uuid, p_user_id uuid, p_role_id uuid)
returns public.organization_members
language sql
volatile
security invoker
set search_path = ''
as $$
  select * from private.set_member_role(p_organization_id, p_user_id, p_role_id);
$$;

comment on function public.set_member_role(uuid, uuid, uuid) is
  'Gives a member another role; their exceptions stay. Needs members.manage, and no less than the '
  'member holds before and after. Errors: permission_denied, member_not_found, role_not_found, '
  'exceeds_own_permissions, owner_without_exceptions, last_owner, personal_organization.';

create function private.set_member_permissions(
  p_organization_id uuid,
  p_user_id uuid,
  p_grant text[],
  p_deny text[]
)
returns public.organization_members
language plpgsql
volatile
security definer -- reads roles and memberships that the caller may not read
set search_path = ''
as $$
declare
  v_grant constant text[] := array(
    select distinct keys.key from unnest(p_grant) as keys (key) order by keys.key
  );
  v_deny constant text[] := array(
    select distinct keys.key from unnest(p_deny) as keys (key) order by keys.key
  );
  v_member public.organization_members;
begin
  v_member := private.require_managed_member(p_organization_id, p_user_id);
  perform private.require_known_permissions(v_grant || v_deny);
  perform private.require_ceiling(p_organization_id, v_grant);

  update public.organization_members
  set custom_permissions = jsonb_build_object('grant', to_jsonb(v_grant), 'deny', to_jsonb(v_deny))
  where organization_members.id = v_member.id
  returning * into v_member;

  return v_member;
end;
$$;

create function public.set_member_permissions(
  p_organization_id uuid,
  p_user_id uuid,
  p_grant text[],
  p_deny text[]
)
returns public.organization_members
language sql
volatile
security invoker
set search_path = ''
as $$
  select * from private.set_member_permissions(p_organization_id, p_user_id, p_grant, p_deny);
$$;

comment on function public.set_member_permissions(uuid, uuid, text[], text[]) is
  'Replaces a member''s exceptions from their role; deny wins. Needs members.manage, what the '
  'member holds, and what is granted. Errors: permission_denied, member_not_found, '
  'permission_unknown, exceeds_own_permissions, owner_without_exceptions.';

create function private.suspend_member(p_organization_id uuid, p_user_id uuid)
returns public.organization_members
language plpgsql
volatile
security definer -- reads roles and memberships that the caller may not read
set search_path = ''
as $$
declare
  v_member public.organization_members
    := private.require_managed_member(p_organization_id, p_user_id);
begin
  if v_member.status = 'invited' then
    raise sqlstate 'PT409' using
      message = 'Nobody is suspended who has not joined',
      detail = 'member_status_transition',
      hint = 'Remove the member instead.';
  end if;

  if v_member.status = 'active' then
    update public.organization_members
    set status = 'suspended'
    where organization_members.id = v_member.id
    returning * into v_member;
  end if;

  return v_member;
end;
$$;

create function public.suspend_member(p_organization_id uuid, p_user_id uuid)
returns public.organization_members
language sql
volatile
security invoker
set search_path = ''
as $$
  select * from private.suspend_member(p_organization_id, p_user_id);
$$;

comment on function public.suspend_member(uuid, uuid) is
  'Takes everything from a member but their place, from their next statement on. Again does '
  'nothing. Needs members.manage. Errors: permission_denied, member_not_found, '
  'exceeds_own_permissions, member_status_transition, last_owner, personal_organization.';

create function private.reactivate_member(p_organization_id uuid, p_user_id uuid)
returns public.organization_members
language plpgsql
volatile
security definer -- reads roles and memberships that the caller may not read
set search_path = ''
as $$
declare
  v_member public.organization_members
    := private.require_managed_member(p_organization_id, p_user_id);
begin
  if v_member.status = 'invited' then
    raise sqlstate 'PT409' using
      message = 'The invited accept for themselves',
      detail = 'member_status_transition',
      hint = 'Send their invitation again.';
  end if;

  if v_member.status = 'suspended' then
    update public.organization_members
    set status = 'active'
    where organization_members.id = v_member.id
    returning * into v_member;
  end if;

  return v_member;
end;
$$;

create function public.reactivate_member(p_organization_id uuid, p_user_id uuid)
returns public.organization_members
language sql
volatile
security invoker
set search_path = ''
as $$
  select * from private.reactivate_member(p_organization_id, p_user_id);
$$;

comment on function public.reactivate_member(uuid, uuid) is
  'Gives a suspended member back what they held. Again does nothing. Needs members.manage, and '
  'what the member gets. Errors: permission_denied, member_not_found, exceeds_own_permissions, '
  'member_status_transition.';

create function private.remove_member(p_organization_id uuid, p_user_id uuid)
returns void
language plpgsql
volatile
security definer -- reads roles and memberships that the caller may not read
set search_path = ''
as $$
declare
  v_member constant public.organization_members
    := private.require_managed_member(p_organization_id, p_user_id);
begin
  delete from public.organization_members where organization_members.id = v_member.id;
end;
$$;

create function public.remove_member(p_organization_id uuid, p_user_id uuid)
returns void
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.remove_member(p_organization_id, p_user_id);
$$;

comment on function public.remove_member(uuid, uuid) is
  'Parts a member from the organization and its workspaces. Needs members.manage. Errors: '
  'permission_denied, member_not_found, exceeds_own_permissions, last_owner, '
  'personal_organization.';

create function private.leave_organization(p_organization_id uuid)
returns void
language plpgsql
volatile
security definer -- the suspended and the invited may leave, too
set search_path = ''
as $$
begin
  delete from public.organization_members
  where organization_members.organization_id = p_organization_id
    and organization_members.user_id = auth.uid();

  if not found then
    raise sqlstate 'PT404' using
      message = 'You do not belong to an organization with that id',
      detail = 'organization_not_found',
      hint = 'Select from organization_members to see where you belong.';
  end if;
end;
$$;

create function public.leave_organization(p_organization_id uuid)
returns void
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.leave_organization(p_organization_id);
$$;

comment on function public.leave_organization(uuid) is
  'Parts the caller from an organization. Errors: organization_not_found, last_owner, '
  'personal_organization.';

-- Both rows are locked in the order of their ids before either is looked at: of two transfers at
-- once, the second sees what the first left.
create function private.transfer_ownership(p_organization_id uuid, p_user_id uuid)
returns public.organization_members
language plpgsql
volatile
security definer -- an owner need not hold the table's grants to hand all of them over
set search_path = ''
as $$
declare
  v_owner_role_id uuid;
  v_admin_role_id uuid;
  v_member public.organization_members;
begin
  select roles.id
  into v_admin_role_id
  from public.roles
  where roles.organization_id is null
    and roles.name = 'admin';

  select roles.id
  into v_owner_role_id
  from public.roles
  where roles.organization_id is null
    and roles.name = 'owner';

  perform
  from public.roles
  where roles.id in (v_owner_role_id, v_admin_role_id)
  order by roles.id
  for share;

  perform
  from public.organization_members
  where organization_members.organization_id = p_organization_id
    and organization_members.user_id in (auth.uid(), p_user_id)
  order by organization_members.id
  for no key update;

  if not exists (
    select
    from public.organization_members
    where organization_members.organization_id = p_organization_id
      and organization_members.user_id = auth.uid()
      and organization_members.role_id = v_owner_role_id
      and organization_members.status = 'active'
  ) then
    raise sqlstate 'PT403' using
      message = 'Only an owner hands an organization over',
      detail = 'permission_denied',
      hint = 'Ask an owner of the organization.';
  end if;

  select organization_members.*
  into v_member
  from public.organization_members
  where organization_members.organization_id = p_organization_id
    and organization_members.user_id = p_user_id
    and organization_members.user_id <> auth.uid()
    and organization_members.status = 'active';

  if v_member.id is null then
    raise sqlstate 'PT404' using
      message = 'No other active member of the organization with that id',
      detail = 'member_not_found',
      hint = 'Invite the person first, or make them active again.';
  end if;

  update public.organization_members
  set role_id = v_owner_role_id, custom_permissions = default
  where organization_members.id = v_member.id
  returning * into v_member;

  update public.organization_members
  set role_id = v_admin_role_id, custom_permissions = default
  where organization_members.organization_id = p_organization_id
    and organization_members.user_id = auth.uid();

  return v_member;
end;
$$;

create function public.transfer_ownership(p_organization_id uuid, p_user_id uuid)
returns public.organization_members
language sql
volatile
security invoker
set search_path = ''
as $$
  select * from private.transfer_ownership(p_organization_id, p_user_id);
$$;

comment on function public.transfer_ownership(uuid, uuid) is
  'Makes another active member owner and the caller, an owner, admin, both at once. Returns the '
  'membership of the new owner. Errors: permission_denied, member_not_found, '
  'personal_organization.';

-- Keys that no migration knows, and null, are refused before anything is compared with them.
create function private.require_known_permissions(p_permissions text[])
returns void
language plpgsql
stable
security definer -- independent of what the caller may read
set search_path = ''
as $$
declare
  v_unknown text;
begin
  select coalesce(keys.key, 'null')
  into v_unknown
  from unnest(p_permissions) as keys (key)
  where not exists (select from public.permissions where permissions.key = keys.key)
  limit 1;

  if found then
    raise sqlstate 'PT400' using
      message = format('No permission is called "%s"', left(v_unknown, 100)),
      detail = 'permission_unknown',
      hint = 'The table permissions lists them all.';
  end if;
end;
$$;

comment on function private.require_known_permissions(text[]) is
  'Raises PT400 permission_unknown for a key that is not in permissions.';

grant execute on function
  private.set_member_role(uuid, uuid, uuid),
  private.set_member_permissions(uuid, uuid, text[], text[]),
  private.suspend_member(uuid, uuid),
  private.reactivate_member(uuid, uuid),
  private.remove_member(uuid, uuid),
  private.leave_organization(uuid),
  private.transfer_ownership(uuid, uuid),
  public.set_member_role(uuid, uuid, uuid),
  public.set_member_permissions(uuid, uuid, text[], text[]),
  public.suspend_member(uuid, uuid),
  public.reactivate_member(uuid, uuid),
  public.remove_member(uuid, uuid),
  public.leave_organization(uuid),
  public.transfer_ownership(uuid, uuid)
to authenticated;
