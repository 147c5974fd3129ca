-- design: security definer only in private; search_path is empty on every function.
begin;
select plan(6);

create function tests.violations() returns setof text language sql stable as $$
  select our_functions.title || ' is a definer outside private'
  from tests.our_functions
  where our_functions.definer
    and our_functions.schema_name <> 'private'
  union all
  select our_functions.title || ' has no empty search_path'
  from tests.our_functions
  where not coalesce(our_functions.settings @> array['search_path=""'], false)
$$;

select is_empty('select tests.violations()', 'functions are guarded');

create function public.planted_definer() returns void language sql security definer set search_path = '' as '';
create function private.planted_definer() returns void language sql security definer set search_path = '' as '';
create function private.planted_open() returns void language sql as '';
create function private.planted_path() returns void language sql set search_path = public as '';

select ok('public.planted_definer is a definer outside private' in (select tests.violations()), 'an exposed definer is reported');
select ok('private.planted_definer is a definer outside private' not in (select tests.violations()), 'a private one is fine');
select ok('private.planted_open has no empty search_path' in (select tests.violations()), 'a missing search_path is reported');
select ok('private.planted_path has no empty search_path' in (select tests.violations()), 'a named search_path is reported');
select ok('private.planted_definer has no empty search_path' not in (select tests.violations()), 'an empty one is fine');

select * from finish();
rollback;
