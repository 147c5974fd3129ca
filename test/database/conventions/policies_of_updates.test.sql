-- design: an update policy says which rows may change (using) and what they may become (with check).
begin;
select plan(3);

create function tests.violations() returns setof text language sql stable as $$
  select our_policies.title
  from tests.our_policies
  where our_policies.command = 'update'
    and (our_policies.using_text is null or our_policies.check_text is null)
$$;

select is_empty('select tests.violations()', 'every update policy has both using and with check');

create table public.planted (id uuid primary key);
create policy update_member on public.planted for update to authenticated using (true);
create policy update_guest on public.planted for update to anon using (true) with check (true);

select ok(
  exists (select from tests.violations() as v where v like '%planted (update_member)'),
  'an update policy without with check is reported'
);
select ok(
  not exists (select from tests.violations() as v where v like '%planted (update_guest)'),
  'one with both is fine'
);

select * from finish();
rollback;
