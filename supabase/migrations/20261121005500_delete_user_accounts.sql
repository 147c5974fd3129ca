-- Deleting one's account: in 30 days, with the way back open until then, or at once with one's
-- email address typed. Until it is due everything goes on as before: to empty the memberships of
-- somebody who may return would lock whole organizations out that they alone own.
-- What goes with a user and what passes to others is decided by private.sign_off(), whichever way
-- the user is deleted.

alter table public.user_preferences add column deletion_due_at timestamptz;

comment on column public.user_preferences.deletion_due_at is
  'When the account will be deleted, unless restore_user_account() comes before. Null unless the '
  'user asked for it.';

create index user_preferences_deletion_due_at_idx
  on public.user_preferences (deletion_due_at)
  where deletion_due_at is not null;

-- A user is about to be deleted. The personal organization goes with them. An organization whose
-- last active owner they are passes to the active member whose role carries most, of those the one
-- who joined first; where no active member is left, it goes too, with all it has. (What members
-- hold says nothing where a deletion is pending.) Objects in Storage that stay forget who uploaded
-- them, and Auth forgets their sign-ins.
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
        cardinality(
          private.effective_permissions(
            private.permissions_of_role(organization_members.role_id),
            organization_members.custom_permissions
          )
        ) desc,
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

  -- So is an earlier address, under which they were invited and said yes.
  delete from public.organization_invitations
  where organization_invitations.accepted_by_user_id = old.id;

  update storage.objects
  set owner = null, owner_id = null
  where objects.owner_id = old.id::text
    or objects.owner = old.id;

  -- When and from where they signed in, with their address.
  delete from auth.audit_log_entries
  where strpos(audit_log_entries.payload::text, old.id::text) > 0;

  return old;
end;
$$;

-- The organizations that would go with a user: the personal one, and those in which nobody else is
-- active.
create function private.organizations_going_with(p_user_id uuid)
returns setof uuid
language sql
stable
security definer -- memberships are read past their own policies
set search_path = ''
as $$
  select organizations.id
  from public.organizations
  where organizations.created_by_user_id = p_user_id
    and organizations.is_personal
  union
  select own.organization_id
  from public.organization_members as own
  join public.roles on roles.id = own.role_id
  where own.user_id = p_user_id
    and roles.organization_id is null
    and roles.name = 'owner'
    and not exists (
      select
      from public.organization_members as others
      where others.organization_id = own.organization_id
        and others.user_id <> p_user_id
        and others.status = 'active'
    );
$$;

comment on function private.organizations_going_with(uuid) is
  'The organizations that are deleted when the user is.';

-- Whether deleting a user would touch more rows than that: rows that go, and rows that forget them.
create function private.user_exceeds(p_user_id uuid, p_rows bigint)
returns boolean
language plpgsql
stable
security definer -- counts rows that the caller may not read
set search_path = ''
as $$
declare
  v_column record;
  v_rows bigint := 0;
  v_more bigint;
begin
  if exists (
    select
    from private.organizations_going_with(p_user_id) as going (id)
    where private.organization_exceeds(going.id, p_rows)
  ) then
    return true;
  end if;

  for v_column in
    select references_to.conrelid::regclass as table_id, columns.attname as name
    from pg_catalog.pg_constraint as references_to
    join pg_catalog.pg_attribute as columns
      on columns.attrelid = references_to.conrelid
      and columns.attnum = references_to.conkey[1]
    where references_to.contype = 'f'
      and references_to.confrelid = 'public.profiles'::regclass
      and references_to.conparentid = 0
  loop
    execute format(
      'select count(*) from (select from %s as t where t.%I = $1 limit $2) as few',
      v_column.table_id,
      v_column.name
    )
    into v_more
    using p_user_id, p_rows - v_rows + 1;
    v_rows := v_rows + v_more;
    exit when v_rows > p_rows;
  end loop;

  return v_rows > p_rows;
end;
$$;

comment on function private.user_exceeds(uuid, bigint) is
  'Whether an organization that goes with the user, or what refers to them, has more rows than '
  'that.';

-- Deletes a user who is due, as private.erase_organization() does an organization.
create function private.erase_user(p_user_id uuid)
returns boolean
language plpgsql
volatile
security definer -- users belong to the Auth service
set search_path = ''
as $$
begin
  if private.user_exceeds(p_user_id, 100000) then
    perform private.enqueue_job(
      p_queue => 'storage',
      p_kind => 'delete_user',
      p_payload => jsonb_build_object('user_id', p_user_id),
      p_max_attempts => 20,
      p_dedupe_key => 'delete_user ' || p_user_id
    );
    return false;
  end if;

  delete from auth.users where users.id = p_user_id;
  return true;
end;
$$;

comment on function private.erase_user(uuid) is
  'Deletes a user with all that is theirs: now, or by a job when it is much. True when they are '
  'gone.';

-- Raises PT401 not_signed_in unless the caller is a user with an account.
create function private.lock_own_account()
returns public.user_preferences
language plpgsql
volatile
security definer -- deletion_due_at is granted to nobody
set search_path = ''
as $$
declare
  v_preferences public.user_preferences;
begin
  select user_preferences.*
  into v_preferences
  from public.user_preferences
  where user_preferences.user_id = auth.uid()
  for update;

  if v_preferences.user_id is null then
    raise sqlstate 'PT401' using
      message = 'Only a signed-in user has an account',
      detail = 'not_signed_in',
      hint = 'Send the access token of the user.';
  end if;

  return v_preferences;
end;
$$;

