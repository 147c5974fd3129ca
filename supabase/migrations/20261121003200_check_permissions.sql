-- Permission checks: people ask what they may do before they try, functions tell what was refused,
-- and what was denied is written down. Whoever is denied can ask again and again, so that is kept
-- count of, and written down once in a while.
--
-- A refusal inside of a statement cannot write anything: the error takes it back. So the denials
-- that are written down are those of check_permission(), which answers instead of raising, and
-- those that an edge function reports after the database has refused it.

create table private.permission_denials (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  user_id uuid not null references public.profiles (id) on delete cascade,
  subject text not null,
  recorded_at timestamptz not null default now(),
  suppressed_count bigint not null default 0,

  constraint permission_denials_pkey primary key (organization_id, user_id, subject)
);

comment on table private.permission_denials is
  'When a denial was last written down, so that repeating it does not flood the audit log.';
comment on column private.permission_denials.subject is
  'The permission or the key of the error; "*" for whoever has no place in the organization.';
comment on column private.permission_denials.suppressed_count is
  'How often it happened since, without being written down.';

create index permission_denials_user_id_idx on private.permission_denials (user_id);
create index permission_denials_recorded_at_idx on private.permission_denials (recorded_at);

-- Writes a denial of the caller down: for members once a minute and subject; for strangers once an
-- hour, and twenty of them at most, since anyone can be one. Returns whether it was written down.
create function private.record_denial(
  p_organization_id uuid,
  p_subject text,
  p_details jsonb
)
returns boolean
language plpgsql
volatile
security definer -- the audit log and the count of denials are closed to API roles
set search_path = ''
as $$
declare
  v_user_id constant uuid := auth.uid();
  v_is_member constant boolean := exists (
    select
    from public.organization_members
    where organization_members.organization_id = p_organization_id
      and organization_members.user_id = v_user_id
  );
  v_subject constant text := case when v_is_member then p_subject else '*' end;
  v_pause constant interval := case
    when v_is_member then interval '1 minute'
    else interval '1 hour'
  end;
  v_denial private.permission_denials;
begin
  if v_user_id is null
    or not exists (select from public.profiles where profiles.id = v_user_id)
    or not exists (select from public.organizations where organizations.id = p_organization_id)
  then
    return false;
  end if;

  if not v_is_member
    and (
      select count(*)
      from private.permission_denials
      where permission_denials.organization_id = p_organization_id
        and permission_denials.subject = '*'
        and permission_denials.user_id <> v_user_id
        and permission_denials.recorded_at > now() - v_pause
    ) >= 20
  then
    return false;
  end if;

  insert into private.permission_denials (organization_id, user_id, subject)
  values (p_organization_id, v_user_id, v_subject)
  on conflict do nothing;

  if not found then
    select permission_denials.*
    into v_denial
    from private.permission_denials
    where permission_denials.organization_id = p_organization_id
      and permission_denials.user_id = v_user_id
      and permission_denials.subject = v_subject
    for no key update;

    if v_denial.recorded_at > now() - v_pause then
      update private.permission_denials
      set suppressed_count = permission_denials.suppressed_count + 1
      where permission_denials.organization_id = p_organization_id
        and permission_denials.user_id = v_user_id
        and permission_denials.subject = v_subject;
      return false;
    end if;

    update private.permission_denials
    set recorded_at = now(), suppressed_count = 0
    where permission_denials.organization_id = p_organization_id
      and permission_denials.user_id = v_user_id
      and permission_denials.subject = v_subject;
  end if;

  perform private.record_audit_event(
    p_organization_id,
    'permission.denied',
    'permissions',
    p_subject,
    jsonb_strip_nulls(p_details)
      || jsonb_build_object('suppressed_count', coalesce(v_denial.suppressed_count, 0)),
    'warning'
  );
  return true;
end;
$$;

comment on function private.record_denial(uuid, text, jsonb) is
  'Writes permission.denied to the audit log for the caller, once a minute and subject.';

create function private.check_permission(p_organization_id uuid, p_permission text)
returns boolean
language plpgsql
volatile
security definer -- writes denials down
set search_path = ''
as $$
begin
  if not exists (select from public.permissions where permissions.key = p_permission) then
    raise sqlstate 'PT400' using
      message = 'There is no such permission',
      detail = 'permission_unknown',
      hint = 'The table permissions lists them all.';
  end if;

  if coalesce(p_organization_id = any (private.organizations_with(p_permission)), false) then
    return true;
  end if;

  perform private.record_denial(
    p_organization_id, p_permission, jsonb_build_object('permission', p_permission)
  );
  return false;
end;
$$;

create function public.check_permission(p_organization_id uuid, p_permission text)
returns boolean
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.check_permission(p_organization_id, p_permission);
$$;

comment on function public.check_permission(uuid, text) is
  'Whether the caller holds a permission in an organization; false for strangers and for '
  'organizations that do not exist. A denial is written to the audit log, once a minute. Errors: '
  'permission_unknown.';

-- An edge function was refused on behalf of a user, and tells. What it does not know is left out:
-- without an organization it is the one the user works in.
create function private.record_permission_denied(
  p_user_id uuid,
  p_organization_id uuid,
  p_permission text,
  p_error text,
  p_function text
)
returns boolean
language plpgsql
volatile
security definer -- only service_role may execute this; it writes denials down
set search_path = ''
as $$
declare
  v_claims constant text := current_setting('request.jwt.claims', true);
  v_permission constant text := (
    select permissions.key from public.permissions where permissions.key = p_permission
  );
  v_recorded boolean;
begin
  -- Who was denied is the user, not the service that tells of it.
  perform set_config(
    'request.jwt.claims',
    jsonb_build_object('sub', p_user_id, 'role', 'authenticated')::text,
    true
  );

  v_recorded := private.record_denial(
    coalesce(p_organization_id, private.current_organization_id()),
    coalesce(v_permission, left(p_error, 100), 'unknown'),
    jsonb_build_object(
      'permission', v_permission,
      'error', left(p_error, 100),
      'function', left(p_function, 100)
    )
  );

  perform set_config('request.jwt.claims', coalesce(v_claims, ''), true);
  return v_recorded;
end;
$$;

create function public.record_permission_denied(
  p_user_id uuid,
  p_organization_id uuid default null,
  p_permission text default null,
  p_error text default null,
  p_function text default null
)
returns boolean
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.record_permission_denied(
    p_user_id, p_organization_id, p_permission, p_error, p_function
  );
$$;

comment on function public.record_permission_denied(uuid, uuid, text, text, text) is
  'Writes permission.denied to the audit log for a user whom the database refused in an edge '
  'function, once a minute. Returns whether it was written down. Service only.';

-- A denial of yesterday holds none of today back.
create function private.forget_denials()
returns integer
language plpgsql
volatile
security definer -- the count of denials is closed to API roles
set search_path = ''
as $$
declare
  v_count integer;
begin
  delete from private.permission_denials
  where permission_denials.recorded_at < now() - interval '1 day';
  get diagnostics v_count = row_count;
  return v_count;
end;
$$;

comment on function private.forget_denials() is
  'Part of the tick: removes what kept repeated denials back a day ago.';

insert into private.tick_parts (name, place, function_name)
values ('denials_forgotten', 140, 'forget_denials');

grant execute on function
  private.check_permission(uuid, text),
  public.check_permission(uuid, text)
to authenticated;

grant execute on function
  private.record_permission_denied(uuid, uuid, text, text, text),
  public.record_permission_denied(uuid, uuid, text, text, text)
to service_role;
