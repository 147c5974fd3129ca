-- Takes back 20261121005400_delete_organizations.sql: an owner deletes an organization at once, and
-- there is no way back.

grant delete on public.organizations to authenticated;

-- A personal organization goes with its user and no earlier: without it, their new rows had no
-- home.
create policy delete_owner on public.organizations
  for delete
  to authenticated
  using (
    id = any ((select private.organizations_with('organizations.delete'))::uuid[])
    and not is_personal
  );

drop function public.delete_large_organization(bigint, bigint);
drop function public.restore_organization(uuid);
drop function public.delete_organization(uuid, text);
drop function private.delete_large_organization(bigint, bigint);
delete from private.tick_parts where name = 'organizations_deleted';
drop function private.delete_due_organizations();
drop function private.restore_organization(uuid);
drop function private.delete_organization(uuid, text);
drop function private.erase_organization(uuid);
drop function private.organization_exceeds(uuid, bigint);
drop trigger _500_empty on public.organizations;
drop function private.empty_organization();
drop index public.chat_messages_organization_id_idx;
drop function private.require_organization_deleter(uuid);
drop function private.lock_organization_for_deletion(uuid);
drop function private.resume_tasks_after_restoring(uuid);
drop function private.pause_tasks_before_deletion(uuid);
drop table private.tasks_paused_by_deletion;

-- The organization of a new row that names none: the one the caller works in while they are an
-- active member there, else their personal one, else the one they joined first. Null for the
-- service.
create or replace function private.current_organization_id()
returns uuid
language plpgsql
stable
security definer -- a column default must not depend on what the caller may read
set search_path = ''
as $$
begin
  return (
    select organization_members.organization_id
    from public.organization_members
    join public.organizations on organizations.id = organization_members.organization_id
    left join public.user_preferences
      on user_preferences.user_id = organization_members.user_id
    where organization_members.user_id = auth.uid()
      and organization_members.status = 'active'
    order by
      organizations.id is not distinct from user_preferences.current_organization_id desc,
      organizations.is_personal and organizations.created_by_user_id = auth.uid() desc,
      organization_members.joined_at,
      organizations.id
    limit 1
  );
end;
$$;

-- Carries a change of a role's permissions to all of its members, in one statement.
create or replace function private.spread_role_permissions()
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

-- Locks the role against private.spread_role_permissions(): a change to the role either is seen
-- here or waits and then sees this row.
create or replace function private.derive_member_permissions()
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

drop function private.remaining_permissions(text[], boolean, timestamptz);

alter table public.organizations
  drop column deletion_requested_by_user_id,
  drop column deletion_due_at;

-- Whose deletion was pending hold again what their roles say.
update public.organization_members set role_id = organization_members.role_id;
