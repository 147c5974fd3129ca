-- design: every row belongs to exactly one organization; every table says what it is, has a key, and
-- keeps updated_at itself.
begin;
select plan(9);

create function tests.violations() returns setof text language sql stable as $$
  with listed (table_name) as (
    values
      ('public.organizations'), -- is the organization
      ('public.profiles'), -- a person, shared by all their organizations
      ('public.user_preferences'), -- a person's own settings
      ('public.permissions'), -- the catalogue, the same for everyone
      ('public.roles'), -- system roles belong to no organization
      ('public.role_permissions'), -- and so do their permissions
      ('public.industry_templates'), -- the same for everyone
      ('public.service_providers'), -- likewise
      ('public.integration_capabilities'), -- likewise
      ('public.organization_transfers'), -- an import has none until it is completed
      ('public.personal_data_exports'), -- of a person, whatever they belong to
      ('public.ai_models') -- list prices, the same for everyone
  ), hurried (table_name) as (
    -- Rows that many write along with something else and that soon go again: no key, no foreign key.
    values
      ('private.request_tallies'), -- every request adds one
      ('private.audit_unsealed') -- every audited write adds one
  ), unbound (table_name) as (
    -- Every audited write would pay for the check: a trigger removes the rows with their organization.
    select 'public.audit_logs'
    union all
    select format('private.%s', class.relname)
    from pg_catalog.pg_inherits as inherits
    join pg_catalog.pg_class as class on class.oid = inherits.inhrelid
    where inherits.inhparent = 'public.audit_logs'::regclass
  )
  select our_tables.title || ' has no organization'
  from tests.our_tables
  where our_tables.exposed
    and our_tables.title not in (select listed.table_name from listed)
    and not exists (
      select from tests.our_columns
      where our_columns.table_oid = our_tables.oid
        and our_columns.column_name = 'organization_id'
        and our_columns.type_name = 'uuid'
        and our_columns.not_null
    )
  union all
  select our_tables.title || ' has an organization that need not exist'
  from tests.our_tables
  join tests.our_columns on our_columns.table_oid = our_tables.oid and our_columns.column_name = 'organization_id'
  where our_tables.title not in (select hurried.table_name from hurried)
    and our_tables.title not in (select unbound.table_name from unbound)
    and not exists (
      select from tests.our_foreign_keys
      where our_foreign_keys.table_oid = our_tables.oid
        and our_columns.column_number = any (our_foreign_keys.column_numbers)
    )
  union all
  select our_tables.title || ' has no comment'
  from tests.our_tables
  where coalesce(obj_description(our_tables.oid, 'pg_class'), '') = ''
  union all
  select our_tables.title || ' has no primary key'
  from tests.our_tables
  where our_tables.title not in (select hurried.table_name from hurried)
    and not exists (
      select from pg_catalog.pg_constraint as constraints
      where constraints.conrelid = our_tables.oid and constraints.contype = 'p'
    )
  union all
  select our_tables.title || ' does not keep updated_at'
  from tests.our_tables
  join tests.our_columns on our_columns.table_oid = our_tables.oid and our_columns.column_name = 'updated_at'
  where not exists (
    select from pg_catalog.pg_trigger as trigger
    where trigger.tgrelid = our_tables.oid and trigger.tgname = '_900_touch_updated_at'
  )
$$;

select is_empty('select tests.violations()', 'every table is complete');

create table public.planted (name text, updated_at timestamptz);
create table public.planted_loose (id uuid primary key, organization_id uuid not null);
comment on table public.planted_loose is 'Has a comment.';
create table private.planted (id uuid primary key);

select ok('public.planted has no organization' in (select tests.violations()), 'a table without an organization is reported');
select ok('public.planted_loose has an organization that need not exist' in (select tests.violations()), 'an organization without a foreign key is reported');
select ok('private.planted has no organization' not in (select tests.violations()), 'a private table may go without');
select ok('public.planted has no comment' in (select tests.violations()), 'a missing comment is reported');
select ok('private.planted has no comment' in (select tests.violations()), 'also in private');
select ok('public.planted_loose has no comment' not in (select tests.violations()), 'a comment is fine');
select ok('public.planted has no primary key' in (select tests.violations()), 'a missing key is reported');
select ok('public.planted does not keep updated_at' in (select tests.violations()), 'a missing trigger is reported');

select * from finish();
rollback;
