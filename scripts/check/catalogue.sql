-- The whole catalogue outside of Postgres' own schemas, one row a thing, comparable as text.
with schemas as (
  select oid, nspname, nspowner, nspacl
  from pg_catalog.pg_namespace
  where nspname !~ '^(pg_|information_schema$|supabase_migrations$)'
), extension_members as (
  select classid, objid from pg_catalog.pg_depend where deptype = 'e'
), relations as (
  select class.*, format('%s.%s', schemas.nspname, class.relname) as title
  from pg_catalog.pg_class as class
  join schemas on schemas.oid = class.relnamespace
  where not exists (
    select from extension_members
    where extension_members.classid = 'pg_catalog.pg_class'::regclass
      and extension_members.objid = class.oid
  )
), functions as (
  select proc.*, format('%s.%s(%s)', schemas.nspname, proc.proname, pg_get_function_identity_arguments(proc.oid)) as title
  from pg_catalog.pg_proc as proc
  join schemas on schemas.oid = proc.pronamespace
  where not exists (
    select from extension_members
    where extension_members.classid = 'pg_catalog.pg_proc'::regclass
      and extension_members.objid = proc.oid
  )
), types as (
  select type.*, format('%s.%s', schemas.nspname, type.typname) as title
  from pg_catalog.pg_type as type
  join schemas on schemas.oid = type.typnamespace
  where type.typtype in ('e', 'd', 'c', 'r')
    and not exists (
      select from extension_members
      where extension_members.classid = 'pg_catalog.pg_type'::regclass
        and extension_members.objid = type.oid
    )
)
select 'schema' as kind, nspname as name,
  concat_ws(' ', nspowner::regrole, (select string_agg(acl::text, ',' order by acl::text) from unnest(nspacl) as acl), obj_description(oid, 'pg_namespace')) as definition
from schemas
union all
select 'extension', extname, extnamespace::regnamespace::text
from pg_catalog.pg_extension
union all
select 'relation', title,
  concat_ws(
    ' ', relkind, relowner::regrole, relpersistence,
    case when relrowsecurity then 'rls' end, case when relforcerowsecurity then 'forced' end,
    relreplident, reloptions::text,
    (select string_agg(acl::text, ',' order by acl::text) from unnest(relacl) as acl),
    obj_description(oid, 'pg_class'),
    case when relkind in ('v', 'm') then pg_get_viewdef(oid) end,
    case when relkind in ('i', 'I') then pg_get_indexdef(oid) end,
    case when relkind = 'p' then pg_get_partkeydef(oid) end,
    pg_get_expr(relpartbound, oid)
  )
from relations
union all
select 'column', format('%s.%s', relations.title, attribute.attname),
  concat_ws(
    ' ', format_type(attribute.atttypid, attribute.atttypmod),
    case when attribute.attnotnull then 'not null' end,
    attribute.attidentity, attribute.attgenerated, attribute.attcompression,
    pg_get_expr(defaults.adbin, defaults.adrelid),
    case when attribute.attcollation <> 0 then attribute.attcollation::regcollation::text end,
    (select string_agg(acl::text, ',' order by acl::text) from unnest(attribute.attacl) as acl),
    col_description(attribute.attrelid, attribute.attnum)
  )
from relations
join pg_catalog.pg_attribute as attribute on attribute.attrelid = relations.oid
left join pg_catalog.pg_attrdef as defaults
  on defaults.adrelid = attribute.attrelid and defaults.adnum = attribute.attnum
where attribute.attnum > 0
  and not attribute.attisdropped
  and relations.relkind in ('r', 'p', 'v', 'm', 'f', 'c')
union all
select 'constraint', format('%s on %s', conname, coalesce(conrelid::regclass::text, contypid::regtype::text)),
  concat_ws(' ', pg_get_constraintdef(constraints.oid), case when convalidated then null else 'not valid' end, obj_description(constraints.oid, 'pg_constraint'))
from pg_catalog.pg_constraint as constraints
join schemas on schemas.oid = constraints.connamespace
union all
select 'trigger', format('%s on %s', tgname, relations.title),
  concat_ws(' ', pg_get_triggerdef(trigger.oid), tgenabled, obj_description(trigger.oid, 'pg_trigger'))
