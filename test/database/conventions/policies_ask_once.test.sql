-- design: what does not depend on the row is asked once per statement: auth.uid() and its kin only as
-- (select auth.uid()), helpers only as `= any ((select private.f('constant'))::uuid[])`, or text[]
-- for the folders of Storage.
begin;
select plan(8);

create function tests.violations() returns setof text language sql stable as $$
  with texts as (
    select
      our_policies.title,
      -- What is left once every allowed form is taken out.
      regexp_replace(
        regexp_replace(
          our_policies.whole_text,
          '(ANY|ALL) \(\( SELECT private\.\w+\((''[^'']*''::text)?\) AS \w+\)::(uuid|text)\[\]\)',
          '',
          'g'
        ),
        '\( SELECT auth\.\w+\(\) AS \w+\)',
        '',
        'g'
      ) as rest
    from tests.our_policies
  )
  select format('%s calls %s for every row', texts.title, (regexp_match(texts.rest, '(auth\.\w+|current_setting|private\.\w+)\('))[1])
  from texts
  where texts.rest ~ '(auth\.\w+|current_setting|private\.\w+)\('
$$;

select is_empty('select tests.violations()', 'policies ask who the caller is once per statement');

create table public.planted (id uuid primary key, organization_id uuid, user_id uuid);
create function private.planted_organizations(p_permission text) returns uuid[]
  language sql stable as $$ select '{}'::uuid[] $$;
create function private.planted_row(p_id uuid) returns boolean language sql stable as $$ select true $$;
create policy select_a on public.planted for select to authenticated using (user_id = auth.uid());
create policy select_b on public.planted for select to authenticated
  using (user_id = (select auth.uid()));
create policy select_c on public.planted for select to authenticated
  using (organization_id = any (private.planted_organizations('agents.read')));
create policy select_d on public.planted for select to authenticated
  using (organization_id = any ((select private.planted_organizations('agents.read'))::uuid[]));
create policy select_e on public.planted for select to authenticated
  using (private.planted_row(id));
create policy select_f on public.planted for select to authenticated
  using ((select private.planted_row(id)));
create policy select_g on public.planted for select to authenticated
  using (user_id::text = current_setting('request.jwt.claim.sub'));

select ok(exists (select from tests.violations() as v where v like '%planted (select_a)%'), 'a bare auth.uid() is reported');
select ok(not exists (select from tests.violations() as v where v like '%planted (select_b)%'), 'auth.uid() in a sub-select is fine');
select ok(exists (select from tests.violations() as v where v like '%planted (select_c)%'), 'a helper outside a sub-select is reported');
select ok(not exists (select from tests.violations() as v where v like '%planted (select_d)%'), 'a helper as an InitPlan is fine');
select ok(exists (select from tests.violations() as v where v like '%planted (select_e)%'), 'a function of the row is reported');
select ok(exists (select from tests.violations() as v where v like '%planted (select_f)%'), 'a sub-select of the row is reported');
select ok(exists (select from tests.violations() as v where v like '%planted (select_g)%'), 'reading the setting per row is reported');

select * from finish();
rollback;
