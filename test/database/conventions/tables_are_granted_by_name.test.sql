-- design: default privileges are revoked, then granted by name; nothing to anon or public that is not
-- listed here; API roles hold no truncate, references, trigger or maintain anywhere, and nothing in private.
begin;
select plan(9);

create function tests.violations() returns setof text language sql stable as $$
  with listed (relation_name, privilege) as (
    -- What a visitor without a token may do, each with its reason. There is nothing yet.
    select null::text, null::text where false
  ), granted as (
    select
      format('%s.%s', class.relnamespace::regnamespace, class.relname) as relation_name,
      class.relnamespace::regnamespace::text as schema_name,
      acl.grantee,
      lower(acl.privilege_type) as privilege
    from pg_catalog.pg_class as class, aclexplode(class.relacl) as acl
    where class.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
      and class.relnamespace::regnamespace::text in ('public', 'agent_data', 'private')
      and not exists (
        select from pg_catalog.pg_depend as depend
        where depend.classid = 'pg_catalog.pg_class'::regclass
          and depend.objid = class.oid
          and depend.deptype = 'e'
      )
    union
    select
      our_columns.title,
      our_columns.schema_name,
      acl.grantee,
      lower(acl.privilege_type)
    from tests.our_columns
    join pg_catalog.pg_attribute as attribute
      on attribute.attrelid = our_columns.table_oid
      and attribute.attnum = our_columns.column_number,
      aclexplode(attribute.attacl) as acl
  )
  select format('%s grants %s to %s', relation_name, privilege, case when grantee = 0 then 'public' else 'anon' end)
  from granted
  where grantee in (0, 'anon'::regrole)
    and (relation_name, privilege) not in (select listed.relation_name, listed.privilege from listed)
  union all
  select format('%s grants %s to %s', relation_name, privilege, grantee::regrole)
  from granted
  where grantee in ('authenticated'::regrole, 'service_role'::regrole)
    and (privilege in ('truncate', 'references', 'trigger', 'maintain') or schema_name = 'private')
$$;

select is_empty('select tests.violations()', 'tables are granted by name');

create table public.planted_new (id bigint generated always as identity primary key);
create table agent_data.planted_new (id bigint generated always as identity primary key);
select is_empty(
  $$ select v from tests.violations() as v where v like '%planted%' $$,
  'a new table is granted to nobody'
);

create table public.planted (id uuid primary key, name text);
grant select on public.planted to anon;
grant insert on public.planted to public;
grant update (name) on public.planted to anon;
grant truncate on public.planted to authenticated;
grant select, delete on public.planted to authenticated;
create table private.planted (id uuid primary key);
grant select on private.planted to service_role;
grant usage on sequence public.planted_new_id_seq to anon;

select ok('public.planted grants select to anon' in (select tests.violations()), 'a grant to anon is reported');
select ok('public.planted grants insert to public' in (select tests.violations()), 'a grant to public is reported');
select ok('public.planted.name grants update to anon' in (select tests.violations()), 'a grant on a column is reported');
select ok('public.planted grants truncate to authenticated' in (select tests.violations()), 'truncate is reported');
select ok('public.planted grants select to authenticated' not in (select tests.violations()), 'select to authenticated is fine');
select ok('private.planted grants select to service_role' in (select tests.violations()), 'a grant in private is reported');
select ok('public.planted_new_id_seq grants usage to anon' in (select tests.violations()), 'a grant on a sequence is reported');

select * from finish();
rollback;
