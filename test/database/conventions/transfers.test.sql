-- What leaves in archives and comes in with them: by the catalogue, with few declared exceptions. No
-- column for a credential leaves; what is imported can be loaded.
begin;
select plan(9);

create function tests.violations() returns setof text language sql stable as $$
  with leaving as (
    select tables.table_id, tables.table_name
    from private.tenant_tables() as tables
    left join private.transfer_rules on transfer_rules.table_name = tables.table_name
    where transfer_rules.is_exported is not false
  ), listed (title) as (
    -- Columns that leave although they are called like a credential, each with its reason.
    values
      ('audit_seals.rows_hash'), -- fingerprints prove that exported audit logs are whole
      ('audit_seals.previous_hash'),
      ('audit_seals.hash'),
      ('user_integration_credentials.token_expires_at') -- an instant
  )
  select format('%s.%s leaves', leaving.table_name, columns.column_name)
  from leaving
  cross join lateral private.transfer_columns(leaving.table_id) as columns
  where columns.column_name ~ '(^|_)(hash|vault|token|tokens)($|_)'
    and columns.type_name !~ '^(integer|bigint|numeric|boolean)'
    and format('%s.%s', leaving.table_name, columns.column_name) not in (select listed.title from listed)
  union all
  select format('%s.%s of a rule is no column', transfer_rules.table_name, kept.name)
  from private.transfer_rules
  cross join lateral unnest(transfer_rules.kept_columns) as kept (name)
  where not exists (
    select from tests.our_columns
    where our_columns.table_name = transfer_rules.table_name and our_columns.column_name = kept.name
  )
  union all
  select format('%s has a rule and is no table', transfer_rules.table_name)
  from private.transfer_rules
  where not exists (
    select from tests.our_tables
    where our_tables.exposed and our_tables.table_name = transfer_rules.table_name
  )
  union all
  select format('%s of a rule is no function', transfer_rules.prepare_function)
  from private.transfer_rules
  where transfer_rules.prepare_function is not null
    and to_regprocedure(format('private.%I(jsonb, uuid[])', transfer_rules.prepare_function)) is null
  union all
  -- New numbers are given on import, so nothing that is imported may know the old ones.
  select format('%s points to a number of %s', reference.table_id, reference.target_id)
  from private.transfer_references(
    array(select importable_tables.table_id from private.importable_tables())
  ) as reference
  cross join lateral private.transfer_columns(reference.target_id) as target
  where target.is_identity
    and target.column_name = any (reference.target_columns)
  union all
  -- Without a list of columns, what is emptied would be the organization, too.
  select format('%s lets its organization be emptied', constraints.conrelid::regclass)
  from pg_catalog.pg_constraint as constraints
  join private.importable_tables() on importable_tables.table_id = constraints.conrelid
  where constraints.contype = 'f'
    and constraints.confdeltype in ('n', 'd')
    and constraints.confdelsetcols is null
    and cardinality(constraints.conkey) > 1
$$;

select is_empty('select tests.violations()', 'archives carry what they should');

create table public.planted (
  id bigint generated always as identity primary key,
  organization_id uuid not null references public.organizations (id) on delete cascade,
  token_hash bytea,
  reset_token text,
  vault_secret_id uuid,
  max_tokens integer,
  token_count integer,
  parent_id bigint references public.planted (id) on delete cascade,
  doubled integer generated always as (max_tokens * 2) stored
);
select results_eq(
  $$ select column_name from private.transfer_columns('public.planted') $$,
  array['id', 'organization_id', 'max_tokens', 'token_count', 'parent_id'],
  'what is computed and what holds a credential stays, numbers leave'
);
select ok('planted points to a number of planted' in (select tests.violations()), 'a reference to a number is reported');
insert into private.transfer_rules (table_name, kept_columns, reason) values ('planted', '{token_hash,absent}', 'Planted.');
select ok('planted.token_hash leaves' in (select tests.violations()), 'a column that is kept without being listed is reported');
select ok('planted.absent of a rule is no column' in (select tests.violations()), 'a kept column that is none is reported');
insert into private.transfer_rules (table_name, prepare_function, reason) values ('planted_absent', 'planted', 'Planted.');
select ok('planted_absent has a rule and is no table' in (select tests.violations()), 'a rule without a table is reported');
select ok('planted of a rule is no function' in (select tests.violations()), 'a rule with an unknown function is reported');

-- The order of loading.
create table public.planted_a (id uuid primary key, organization_id uuid not null, b_id uuid);
create table public.planted_b (id uuid primary key, organization_id uuid not null, a_id uuid references public.planted_a (id) on delete cascade);
alter table public.planted_a add foreign key (b_id) references public.planted_b (id) on delete cascade;
create table public.planted_c (id uuid primary key, organization_id uuid not null, a_id uuid references public.planted_a (id) on delete cascade);
select results_eq(
  $$
    select array_agg(table_id::text order by table_id::text)
    from private.transfer_order('{public.planted_c,public.planted_b,public.planted_a}')
    group by ancestors order by cardinality(ancestors)
  $$,
  $$ values (array['planted_a', 'planted_b']), (array['planted_c']) $$,
  'tables in a circle come together, and those that point to them later'
);
select is(
  (
    select array_agg(table_id::text) from private.transfer_order(
      array(select table_id from private.tenant_tables() where table_name in ('workspaces', 'agent_task_runs', 'agents', 'chat_channels', 'agent_tasks'))
    )
  ),
  array['agents', 'workspaces', 'chat_channels', 'agent_tasks', 'agent_task_runs'],
  'parents come before children'
);
select * from finish();
rollback;
