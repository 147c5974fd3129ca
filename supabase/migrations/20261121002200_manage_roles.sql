-- Managing roles by command: a role comes with its permissions in one step, and goes without
-- leaving its members behind. The tables' grants stay for those who write them directly; both ways
-- keep the same ceiling.

create function private.create_role(
  p_organization_id uuid,
  p_name text,
  p_display_name text,
  p_permissions text[],
  p_description text
)
returns public.roles
language plpgsql
volatile
security definer -- compares with memberships that the caller may not read
set search_path = ''
as $$
declare
  v_role public.roles;
  v_constraint text;
  v_column text;
begin
  perform private.require_permission(p_organization_id, 'roles.manage');
  perform private.require_known_permissions(p_permissions);
  perform private.require_ceiling(p_organization_id, coalesce(p_permissions, '{}'));

  insert into public.roles (organization_id, name, display_name, description)
  values (p_organization_id, p_name, btrim(p_display_name), nullif(btrim(p_description), ''))
  returning * into v_role;

  insert into public.role_permissions (role_id, organization_id, permission_key)
  select distinct v_role.id, p_organization_id, keys.key
  from unnest(p_permissions) as keys (key);

  return v_role;
exception
  when unique_violation then
    raise sqlstate 'PT409' using
      message = format('A role is called "%s" already', left(p_name, 100)),
      detail = 'role_name_taken',
      hint = 'Choose another name, or change that role.';
  when check_violation or not_null_violation then
    get stacked diagnostics v_constraint = constraint_name, v_column = column_name;
    if v_constraint = 'roles_name_is_free_check' then
      raise sqlstate 'PT400' using
        message = format('"%s" is a role of the system', p_name),
        detail = 'role_name_reserved',
        hint = 'Choose another name.';
    elsif v_constraint = 'roles_name_check' or v_column = 'name' then
      raise sqlstate 'PT400' using
        message = 'The name of a role is 1 to 50 lowercase letters, digits, _ and -',
        detail = 'role_name_invalid',
        hint = 'Begin it with a letter; p_display_name is what people see.';
    elsif v_constraint = 'roles_display_name_check' or v_column = 'display_name' then
      raise sqlstate 'PT400' using
        message = 'A role is shown by a name of 1 to 100 characters',
        detail = 'role_display_name_invalid',
        hint = 'Pass it as p_display_name.';
    elsif v_constraint = 'roles_description_check' then
      raise sqlstate 'PT400' using
        message = 'A role is described in at most 1000 characters',
        detail = 'role_description_invalid',
        hint = 'Shorten p_description.';
    end if;
    raise;
end;
$$;

create function public.create_role(
  p_organization_id uuid,
  p_name text,
  p_display_name text,
  p_permissions text[],
  p_description text default null
)
returns public.roles
language sql
volatile
security invoker
set search_path = ''
as $$
  select *
  from private.create_role(
    p_organization_id, p_name, p_display_name, p_permissions, p_description
  );
$$;

comment on function public.create_role(uuid, text, text, text[], text) is
  'Defines a role of the organization with its permissions. Needs roles.manage and all of those '
  'permissions. Errors: permission_denied, permission_unknown, exceeds_own_permissions, '
  'role_name_invalid, role_name_reserved, role_name_taken, role_display_name_invalid, '
  'role_description_invalid.';

-- A role that the caller manages, locked before the members who have it. A role of an organization
-- where the caller defines none is not there for them.
create function private.require_managed_role(p_role_id uuid)
returns public.roles
language plpgsql
volatile
security definer -- locks rows that the caller may not read
set search_path = ''
as $$
declare
  v_role public.roles;
begin
  perform
  from public.roles
  where roles.id = p_role_id
    and roles.organization_id = any (private.organizations_with('roles.manage'))
  for update;

  -- After the wait: the role may be gone by now.
  select roles.*
  into v_role
  from public.roles
  where roles.id = p_role_id
    and (
      roles.organization_id is null
      or roles.organization_id = any (private.organizations_with('roles.manage'))
    );

  if v_role.id is null then
    raise sqlstate 'PT404' using
      message = 'No role with that id in an organization where you define roles',
      detail = 'role_not_found',
      hint = 'Select from roles to see them.';
  end if;

  if v_role.organization_id is null then
    raise sqlstate 'PT409' using
      message = 'Roles of the system cannot be changed',
      detail = 'system_role',
      hint = 'Define a role of your own with the permissions it should carry.';
  end if;

  perform private.require_ceiling(
    v_role.organization_id,
    private.permissions_of_role(p_role_id)
  );
  return v_role;
