begin;
select plan(33);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('cleo');
select tests.create_user('dan');
select tests.create_user('eve');
select tests.add_member(tests.organization_of('ada'), 'bob', 'admin');
select tests.add_member(tests.organization_of('ada'), 'cleo', 'member');
select tests.add_member(tests.organization_of('ada'), 'dan', 'admin', 'suspended');

select policies_are('public', 'audit_logs', array['select_auditor']);
select results_eq(
  $$
    select roles.name::text
    from unnest(array['authenticated', 'service_role', 'anon']) as roles (name),
      unnest(array['insert', 'update', 'delete', 'truncate']) as commands (name)
    where has_table_privilege(roles.name, 'public.audit_logs', commands.name)
  $$,
  array[]::text[],
  'nobody is granted to write'
);

select tests.act_as('ada');
insert into public.agents (name) values ('Scribe');
select is(
  (select count(*) from public.audit_logs where action = 'agent.created'), 1::bigint,
  'an owner reads what happened'
);
select tests.act_as('bob');
select is(
  (
    select count(*) from public.audit_logs
    where action = 'agent.created' and organization_id = tests.organization_of('ada')
  ),
  1::bigint,
  'an admin reads it'
);
select tests.act_as('cleo');
select is_empty(
  $$ select from public.audit_logs where organization_id = tests.organization_of('ada') $$,
  'a member without audit.read does not'
);
select tests.act_as('dan');
select is_empty(
  $$ select from public.audit_logs where organization_id = tests.organization_of('ada') $$,
  'nor does who is suspended'
);
select tests.act_as('eve');
select is_empty(
  $$ select from public.audit_logs where organization_id = tests.organization_of('ada') $$,
  'nor another organization''s owner'
);
select tests.act_as_anon();
select throws_ok('select from public.audit_logs', '42501', null, 'nor a visitor');

-- Forging.
select tests.act_as('ada');
select throws_ok(
  $$
    insert into public.audit_logs (organization_id, actor_type, action, resource_type)
    values (tests.organization_of('ada'), 'system', 'agent.deleted', 'agents')
  $$,
  '42501', null,
  'an owner does not write an entry'
);
select throws_ok(
  $$ update public.audit_logs set actor_type = 'system' $$, '42501', null, 'nor change one'
);
select throws_ok('delete from public.audit_logs', '42501', null, 'nor delete one');
select throws_ok('truncate public.audit_logs', '42501', null, 'nor empty the table');
select throws_ok(
  $$
    select private.record_audit_event(tests.organization_of('ada'), 'agent.deleted', 'agents')
  $$,
  '42501', null,
  'nor record an event'
);
select throws_ok(
  $$ select private.disable_audit('public.agents') $$, '42501', null, 'nor stop the auditing'
);
select throws_ok('select from private.audit_unsealed', '42501', null, 'nor see what awaits a seal');
select throws_ok(
  format('select from private.audit_logs_%s', to_char(now() at time zone 'UTC', 'YYYYMM')),
  '42501', null,
  'nor go past the policy by a partition'
);
select tests.act_as_service();
select throws_ok(
  $$
    insert into public.audit_logs (organization_id, actor_type, action, resource_type)
    values (tests.organization_of('ada'), 'user', 'agent.deleted', 'agents')
  $$,
  '42501', null,
  'the service does not write an entry either'
);
select throws_ok('delete from public.audit_logs', '42501', null, 'nor delete one');
select isnt_empty('select from public.audit_logs', 'but it reads');

-- Append-only for whom no grant stops.
select tests.act_as_nobody();
select throws_ok(
  $$ update public.audit_logs set actor_type = 'system' $$,
  'PT403', 'Audit logs are append-only',
  'the table''s owner does not change an entry'
);
select throws_ok(
  'delete from public.audit_logs', 'PT403', 'Audit logs are append-only', 'nor delete one'
);
select throws_ok(
  'truncate public.audit_logs', 'PT403', 'Audit logs are append-only', 'nor empty the table'
);
select throws_ok(
  format('update private.audit_logs_%s set action = ''a.b''', to_char(now() at time zone 'UTC', 'YYYYMM')),
  'PT403', 'Audit logs are append-only',
  'nor change an entry in its partition'
);
select throws_ok(
  format('delete from private.audit_logs_%s', to_char(now() at time zone 'UTC', 'YYYYMM')),
  'PT403', 'Audit logs are append-only',
  'nor delete one there'
);
select throws_ok(
  format('truncate private.audit_logs_%s', to_char(now() at time zone 'UTC', 'YYYYMM')),
  'PT403', 'Audit logs are append-only',
  'nor empty a partition'
);
select throws_ok(
  'truncate private.audit_logs_default', 'PT403', 'Audit logs are append-only',
  'nor the one for all other months'
);
select results_eq(
  $$
    select distinct audit_logs.tableoid::regclass::text from public.audit_logs
  $$,
  format(
    'select %L::text', 'private.audit_logs_' || to_char(now() at time zone 'UTC', 'YYYYMM')
  ),
  'entries lie in the partition of their month'
);

-- The organization's end.
select tests.act_as('eve');
insert into public.agents (name) values ('Of Eve');
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme')).id::text, true);
insert into public.agents (name, organization_id)
values ('Clerk', current_setting('tests.acme')::uuid);
insert into public.workspaces (name, organization_id)
values ('Office', current_setting('tests.acme')::uuid);
select tests.act_as_nobody();
select isnt_empty(
  $$
    select from public.audit_logs where organization_id = current_setting('tests.acme')::uuid
  $$,
  'a new organization has a trail'
);
delete from public.organizations where id = current_setting('tests.acme')::uuid;
select is_empty(
  $$
    select from public.audit_logs where organization_id = current_setting('tests.acme')::uuid
  $$,
  'which goes with it, and its rows'' going leaves none'
);
select is_empty(
  $$
    select from private.audit_unsealed
    where organization_id = current_setting('tests.acme')::uuid
  $$,
  'nor anything to seal'
);
-- As a write of another transaction that was not seen when the organization went.
insert into public.audit_logs (organization_id, actor_type, action, resource_type)
values (current_setting('tests.acme')::uuid, 'system', 'agent.updated', 'agents');
set constraints all immediate;
select is_empty(
  $$
    select from public.audit_logs where organization_id = current_setting('tests.acme')::uuid
  $$,
  'what came meanwhile goes at the transaction''s end'
);
select isnt_empty(
  $$ select from public.audit_logs where organization_id = tests.organization_of('eve') $$,
  'other organizations keep theirs'
);
delete from auth.users where id = tests.user_id('cleo');
set constraints all immediate;
select is_empty(
  $$
    select from public.audit_logs
    where organization_id not in (select id from public.organizations)
  $$,
  'when a user goes, no entry without an organization is left'
);

select * from finish();
rollback;
