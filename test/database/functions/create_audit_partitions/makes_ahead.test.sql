-- Partitions are there before their month begins, and rows have a place even when they are not.
begin;
select plan(9);

select tests.create_user('ada');
select tests.act_as_nobody();

create function tests.months() returns setof text language sql stable as $$
  select class.relname::text
  from pg_catalog.pg_inherits as inherits
  join pg_catalog.pg_class as class on class.oid = inherits.inhrelid
  where inherits.inhparent = 'public.audit_logs'::regclass
    and class.relname <> 'audit_logs_default'
$$;

select set_eq(
  'select tests.months()',
  $$
    select 'audit_logs_' || to_char(
      date_trunc('month', now() at time zone 'UTC') + make_interval(months => ahead), 'YYYYMM'
    )
    from generate_series(0, 3) as ahead
  $$,
  'this month and three more are there'
);
select is(private.create_audit_partitions(), 0, 'a turn with nothing to make makes nothing');

-- A month that was missed.
select set_config(
  'tests.last',
  to_char(date_trunc('month', now() at time zone 'UTC') + interval '3 months', 'YYYYMM'),
  true
);
do $$
begin
  execute format('drop table private.audit_logs_%s', current_setting('tests.last'));
end;
$$;
insert into public.audit_logs (organization_id, actor_type, action, resource_type, created_at)
values (
  tests.organization_of('ada'), 'system', 'thing.seen', 'things',
  to_date(current_setting('tests.last'), 'YYYYMM') + interval '3 days'
);
select is(
  (select tableoid::regclass::text from public.audit_logs where action = 'thing.seen'),
  'private.audit_logs_default',
  'a row of a month that was not made finds a place'
);
select is(private.create_audit_partitions(), 1, 'the next turn makes the month');
select is(
  (select tableoid::regclass::text from public.audit_logs where action = 'thing.seen'),
  'private.audit_logs_' || current_setting('tests.last'),
  'and brings the row home'
);
select is_empty('select from private.audit_logs_default', 'nothing stays behind');
select throws_ok(
  format('delete from private.audit_logs_%s', current_setting('tests.last')),
  'PT403', null,
  'where it is as safe as elsewhere'
);
select throws_ok(
  'truncate private.audit_logs_default',
  'PT403', null,
  'the place for all other months is still guarded'
);
select ok((private.tick() ? 'audit_partitions_made'), 'the engine''s turn takes care of it');

select * from finish();
rollback;
