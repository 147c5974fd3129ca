-- Rows: what people add is judged at the end of their transaction, all else is counted.
begin;
select plan(20);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('eve');
select tests.add_member(tests.organization_of('ada'), 'bob', 'admin');

create function tests.rows_of(p_name text) returns bigint language sql as $$
  select row_count + coalesce((
    select sum(change) from private.row_changes
    where row_changes.organization_id = row_counters.organization_id
  ), 0)::bigint
  from private.row_counters where organization_id = tests.organization_of(p_name)
$$;
create function tests.limit_rows(p_limit integer) returns void language sql as $$
  update public.organization_quotas set rows_limit = p_limit
  where organization_id = tests.organization_of('ada')
$$;
create function tests.add_agents(p_count integer) returns void language plpgsql as $$
begin
  insert into public.agents (name, instructions)
  select 'Scribe ' || n, 'You write.' from generate_series(1, p_count) as n;
  set constraints all immediate;
  set constraints all deferred;
end;
$$;

select tests.act_as('ada');
select tests.add_agents(3);
select tests.act_as_nobody();
select is_empty('select from private.row_changes', 'without a limit nothing is noted');

select tests.limit_rows(1000);
select is(
  tests.rows_of('ada'), private.count_organization_rows(tests.organization_of('ada')),
  'setting a limit counts what is there'
);
select cmp_ok(tests.rows_of('ada'), '>=', 3::bigint, 'the rows of all tables');
select set_config('tests.before', tests.rows_of('ada')::text, true);
select tests.limit_rows(current_setting('tests.before')::integer + 2);

select tests.act_as('ada');
select throws_ok(
  'select tests.add_agents(3)', 'PT429', null, 'a statement that goes beyond the limit is refused as a whole'
);
select throws_like(
  'select tests.add_agents(3)', 'The limit of rows is %, and this would make %',
  'the refusal names both numbers'
);
select lives_ok('select tests.add_agents(2)', 'up to the limit it is not');
select throws_ok('select tests.add_agents(1)', 'PT429', null, 'then not one row more');
select lives_ok(
  $$ delete from public.agents where id = (select id from public.agents limit 1) $$,
  'removing rows is never refused'
);
select lives_ok('select tests.add_agents(1)', 'and makes room in the same transaction');

select tests.act_as_nobody();
select is(
  tests.rows_of('ada'), private.count_organization_rows(tests.organization_of('ada')),
  'the counter is what is there'
);

-- Other writers.
select tests.act_as_service();
select lives_ok(
  $$
    insert into public.agents (organization_id, user_id, name, instructions)
    values (tests.organization_of('ada'), tests.user_id('ada'), 'Of the service', 'You write.')
  $$,
  'what the service adds is not refused'
);
select tests.act_as_nobody();
set constraints all immediate;
set constraints all deferred;
select is(
  tests.rows_of('ada'), private.count_organization_rows(tests.organization_of('ada')), 'but counted'
);
select is(private.settle_row_counters(), 1, 'the tick takes it into the counter');
select is_empty('select from private.row_changes', 'with nothing left over');
select is(
  (select row_count from private.row_counters), private.count_organization_rows(tests.organization_of('ada')),
  'so that it is right again'
);
update private.row_counters set row_count = 7, counted_at = now() - interval '2 hours';
select private.settle_row_counters();
select is(
  (select row_count from private.row_counters), private.count_organization_rows(tests.organization_of('ada')),
  'a counter that went wrong is made right by counting'
);

-- From the attacker's side.
select tests.act_as('bob');
select public.switch_organization(tests.organization_of('ada'));
select throws_ok('select tests.add_agents(1)', 'PT429', null, 'another member meets the same limit');
select throws_ok('select from private.row_counters', '42501', null, 'nobody reaches the counters');
select tests.act_as('eve');
select lives_ok('select tests.add_agents(5)', 'another organization is not held up');

-- Lifted, and gone.
select tests.act_as_nobody();
delete from public.organizations where id = tests.organization_of('ada');
select is_empty('select from private.row_counters', 'the counter goes with its organization');

select * from finish();
rollback;
