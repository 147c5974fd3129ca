-- Events that are no change of a row.
begin;
select plan(9);

select tests.create_user('ada');
select tests.act_as_nobody();
select private.record_audit_event(
  tests.organization_of('ada'),
  'secret.read',
  'organization_secrets',
  'smtp',
  '{"reason": "test", "password": "hunter2", "note": "sk_live_0123456789abcdefghij"}',
  'warning'
);
select results_eq(
  $$
    select action, resource_type, resource_id, old_values, new_values, severity
    from public.audit_logs where action = 'secret.read'
  $$,
  $$
    values (
      'secret.read', 'organization_secrets', 'smtp', null::jsonb,
      '{"reason": "test", "password": "[redacted]", "note": "[redacted]"}'::jsonb, 'warning'
    )
  $$,
  'an event has its details, without credentials'
);
select ok(
  exists (
    select from private.audit_unsealed
    join public.audit_logs on audit_logs.id = audit_unsealed.audit_log_id
    where audit_logs.action = 'secret.read'
  ),
  'and awaits its seal'
);
select lives_ok(
  $$ select private.record_audit_event(gen_random_uuid(), 'secret.read', 'x') $$,
  'an organization that does not exist is no error'
);
select is(
  (select count(*) from public.audit_logs where action = 'secret.read'), 1::bigint,
  'nor does it get an entry'
);
select throws_ok(
  $$ select private.record_audit_event(tests.organization_of('ada'), 'Read It', 'x') $$,
  'PT400', null,
  'an action is a noun and a participle'
);
select throws_ok(
  $$
    select private.record_audit_event(
      tests.organization_of('ada'), 'secret.read', 'x', null, null, 'loud'
    )
  $$,
  'PT400', null,
  'a severity is one of five'
);
select throws_ok(
  $$
    select private.record_audit_event(
      tests.organization_of('ada'), 'secret.read', 'x', null, null, null
    )
  $$,
  'PT400', null,
  'and not none'
);
select tests.act_as('ada');
select throws_ok(
  $$ select private.record_audit_event(tests.organization_of('ada'), 'secret.read', 'x') $$,
  '42501', null,
  'people record nothing by themselves'
);
select tests.act_as_service();
select throws_ok(
  $$ select private.record_audit_event(tests.organization_of('ada'), 'secret.read', 'x') $$,
  '42501', null,
  'nor does the service'
);

select * from finish();
rollback;
