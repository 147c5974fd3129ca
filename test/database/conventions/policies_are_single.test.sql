-- design: one permissive policy per command and role, always `to <role>`, never `for all`.
begin;
select plan(5);

create function tests.violations() returns setof text language sql stable as $$
  select our_policies.title || ' is for all commands'
  from tests.our_policies
  where our_policies.command = 'all'
  union all
  select our_policies.title || ' is to public'
  from tests.our_policies
  where 0 = any (our_policies.role_oids)
  union all
  select format(
    '%s has %s %s policies to %s',
    our_policies.table_oid::regclass,
    count(*),
    our_policies.command,
    role_oid::regrole
  )
  from tests.our_policies, unnest(our_policies.role_oids) as role_oid
  where our_policies.permissive
    and role_oid <> 0
  group by our_policies.table_oid, our_policies.command, role_oid
  having count(*) > 1
$$;

select is_empty('select tests.violations()', 'every command and role has one policy of its own');

create table public.planted (id uuid primary key);
create policy all_member on public.planted to authenticated using (true);
create policy select_everybody on public.planted for select using (true);
create policy select_member on public.planted for select to authenticated using (true);
create policy select_owner on public.planted for select to authenticated, anon using (true);

select ok(
  exists (select from tests.violations() as v where v like '%planted (all_member) is for all commands'),
  'a policy for all commands is reported'
);
select ok(
  exists (select from tests.violations() as v where v like '%planted (select_everybody) is to public'),
  'a policy to public is reported'
);
select ok(
  exists (select from tests.violations() as v where v like '%planted has 2 select policies to authenticated'),
  'a second policy for one role is reported'
);
select ok(
  not exists (select from tests.violations() as v where v like '%select policies to anon'),
  'two roles with a policy each are fine'
);

select * from finish();
rollback;
