-- design: RLS on every table in an exposed schema; a view there runs with its caller's rights.
begin;
select plan(4);

create function tests.violations() returns setof text language sql stable as $$
  select our_tables.title
  from tests.our_tables
  where our_tables.exposed
    and not our_tables.row_security
  union all
  select format('%s.%s', class.relnamespace::regnamespace, class.relname)
  from pg_catalog.pg_class as class
  where class.relnamespace::regnamespace::text in ('public', 'agent_data')
    and (
      class.relkind = 'm'
      or class.relkind = 'v'
      and not coalesce(class.reloptions @> '{security_invoker=true}', false)
      and not coalesce(class.reloptions @> '{security_invoker=on}', false)
    )
    and not exists (
      select from pg_catalog.pg_depend as depend
      where depend.objid = class.oid and depend.deptype = 'e'
    )
$$;

select is_empty(
  'select tests.violations()',
  'every exposed table has row-level security, every exposed view runs as its caller'
);

create table public.planted_table (id uuid primary key);
create view public.planted_view as select id from public.planted_table;
create materialized view agent_data.planted_copy as select id from public.planted_table;

select ok('public.planted_table' in (select tests.violations()), 'a table without it is reported');
select ok('public.planted_view' in (select tests.violations()), 'a view with its owner''s rights is reported');
select ok('agent_data.planted_copy' in (select tests.violations()), 'a materialized view is reported');

select * from finish();
rollback;
