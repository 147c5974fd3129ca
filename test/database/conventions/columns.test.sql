-- design: secrets live in Vault alone, deprecated encrypted_* columns stay null; time is timestamptz.
begin;
select plan(9);

create function tests.violations() returns setof text language sql stable as $$
  select format('%s is %s', our_columns.title, our_columns.type_name)
  from tests.our_columns
  where our_columns.type_name ~ '^(timestamp(\(\d\))? without time zone|time(\(\d\))? with time zone|json|money|character(\(\d+\))?)$'
  union all
  select our_columns.title || ' could hold a secret'
  from tests.our_columns
  where our_columns.column_name ~ '(secret|password|api_key|access_token|refresh_token|private_key|credentials)'
    and our_columns.column_name !~ '_id$'
    and our_columns.type_name ~ '^(text|character varying|bytea|jsonb)'
    and our_columns.column_name !~ '^encrypted_'
  union all
  select our_columns.title || ' is not held to be null'
  from tests.our_columns
  where our_columns.column_name ~ '^encrypted_'
    and not exists (
      select from pg_catalog.pg_constraint as constraints
      where constraints.conrelid = our_columns.table_oid
        and constraints.contype = 'c'
        and position(format('(%I IS NULL)', our_columns.column_name) in pg_get_constraintdef(constraints.oid)) > 0
    )
$$;

select is_empty('select tests.violations()', 'columns hold time with a zone and no secrets');

create table public.planted (
  id uuid primary key,
  local_time timestamp,
  zoned_time timestamptz,
  document json,
  api_key text,
  vault_api_key_id uuid,
  encrypted_token text,
  encrypted_key text,
  lease_token bigint,
  constraint planted_encrypted_key_check check (encrypted_key is null)
);

select ok('public.planted.local_time is timestamp without time zone' in (select tests.violations()), 'a timestamp without zone is reported');
select ok(not exists (select from tests.violations() as v where v like '%zoned_time%'), 'one with zone is fine');
select ok('public.planted.document is json' in (select tests.violations()), 'json is reported, jsonb is meant');
select ok('public.planted.api_key could hold a secret' in (select tests.violations()), 'a column for a secret is reported');
select ok(not exists (select from tests.violations() as v where v like '%vault_api_key_id%'), 'an id of Vault is fine');
select ok('public.planted.encrypted_token is not held to be null' in (select tests.violations()), 'an unchecked encrypted column is reported');
select ok(not exists (select from tests.violations() as v where v like '%encrypted_key%'), 'a checked one is fine');
select ok(not exists (select from tests.violations() as v where v like '%lease_token%'), 'a fencing token is no secret');

select * from finish();
rollback;