from pg_catalog.pg_trigger as trigger
join relations on relations.oid = trigger.tgrelid
where not trigger.tgisinternal
union all
select 'policy', format('%s on %s', polname, relations.title),
  concat_ws(
    ' ', polcmd, case when polpermissive then null else 'restrictive' end,
    (select string_agg(case role when 0 then 'public' else role::regrole::text end, ',' order by role::regrole::text) from unnest(polroles) as role),
    'using', pg_get_expr(polqual, polrelid), 'check', pg_get_expr(polwithcheck, polrelid),
    obj_description(policy.oid, 'pg_policy')
  )
from pg_catalog.pg_policy as policy
join relations on relations.oid = policy.polrelid
union all
select 'function', title,
  concat_ws(
    ' ', case when prokind in ('f', 'p', 'w') then pg_get_functiondef(oid) end, proowner::regrole,
    (select string_agg(acl::text, ',' order by acl::text) from unnest(proacl) as acl),
    obj_description(oid, 'pg_proc')
  )
from functions
union all
select 'type', title,
  concat_ws(
    ' ', typtype, typowner::regrole,
    (select string_agg(enumlabel, ',' order by enumsortorder) from pg_catalog.pg_enum where enumtypid = types.oid),
    case when typtype = 'd' then format_type(typbasetype, typtypmod) end, typdefault,
    (select string_agg(acl::text, ',' order by acl::text) from unnest(typacl) as acl),
    obj_description(oid, 'pg_type')
  )
from types
union all
select 'sequence', relations.title,
  concat_ws(' ', seqtypid::regtype, seqstart, seqincrement, seqmin, seqmax, seqcache, seqcycle)
from pg_catalog.pg_sequence
join relations on relations.oid = seqrelid
union all
select 'publication', pubname,
  concat_ws(
    ' ', pubowner::regrole, puballtables, pubinsert, pubupdate, pubdelete, pubtruncate,
    (
      select string_agg(format('%s.%s %s %s', schemaname, tablename, attnames, rowfilter), ',' order by schemaname, tablename)
      from pg_catalog.pg_publication_tables as tables
      where tables.pubname = pg_publication.pubname
    )
  )
from pg_catalog.pg_publication
union all
select 'default privileges', format('%s in %s for %s', defaclobjtype, case when defaclnamespace = 0 then 'all schemas' else defaclnamespace::regnamespace::text end, defaclrole::regrole),
  (select string_agg(acl::text, ',' order by acl::text) from unnest(defaclacl) as acl)
from pg_catalog.pg_default_acl
union all
select 'setting', format('of role %s in %s', case when setrole = 0 then 'all' else setrole::regrole::text end, case when setdatabase = 0 then 'all databases' else 'this database' end),
  setconfig::text
from pg_catalog.pg_db_role_setting
where setdatabase in (0, (select oid from pg_catalog.pg_database where datname = current_database()))
union all
select 'event trigger', evtname, concat_ws(' ', evtevent, evtfoid::regproc, evtenabled, evttags::text)
from pg_catalog.pg_event_trigger
union all
-- Rows that migrations seed, without what differs by chance: uuids, instants, running numbers.
select 'seeded table', relations.title,
  format(
    'select row::text as row from (select to_jsonb(seeded) %s as row from %I.%I as seeded) as rows order by 1',
    coalesce(
      (
        select string_agg(format('- %L', attribute.attname), ' ')
        from pg_catalog.pg_attribute as attribute
        where attribute.attrelid = relations.oid
          and attribute.attnum > 0
          and not attribute.attisdropped
          and (
            attribute.atttypid in ('uuid'::regtype, 'timestamptz'::regtype)
            or attribute.attidentity <> ''
          )
      ),
      ''
    ),
    relations.relnamespace::regnamespace,
    relations.relname
  )
from relations
where relations.relkind in ('r', 'p')
  and relations.relnamespace::regnamespace::text in ('public', 'private', 'agent_data', 'storage')
