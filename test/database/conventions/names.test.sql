-- style: <table>_<columns>_{key,fkey,idx}, <table>_<fact>_check, policies <command>_<who>, triggers
-- _NNN_<task>; everything in snake_case.
begin;
select plan(12);

create function tests.violations() returns setof text language sql stable as $$
  with constraints as (
    select
      our_tables.title,
      our_tables.table_name,
      constraints.conname::text as name,
      constraints.contype as kind,
      (
        select string_agg(attribute.attname, '_' order by keys.place)
        from unnest(constraints.conkey) with ordinality as keys (number, place)
        join pg_catalog.pg_attribute as attribute
          on attribute.attrelid = constraints.conrelid and attribute.attnum = keys.number
      ) as columns
    from tests.our_tables
    join pg_catalog.pg_constraint as constraints on constraints.conrelid = our_tables.oid
    where constraints.contype in ('p', 'u', 'f', 'c', 'x')
      and our_tables.schema_name <> 'agent_data' -- tables there carry generated names
  ), indexes as (
    select our_tables.title, our_tables.table_name, class.relname::text as name
    from tests.our_tables
    join pg_catalog.pg_index as index on index.indrelid = our_tables.oid
    join pg_catalog.pg_class as class on class.oid = index.indexrelid
    where our_tables.schema_name <> 'agent_data'
      and not exists (select from pg_catalog.pg_constraint as owner where owner.conindid = class.oid and owner.contype in ('p', 'u', 'x'))
  )
  select format('constraint %s on %s', constraints.name, constraints.title)
  from constraints
  where case constraints.kind
    when 'p' then constraints.name <> constraints.table_name || '_pkey'
    when 'c' then constraints.name !~ ('^' || constraints.table_name || '_\w+_check$')
    when 'x' then constraints.name !~ ('^' || constraints.table_name || '_\w+_excl$')
    else
      constraints.name !~ ('^' || constraints.table_name || '_\w+_' || case constraints.kind when 'u' then 'key' else 'fkey' end || '$')
      -- The organization in a composite key goes without saying.
      or constraints.name not in (
        format('%s_%s_%s', constraints.table_name, constraints.columns, case constraints.kind when 'u' then 'key' else 'fkey' end),
        format('%s_%s_%s', constraints.table_name, regexp_replace(constraints.columns, '_organization_id$', ''), case constraints.kind when 'u' then 'key' else 'fkey' end)
      )
      and length(constraints.table_name || constraints.columns) <= 57
  end
  union all
  select format('index %s on %s', indexes.name, indexes.title)
  from indexes
  where indexes.name !~ ('^' || indexes.table_name || '_\w+_(idx|key)$')
  union all
  select format('policy %s', our_policies.title)
  from tests.our_policies
  where our_policies.policy_name !~ ('^' || our_policies.command || '_[a-z0-9_]+$')
  union all
  select format('trigger %s on %s', trigger.tgname, trigger.tgrelid::regclass)
  from pg_catalog.pg_trigger as trigger
  join pg_catalog.pg_proc as proc on proc.oid = trigger.tgfoid
  where not trigger.tgisinternal
    and trigger.tgparentid = 0
    and proc.pronamespace = 'private'::regnamespace
    and trigger.tgname !~ '^_\d{3}_[a-z][a-z0-9_]*$'
  union all
  select format('table %s', our_tables.title)
  from tests.our_tables
  where our_tables.table_name !~ '^[a-z][a-z0-9_]*$'
  union all
  select format('column %s', our_columns.title)
  from tests.our_columns
  where our_columns.column_name !~ '^[a-z][a-z0-9_]*$'
  union all
  select format('function %s', our_functions.title)
  from tests.our_functions
  where our_functions.function_name !~ '^[a-z][a-z0-9_]*$'
$$;

select is_empty('select tests.violations()', 'names follow the house style');

create table public.planted (
  id uuid constraint the_key primary key,
  organization_id uuid,
  name text constraint planted_name_filled check (name <> ''),
  code text constraint planted_unique_code unique,
  "Loud" text,
  constraint planted_id_organization_id_key unique (id, organization_id),
  constraint planted_code_is_short_check check (length(code) < 10)
);
create index name_index on public.planted (name);
create index planted_name_idx on public.planted (name);
create policy readers on public.planted for select to authenticated using (true);
create trigger touch before update on public.planted for each row execute function private.touch_updated_at();

select ok('constraint the_key on public.planted' in (select tests.violations()), 'a primary key of another name is reported');
select ok('constraint planted_name_filled on public.planted' in (select tests.violations()), 'a check of another name is reported');
select ok('constraint planted_unique_code on public.planted' in (select tests.violations()), 'a unique key of another name is reported');
select ok('constraint planted_id_organization_id_key on public.planted' not in (select tests.violations()), 'a key named by its columns is fine');
select ok('constraint planted_code_is_short_check on public.planted' not in (select tests.violations()), 'a check named by its fact is fine');
select ok('index name_index on public.planted' in (select tests.violations()), 'an index of another name is reported');
select ok('index planted_name_idx on public.planted' not in (select tests.violations()), 'an index named by its column is fine');
select ok(exists (select from tests.violations() as v where v like 'policy %planted (readers)'), 'a policy of another name is reported');
select ok(exists (select from tests.violations() as v where v like 'trigger touch on %planted'), 'a trigger without a number is reported');
select ok('column public.planted.Loud' in (select tests.violations()), 'a loud column is reported');
select ok(
  not exists (select from tests.violations() as v where v like 'table %planted%'),
  'a table in snake_case is fine'
);

select * from finish();
rollback;