end;
$$;

comment on function private.require_managed_role(uuid) is
  'The role, locked. Raises role_not_found, system_role, exceeds_own_permissions.';

create function private.set_role_permissions(p_role_id uuid, p_permissions text[])
returns text[]
language plpgsql
volatile
security definer -- compares with memberships that the caller may not read
set search_path = ''
as $$
declare
  v_role constant public.roles := private.require_managed_role(p_role_id);
begin
  -- A forgotten parameter must not empty a role.
  if p_permissions is null then
    raise sqlstate 'PT400' using
      message = 'There are no permissions to set',
      detail = 'permissions_missing',
      hint = 'Pass an empty array as p_permissions to take all from the role.';
  end if;

  perform private.require_known_permissions(p_permissions);
  perform private.require_ceiling(v_role.organization_id, p_permissions);

  delete from public.role_permissions
  where role_permissions.role_id = p_role_id
    and role_permissions.permission_key <> all (p_permissions);

  insert into public.role_permissions (role_id, organization_id, permission_key)
  select distinct p_role_id, v_role.organization_id, keys.key
  from unnest(p_permissions) as keys (key)
  where keys.key <> all (private.permissions_of_role(p_role_id));

  return private.permissions_of_role(p_role_id);
end;
$$;

create function public.set_role_permissions(p_role_id uuid, p_permissions text[])
returns text[]
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.set_role_permissions(p_role_id, p_permissions);
$$;

comment on function public.set_role_permissions(uuid, text[]) is
  'Replaces what a role of the organization carries; its members hold it from their next statement '
  'on. Returns the keys, sorted. Needs roles.manage, and all that the role carries before and '
  'after. Errors: role_not_found, system_role, permissions_missing, permission_unknown, '
  'exceeds_own_permissions.';

create function private.delete_role(p_role_id uuid, p_replacement_role_id uuid)
returns void
language plpgsql
volatile
security definer -- moves members and invitations that the caller may not write
set search_path = ''
as $$
declare
  v_role public.roles;
  v_member public.organization_members;
  v_has_members boolean := false;
begin
  if p_replacement_role_id = p_role_id then
    raise sqlstate 'PT400' using
      message = 'A role cannot replace itself',
      detail = 'role_replacement_invalid',
      hint = 'Name another role, or none for a role without members.';
  end if;

  -- In the order of their ids, so that two roles that replace each other do not wait in a circle.
  perform
  from public.roles
  where roles.id in (p_role_id, p_replacement_role_id)
    and roles.organization_id = any (private.organizations_with('roles.manage'))
  order by roles.id
  for update;

  v_role := private.require_managed_role(p_role_id);

  if p_replacement_role_id is not null then
    perform private.require_role(v_role.organization_id, p_replacement_role_id);
    perform private.require_ceiling(
      v_role.organization_id,
      private.permissions_of_role(p_replacement_role_id)
    );

    for v_member in
      select organization_members.*
      from public.organization_members
      where organization_members.role_id = p_role_id
      order by organization_members.id
      for no key update
    loop
      if not v_has_members then
        perform private.require_permission(v_role.organization_id, 'members.manage');
        v_has_members := true;
      end if;
      perform private.require_ceiling(v_role.organization_id, v_member.permissions);
    end loop;

    update public.organization_members
    set role_id = p_replacement_role_id
    where organization_members.role_id = p_role_id;

    update public.organization_invitations
    set role_id = p_replacement_role_id
    where organization_invitations.role_id = p_role_id
      and organization_invitations.status = 'pending';
  end if;

  delete from public.roles where roles.id = p_role_id;
end;
$$;

create function public.delete_role(p_role_id uuid, p_replacement_role_id uuid default null)
returns void
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.delete_role(p_role_id, p_replacement_role_id);
$$;

comment on function public.delete_role(uuid, uuid) is
  'Deletes a role of the organization. Its members and the invitations to it get the replacement; '
  'without one, a role with members is refused, and invitations to it go. Needs roles.manage and '
  'what both roles carry; to move members also members.manage and what they hold. '
  'Errors: role_not_found, system_role, exceeds_own_permissions, '
  'permission_denied, role_in_use, role_replacement_invalid, owner_without_exceptions.';

grant execute on function
  private.create_role(uuid, text, text, text[], text),
  private.set_role_permissions(uuid, text[]),
  private.delete_role(uuid, uuid),
  public.create_role(uuid, text, text, text[], text),
  public.set_role_permissions(uuid, text[]),
  public.delete_role(uuid, uuid)
to authenticated;
