-- design: every foreign key is indexed and says what happens on delete; a child is held to its parent's
-- organization.
begin;
select plan(10);

create function tests.violations() returns setof text language sql stable as $$
  select our_foreign_keys.title || ' has no index'
  from tests.our_foreign_keys
  where not exists (
    select from pg_catalog.pg_index as index
    where index.indrelid = our_foreign_keys.table_oid
      and index.indisvalid
      and (index.indkey::smallint[])[0:cardinality(our_foreign_keys.column_numbers) - 1]
        = our_foreign_keys.column_numbers
      -- A partial index serves when all it leaves out is null.
      and (
        index.indpred is null
        or pg_get_expr(index.indpred, index.indrelid) ~ '^\(\w+ IS NOT NULL\)$'
      )
  )
  union all
  select our_foreign_keys.title || ' does not say what happens on delete'
  from tests.our_foreign_keys
  where our_foreign_keys.on_delete = 'a'
  union all
  select our_foreign_keys.title || ' would empty a column that must be filled'
  from tests.our_foreign_keys
  where our_foreign_keys.on_delete in ('n', 'd')
    and exists (
      select from tests.our_columns
      where our_columns.table_oid = our_foreign_keys.table_oid
        and our_columns.not_null
        and our_columns.column_number = any (
          coalesce(our_foreign_keys.on_delete_columns, our_foreign_keys.column_numbers)
        )
    )
  union all
  select our_foreign_keys.title || ' could point into another organization'
  from tests.our_foreign_keys
  join tests.our_columns as own
    on own.table_oid = our_foreign_keys.table_oid and own.column_name = 'organization_id' and own.not_null
  join tests.our_columns as target
    on target.table_oid = our_foreign_keys.target_oid and target.column_name = 'organization_id' and target.not_null
  where own.column_number <> all (our_foreign_keys.column_numbers)
$$;

select is_empty('select tests.violations()', 'foreign keys are indexed, decided and within one organization');

create table public.planted_parents (
  id uuid primary key,
  organization_id uuid not null,
  unique (id, organization_id)
);
create table public.planted_children (
  organization_id uuid not null,
  bare uuid references public.planted_parents (id),
  partly uuid references public.planted_parents (id) on delete cascade,
  filled uuid references public.planted_parents (id) on delete cascade,
  held uuid,
  emptied uuid not null references public.planted_parents (id) on delete set null,
  constraint held_fkey foreign key (held, organization_id)
    references public.planted_parents (id, organization_id) on delete set null (held),
  constraint torn_fkey foreign key (held, organization_id)
    references public.planted_parents (id, organization_id) on delete set null
);
create index on public.planted_children (partly) where bare is not null and organization_id is not null;
create index on public.planted_children (filled) where filled is not null;
create index on public.planted_children (held, organization_id);

select ok('public.planted_children (planted_children_bare_fkey) has no index' in (select tests.violations()), 'a missing index is reported');
select ok('public.planted_children (planted_children_partly_fkey) has no index' in (select tests.violations()), 'a partial index is not enough');
select ok('public.planted_children (planted_children_filled_fkey) has no index' not in (select tests.violations()), 'one that leaves out only nulls is');
select ok('public.planted_children (held_fkey) has no index' not in (select tests.violations()), 'an index on both columns serves a composite key');
select ok('public.planted_children (planted_children_bare_fkey) does not say what happens on delete' in (select tests.violations()), 'a missing on delete is reported');
select ok('public.planted_children (planted_children_emptied_fkey) would empty a column that must be filled' in (select tests.violations()), 'set null on a required column is reported');
select ok('public.planted_children (torn_fkey) would empty a column that must be filled' in (select tests.violations()), 'set null that takes the organization along is reported');
select ok('public.planted_children (planted_children_bare_fkey) could point into another organization' in (select tests.violations()), 'a key that ignores the organization is reported');
select ok(not exists (select from tests.violations() as v where v like '%(held_fkey)%'), 'a composite key that empties its own column is fine');

select * from finish();
rollback;
