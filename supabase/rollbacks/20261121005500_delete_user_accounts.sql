-- Takes back 20261121005500_delete_user_accounts.sql: accounts are deleted through Auth alone.

drop function public.delete_large_user(bigint, bigint);
drop function public.restore_user_account();
drop function public.delete_user_account(text);
drop function private.delete_large_user(bigint, bigint);
delete from private.tick_parts where name = 'users_deleted';
drop function private.delete_due_users();
drop function private.restore_user_account();
drop function private.delete_user_account(text);
drop function private.lock_own_account();
drop function private.erase_user(uuid);
drop function private.user_exceeds(uuid, bigint);
drop function private.organizations_going_with(uuid);

-- A user is about to be deleted. The personal organization goes with them. An organization whose
-- last active owner they are passes to the active member who holds most, of those the one who
-- joined first; where no active member is left, it goes too, with all it has.
create or replace function private.sign_off()
returns trigger
language plpgsql
volatile
security definer -- fired by the Auth service, which owns nothing here
set search_path = ''
as $$
declare
  v_owner_role_id constant uuid := (
    select roles.id from public.roles where roles.organization_id is null and roles.name = 'owner'
  );
  v_organization_id uuid;
  v_heir_id uuid;
begin
  delete from public.organizations
  where organizations.created_by_user_id = old.id
    and organizations.is_personal;

  -- In the order of ids, so that two users who go at once do not wait for each other.
  for v_organization_id in
    select organizations.id
    from public.organizations
    where organizations.id in (
      select organization_members.organization_id
      from public.organization_members
      where organization_members.user_id = old.id
        and organization_members.role_id = v_owner_role_id
    )
    order by organizations.id
    for no key update
  loop
    if exists (
      select
      from public.organization_members
      where organization_members.organization_id = v_organization_id
        and organization_members.user_id <> old.id
        and organization_members.role_id = v_owner_role_id
        and organization_members.status = 'active'
    ) then
      continue;
    end if;

    v_heir_id := (
      select organization_members.id
      from public.organization_members
      where organization_members.organization_id = v_organization_id
        and organization_members.user_id <> old.id
        and organization_members.status = 'active'
      order by
        cardinality(organization_members.permissions) desc,
        organization_members.joined_at,
        organization_members.id
      limit 1
    );

    if v_heir_id is null then
      delete from public.organizations where organizations.id = v_organization_id;
    else
      update public.organization_members
      set role_id = v_owner_role_id, custom_permissions = default
      where organization_members.id = v_heir_id;
    end if;
  end loop;

  -- The address of someone who left is no contact, and theirs to take along.
  update public.organizations
  set owner_email = null
  where organizations.created_by_user_id = old.id
    and organizations.owner_email = old.email;

  return old;
end;
$$;

alter table public.user_preferences drop column deletion_due_at;
