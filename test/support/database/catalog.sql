-- The catalogue as the convention tests read it: only what our migrations made, nothing that belongs
-- to an extension or to the platform.

create or replace view tests.our_tables as
select
  class.oid,
  class.relnamespace::regnamespace::text as schema_name,
  class.relname::text as table_name,
  format('%s.%s', class.relnamespace::regnamespace, class.relname) as title,
  class.relnamespace::regnamespace::text in ('public', 'agent_data') as exposed,
  class.relrowsecurity as row_security
from pg_catalog.pg_class as class
where class.relnamespace::regnamespace::text in ('public', 'agent_data', 'private')
  and class.relkind in ('r', 'p')
  and not exists (
    select from pg_catalog.pg_depend as depend
    where depend.classid = 'pg_catalog.pg_class'::regclass
      and depend.objid = class.oid
      and depend.deptype = 'e'
  );

comment on view tests.our_tables is 'Tables of the migrations; exposed ones are reachable through the API.';

create or replace view tests.our_columns as
select
  our_tables.oid as table_oid,
  our_tables.schema_name,
  our_tables.table_name,
  our_tables.exposed,
  format('%s.%s', our_tables.title, attribute.attname) as title,
  attribute.attname::text as column_name,
  attribute.attnum as column_number,
  format_type(attribute.atttypid, attribute.atttypmod) as type_name,
  attribute.attnotnull as not_null,
  attribute.attgenerated <> '' or attribute.attidentity = 'a' as computed
from tests.our_tables
join pg_catalog.pg_attribute as attribute on attribute.attrelid = our_tables.oid
where attribute.attnum > 0
  and not attribute.attisdropped;

comment on view tests.our_columns is 'Their columns.';

create or replace view tests.our_foreign_keys as
select
  our_tables.title as table_title,
  our_tables.oid as table_oid,
  constraints.conname::text as constraint_name,
  format('%s (%s)', our_tables.title, constraints.conname) as title,
  constraints.conkey as column_numbers,
  constraints.confrelid as target_oid,
  constraints.confdeltype as on_delete,
  constraints.confdelsetcols as on_delete_columns
from tests.our_tables
join pg_catalog.pg_constraint as constraints on constraints.conrelid = our_tables.oid
where constraints.contype = 'f'
  and constraints.conparentid = 0;

comment on view tests.our_foreign_keys is 'Their foreign keys, without the copies on partitions.';

create or replace view tests.our_functions as
select
  proc.oid,
  proc.pronamespace::regnamespace::text as schema_name,
  proc.proname::text as function_name,
  format('%s.%s', proc.pronamespace::regnamespace, proc.proname) as title,
  proc.prosecdef as definer,
  proc.proconfig as settings,
  proc.prosrc as source,
  proc.prorettype = 'pg_catalog.trigger'::regtype as is_trigger,
  proc.proowner as owner_oid,
  proc.proacl as grants
from pg_catalog.pg_proc as proc
where proc.pronamespace::regnamespace::text in ('public', 'agent_data', 'private')
  and not exists (
    select from pg_catalog.pg_depend as depend
    where depend.classid = 'pg_catalog.pg_proc'::regclass
      and depend.objid = proc.oid
      and depend.deptype = 'e'
  );

comment on view tests.our_functions is 'Functions of the migrations.';

create or replace view tests.our_policies as
select
  policy.polrelid as table_oid,
  policy.polname::text as policy_name,
  format('%s (%s)', class.oid::regclass, policy.polname) as title,
  case policy.polcmd
    when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete'
    else 'all'
  end as command,
  policy.polpermissive as permissive,
  policy.polroles as role_oids,
  pg_get_expr(policy.polqual, policy.polrelid) as using_text,
  pg_get_expr(policy.polwithcheck, policy.polrelid) as check_text,
  concat_ws(
    ' ',
    pg_get_expr(policy.polqual, policy.polrelid),
    pg_get_expr(policy.polwithcheck, policy.polrelid)
  ) as whole_text
from pg_catalog.pg_policy as policy
join pg_catalog.pg_class as class on class.oid = policy.polrelid
where class.relnamespace::regnamespace::text in ('public', 'agent_data', 'private', 'storage', 'realtime');

comment on view tests.our_policies is 'Policies, also those we put on the platform''s tables.';
