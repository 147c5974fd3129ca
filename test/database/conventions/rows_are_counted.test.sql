-- Every table of an organization counts towards organization_quotas.rows_limit, or says here why not.
begin;
select plan(4);

create function tests.violations() returns setof text language sql stable as $$
  with uncounted (table_name) as (
    values
      ('audit_logs'), -- grow with every write, and have a retention of their own
      ('audit_seals'), -- likewise
      ('audit_archives'), -- likewise
      ('organization_quotas'), -- one row an organization
      ('organization_usage_days') -- one row a day
  ), tables as (
    select
      tenant_tables.table_id,
      tenant_tables.table_name,
      tenant_tables.table_name in (select uncounted.table_name from uncounted) as is_uncounted,
      (
        select count(*)
        from pg_catalog.pg_trigger
        where pg_trigger.tgrelid = tenant_tables.table_id
          and pg_trigger.tgname in ('_850_count_inserted', '_850_count_deleted', '_150_charge_update')
          and pg_trigger.tgfoid in ('private.count_rows'::regproc, 'private.charge_update'::regproc)
          and pg_trigger.tgenabled = 'O'
      ) as triggers
    from private.tenant_tables()
  )
  select tables.table_name || ' does not count its rows'
  from tables
  where not tables.is_uncounted and tables.triggers < 3
  union all
  select tables.table_name || ' counts its rows'
  from tables
  where tables.is_uncounted and tables.triggers > 0
$$;

select is_empty('select tests.violations()', 'every table of an organization counts its rows');

create table public.planted (id uuid primary key, organization_id uuid not null);
select ok('planted does not count its rows' in (select tests.violations()), 'a new table that does not is reported');
select private.enable_row_quota('public.planted');
select ok(not exists (select from tests.violations() as v where v like 'planted %'), 'enable_row_quota() is what it takes');
select private.disable_row_quota('public.planted');
select ok('planted does not count its rows' in (select tests.violations()), 'and disable_row_quota() takes it back');

select * from finish();
rollback;
