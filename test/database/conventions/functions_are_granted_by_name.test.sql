-- design: default privileges are revoked, then granted by name; anon executes nothing that is not
-- listed here; nobody executes trigger functions.
begin;
select plan(7);

create function tests.violations() returns setof text language sql stable as $$
  with listed (function_name) as (
    -- Functions that a visitor without a token may call, each with its reason.
    values ('private.check_request') -- PostgREST runs it before every request, a visitor's too
  )
  select our_functions.title || ' is executable by public'
  from tests.our_functions,
    aclexplode(coalesce(our_functions.grants, acldefault('f', our_functions.owner_oid))) as granted
  where granted.grantee = 0
  union all
  select our_functions.title || ' is executable by anon'
  from tests.our_functions
  where has_function_privilege('anon', our_functions.oid, 'execute')
    and our_functions.title not in (select listed.function_name from listed)
  union all
  select our_functions.title || ' is a trigger and executable by authenticated'
  from tests.our_functions
  where our_functions.is_trigger
    and has_function_privilege('authenticated', our_functions.oid, 'execute')
$$;

select is_empty('select tests.violations()', 'functions are granted by name');

create function public.planted_new() returns void language sql set search_path = '' as '';
create function private.planted_new() returns void language sql set search_path = '' as '';
select is_empty(
  $$ select v from tests.violations() as v where v like '%planted%' $$,
  'a new function is executable by nobody'
);

create function public.planted_public() returns void language sql set search_path = '' as '';
create function public.planted_anon() returns void language sql set search_path = '' as '';
create function public.planted_member() returns void language sql set search_path = '' as '';
create function private.planted_trigger() returns trigger language plpgsql set search_path = '' as 'begin return new; end';
grant execute on function public.planted_public() to public;
grant execute on function public.planted_anon() to anon;
grant execute on function public.planted_member() to authenticated;
grant execute on function private.planted_trigger() to authenticated;

select ok('public.planted_public is executable by public' in (select tests.violations()), 'a grant to public is reported');
select ok('public.planted_public is executable by anon' in (select tests.violations()), 'a grant to public is one to anon');
select ok('public.planted_anon is executable by anon' in (select tests.violations()), 'a grant to anon is reported');
select ok(not exists (select from tests.violations() as v where v like '%planted_member%'), 'a grant to authenticated is fine');
select ok(
  'private.planted_trigger is a trigger and executable by authenticated' in (select tests.violations()),
  'a granted trigger function is reported'
);

select * from finish();
rollback;