create function private.delete_user_account(p_confirm_email text)
returns jsonb
language plpgsql
volatile
security definer -- users belong to the Auth service
set search_path = ''
as $$
declare
  v_preferences public.user_preferences := private.lock_own_account();
begin
  if p_confirm_email is null and v_preferences.deletion_due_at is not null then
    -- Asking twice does not start the days anew.
    return jsonb_build_object(
      'status', 'pending', 'deletion_due_at', v_preferences.deletion_due_at
    );
  elsif p_confirm_email is not null and not exists (
    select
    from auth.users
    where users.id = v_preferences.user_id
      and lower(users.email) = lower(btrim(p_confirm_email))
  ) then
    raise sqlstate 'PT400' using
      message = 'That is not the email address of your account',
      detail = 'user_email_mismatch',
      hint = 'Type your address to delete at once, or leave it out to delete in 30 days.';
  end if;

  update public.user_preferences
  set deletion_due_at = case
    when p_confirm_email is null then now() + interval '30 days'
    else now()
  end
  where user_preferences.user_id = v_preferences.user_id
  returning * into v_preferences;

  if p_confirm_email is null then
    return jsonb_build_object(
      'status', 'pending', 'deletion_due_at', v_preferences.deletion_due_at
    );
  elsif private.erase_user(v_preferences.user_id) then
    return jsonb_build_object('status', 'deleted', 'deletion_due_at', null);
  end if;

  return jsonb_build_object(
    'status', 'deleting', 'deletion_due_at', v_preferences.deletion_due_at
  );
end;
$$;

create function private.restore_user_account()
returns public.user_preferences
language plpgsql
volatile
security definer -- deletion_due_at is granted to nobody
set search_path = ''
as $$
declare
  v_preferences public.user_preferences := private.lock_own_account();
begin
  if v_preferences.deletion_due_at <= now() then
    raise sqlstate 'PT409' using
      message = 'The account is being deleted',
      detail = 'user_being_deleted',
      hint = 'The time to restore it is over.';
  end if;

  update public.user_preferences
  set deletion_due_at = null
  where user_preferences.user_id = v_preferences.user_id
  returning * into v_preferences;

  return v_preferences;
end;
$$;

-- The engine's part, as private.delete_due_organizations().
create function private.delete_due_users()
returns integer
language plpgsql
volatile
security definer -- users belong to the Auth service
set search_path = ''
as $$
declare
  v_user_id uuid;
  v_seen_ids uuid[] := array[]::uuid[];
  v_deleted integer := 0;
begin
  while clock_timestamp() < statement_timestamp() + interval '2 seconds' loop
    select user_preferences.user_id
    into v_user_id
    from public.user_preferences
    where user_preferences.deletion_due_at <= now()
      and user_preferences.user_id <> all (v_seen_ids)
    order by user_preferences.deletion_due_at
    limit 1
    for update skip locked;
    exit when not found;

    v_seen_ids := v_seen_ids || v_user_id;
    begin
      if private.erase_user(v_user_id) then
        v_deleted := v_deleted + 1;
      end if;
    exception
      when others then
        raise warning 'cannot delete user %: %', v_user_id, sqlerrm;
    end;
  end loop;

  return v_deleted;
end;
$$;

comment on function private.delete_due_users() is 'Deletes users whose accounts are due.';

insert into private.tick_parts (name, place, function_name)
values ('users_deleted', 151, 'delete_due_users');

-- Does a job of the kind delete_user, as private.delete_large_organization() one of its kind.
-- Errors: PT409 lease_lost.
create function private.delete_large_user(p_job_id bigint, p_lease_token bigint)
returns void
language plpgsql
volatile
security definer -- users belong to the Auth service
set search_path = ''
as $$
declare
  v_job constant private.jobs := private.hold_lease(p_job_id, p_lease_token);
begin
  delete from auth.users
  where users.id = (
    select user_preferences.user_id
    from public.user_preferences
    where user_preferences.user_id = (v_job.payload ->> 'user_id')::uuid
      and user_preferences.deletion_due_at <= now()
  );

  perform private.complete_job(p_job_id, p_lease_token);
end;
$$;

create function public.delete_user_account(p_confirm_email text default null)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.delete_user_account(p_confirm_email);
$$;

create function public.restore_user_account()
returns public.user_preferences
language sql
volatile
security invoker
set search_path = ''
as $$
  select * from private.restore_user_account();
$$;

-- As for public.delete_large_organization().
create function public.delete_large_user(p_job_id bigint, p_lease_token bigint)
returns void
language sql
volatile
security invoker
set search_path = ''
set statement_timeout = '15min'
as $$
  select private.delete_large_user(p_job_id, p_lease_token);
$$;

comment on function public.delete_user_account(text) is
  'Deletes the caller''s account in 30 days, or at once when p_confirm_email is its address. The '
  'personal organization goes with it; others pass to a member, or go when nobody is left. Returns '
  '{status, deletion_due_at}: pending (restore_user_account() takes it back), deleting or deleted. '
  'Errors: not_signed_in, user_email_mismatch.';
comment on function public.restore_user_account() is
  'Takes the deletion of the caller''s account back. Errors: not_signed_in, user_being_deleted.';
comment on function public.delete_large_user(bigint, bigint) is
  'Does a job of the kind delete_user and ends it. Secret key only. Error: lease_lost.';

grant execute on function
  private.delete_user_account(text),
  private.restore_user_account(),
  public.delete_user_account(text),
  public.restore_user_account()
to authenticated;
grant execute on function
  private.delete_large_user(bigint, bigint),
  public.delete_large_user(bigint, bigint)
to service_role;
