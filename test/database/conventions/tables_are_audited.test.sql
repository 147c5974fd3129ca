-- Every table of an organization is audited, or says here why not; and what its triggers were told
-- when they were made still holds.
begin;
select plan(7);

create function tests.violations() returns setof text language sql stable as $$
  with listed (table_name) as (
    values
      ('public.audit_logs'), -- is the trail
      ('public.audit_seals'), -- seals it
      ('public.audit_archives'), -- says where its old months are
      ('public.mcp_tools_cache'), -- what strangers' servers say; that it changed is an event
      ('public.chat_messages'), -- a record of its own, of many rows
      ('public.ai_agent_tasks'), -- likewise: one row for each model call
      ('public.agent_task_runs'), -- likewise: what the engine did
      ('public.agent_task_run_steps'), -- likewise
      ('public.tool_execution_logs'), -- likewise: one row for each call of a tool; asking is an event
      ('public.media_chunks'), -- what the engine read out of files
      ('public.media_processing_logs'), -- likewise: how it did so
      ('public.organization_usage_days'), -- counts, kept by the engine
      ('public.organization_transfers') -- says itself who asked for what; asking is an event
  ), audited as (
    select trigger.tgrelid as table_oid, trigger.tgname::text as name, pg_get_triggerdef(trigger.oid) as definition
    from pg_catalog.pg_trigger as trigger
    where trigger.tgfoid in (
      'private.audit_insert()'::regprocedure,
      'private.audit_update()'::regprocedure,
      'private.audit_delete()'::regprocedure
    )
  )
  select format('%s.%s is not audited', tenants.schema_name, tenants.table_name)
  from private.tenant_tables() as tenants
  where tenants.schema_name = 'public'
    and format('%s.%s', tenants.schema_name, tenants.table_name) not in (select listed.table_name from listed)
    and (
      select count(*) from audited where audited.table_oid = tenants.table_id
    ) <> 3
  union all
  select format('%s shows a credential in %s', our_columns.title, audited.name)
  from audited
  join tests.our_columns on our_columns.table_oid = audited.table_oid
  where our_columns.column_name ~* private.credential_key_pattern()
    and our_columns.column_name !~* '_ref$'
    and our_columns.type_name ~ '^(text|character varying|bytea|uuid|json)'
    and audited.definition !~ format('{([^{}]+,)?%s(,[^{}]+)?}', our_columns.column_name)
  union all
  select format('%s holds documents that %s does not look into', our_columns.title, audited.name)
  from audited
  join tests.our_columns on our_columns.table_oid = audited.table_oid
  where our_columns.type_name ~ '^jsonb?'
    and position(private.suspicion_pattern(true) in audited.definition) = 0
$$;

select is_empty('select tests.violations()', 'every table of an organization is audited, or has a reason');

create table public.planted (id uuid primary key, organization_id uuid not null);
create table public.planted_catalogue (id uuid primary key);

select ok('public.planted is not audited' in (select tests.violations()), 'a table that is not audited is reported');
select ok('public.planted_catalogue is not audited' not in (select tests.violations()), 'one without organization is fine');

select private.enable_audit('public.planted');
select ok('public.planted is not audited' not in (select tests.violations()), 'an audited one is fine');

alter table public.planted add column api_key text, add column settings jsonb;
select ok(
  'public.planted.api_key shows a credential in _800_audit_insert' in (select tests.violations()),
  'a column for a secret that came later is reported'
);
select ok(
  'public.planted.settings holds documents that _800_audit_update does not look into' in (select tests.violations()),
  'a document that came later is reported'
);

select private.enable_audit('public.planted');
select is_empty(
  $$ select v from tests.violations() as v where v like '%planted%' $$,
  'auditing it anew takes them in'
);

select * from finish();
rollback;
