-- The schema `tests`: who acts in a pgTAP test. Installed beside pgTAP by the test runner, never by a
-- migration. Each helper works from whatever role the test has taken on before.

create schema if not exists extensions;
create extension if not exists pgtap with schema extensions;

create schema if not exists tests;
grant usage on schema tests to public;
-- Whoever a test acts as must be able to act as somebody else.
alter default privileges in schema tests grant execute on functions to public;

comment on schema tests is 'Helpers of the test suites. Never present outside of tests.';

-- Signs a user up with the address <name>@example.test, as the Auth service does: triggers fire.
create or replace function tests.create_user(p_name text)
returns uuid
language sql
volatile
security definer -- a test may call it while acting as somebody
set search_path = ''
as $$
  insert into auth.users
    (id, aud, role, email, raw_app_meta_data, raw_user_meta_data, created_at, updated_at)
  values (
    gen_random_uuid(),
    'authenticated',
    'authenticated',
    p_name || '@example.test',
    '{"provider": "email", "providers": ["email"]}',
    jsonb_build_object('full_name', initcap(p_name)),
    now(),
    now()
  )
  returning id;
$$;

-- The user a test created under that name. An unknown name is an error in the test.
create or replace function tests.user_id(p_name text)
returns uuid
language plpgsql
stable
security definer -- API roles cannot read auth.users
set search_path = ''
as $$
declare
  v_id uuid;
begin
  select users.id into v_id from auth.users where users.email = p_name || '@example.test';
  if v_id is null then
    raise exception 'No test user named "%"; call tests.create_user first', p_name;
  end if;
  return v_id;
end;
$$;

-- The personal organization that signing up gave the user.
create or replace function tests.organization_of(p_name text)
returns uuid
language plpgsql
stable
security definer -- the actor of the moment may not see it
set search_path = ''
as $$
begin
  return (
    select organizations.id
    from public.organizations
    where organizations.created_by_user_id = tests.user_id(p_name)
      and organizations.is_personal
  );
end;
$$;

-- Puts a user into an organization under a system role, past every invitation and policy.
create or replace function tests.add_member(
  p_organization_id uuid,
  p_name text,
  p_role text default 'member',
  p_status text default 'active'
)
returns uuid
language plpgsql
volatile
security definer -- the actor of the moment may hold no such right
set search_path = ''
as $$
declare
  v_id uuid;
begin
  insert into public.organization_members (organization_id, user_id, role_id, status)
  select p_organization_id, tests.user_id(p_name), roles.id, p_status
  from public.roles
  where roles.organization_id is null
    and roles.name = p_role
  returning organization_members.id into v_id;

  if v_id is null then
    raise exception 'No system role named "%"', p_role;
  end if;
  return v_id;
end;
$$;

-- Takes on a database role and a token, until the transaction ends or another act_as.
create or replace function tests.act_with(p_role text, p_claims jsonb)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  perform set_config('request.jwt.claims', coalesce(p_claims::text, ''), true);
  perform set_config('role', p_role, true);
end;
$$;

-- Acts as the signed-in user of that name.
create or replace function tests.act_as(p_name text)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  perform tests.act_with('authenticated', jsonb_build_object(
    'sub', tests.user_id(p_name),
    'aud', 'authenticated',
    'role', 'authenticated',
    'email', p_name || '@example.test'
  ));
end;
$$;

-- Acts as a visitor without a token.
create or replace function tests.act_as_anon()
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  perform tests.act_with('anon', '{"role": "anon"}');
end;
$$;

-- Acts as the holder of the secret key.
create or replace function tests.act_as_service()
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  perform tests.act_with('service_role', '{"role": "service_role"}');
end;
$$;

-- Returns to the role the session began with.
create or replace function tests.act_as_nobody()
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  perform tests.act_with('none', null);
end;
$$;
