-- design: nothing is authorized from user_metadata, which its user writes, nor from claims that outlive
-- a membership. Only auth.uid() of the token counts.
begin;
select plan(6);

create function tests.violations() returns setof text language sql stable as $$
  select our_policies.title
  from tests.our_policies
  where our_policies.whole_text ~ '(user_metadata|raw_user_meta_data|app_metadata|auth\.jwt|auth\.email|request\.jwt)'
  union all
  select our_functions.title
  from tests.our_functions
  where our_functions.source ~ '(\muser_metadata\M|app_metadata)'
    or our_functions.source ~ 'raw_user_meta_data'
    and not our_functions.is_trigger -- sign-up copies a name from it and decides nothing
$$;

select is_empty('select tests.violations()', 'nothing is decided by what a user can write about themself');

create table public.planted (id uuid primary key);
create policy select_member on public.planted for select to authenticated
  using ((select auth.jwt() -> 'user_metadata' ->> 'role') = 'admin');
create policy select_owner on public.planted for select to authenticated
  using ((select auth.jwt() ->> 'organization') = 'ours');
create function private.planted_claim() returns boolean language sql stable as $$
  select auth.jwt() -> 'app_metadata' ->> 'role' = 'admin'
$$;
create function private.planted_raw() returns text language sql stable as $$
  select 'raw_user_meta_data'
$$;
create function private.planted_trigger() returns trigger language plpgsql as $$
begin
  new.full_name := new.raw_user_meta_data ->> 'full_name';
  return new;
end;
$$;

select ok(exists (select from tests.violations() as v where v like '%planted (select_member)'), 'a policy on user_metadata is reported');
select ok(exists (select from tests.violations() as v where v like '%planted (select_owner)'), 'a policy on another claim is reported');
select ok('private.planted_claim' in (select tests.violations()), 'a function reading metadata is reported');
select ok('private.planted_raw' in (select tests.violations()), 'a function reading raw metadata is reported');
select ok('private.planted_trigger' not in (select tests.violations()), 'copying a name at sign-up is fine');

select * from finish();
rollback;
