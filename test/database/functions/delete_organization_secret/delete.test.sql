-- Deleting takes the value out of Vault. Secrets in use: see refuse_plain_credentials.
begin;
select plan(12);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('cleo');
select tests.create_user('sue');
select tests.create_user('eve');
select tests.add_member(tests.organization_of('ada'), 'bob', 'manager');
select tests.add_member(tests.organization_of('ada'), 'cleo', 'member');
select tests.add_member(tests.organization_of('ada'), 'sue', 'admin', 'suspended');

select tests.act_as('ada');
select set_config('tests.secret', (
  public.create_organization_secret(tests.organization_of('ada'), 'mailer', 'hunter2')
).id::text, true);

select tests.act_as('bob');
select throws_ok(
  format('select public.delete_organization_secret(%L)', current_setting('tests.secret')),
  'PT403', null, 'who only reads secrets cannot delete one'
);
select tests.act_as('cleo');
select throws_ok(
  format('select public.delete_organization_secret(%L)', current_setting('tests.secret')),
  'PT404', null, 'a member without secrets.read does not learn that it exists'
);
select tests.act_as('sue');
select throws_ok(
  format('select public.delete_organization_secret(%L)', current_setting('tests.secret')),
  'PT404', null, 'nor does who is suspended'
);
select tests.act_as('eve');
select throws_ok(
  format('select public.delete_organization_secret(%L)', current_setting('tests.secret')),
  'PT404', null, 'nor a stranger'
);
select tests.act_as_anon();
select throws_ok(
  format('select public.delete_organization_secret(%L)', gen_random_uuid()),
  '42501', null, 'a visitor cannot call it'
);

select tests.act_as('ada');
select lives_ok(
  format('select public.delete_organization_secret(%L)', current_setting('tests.secret')),
  'who manages secrets deletes one'
);
select is_empty('select from public.organization_secrets', 'the row is gone');
select throws_ok(
  format('select public.delete_organization_secret(%L)', current_setting('tests.secret')),
  'PT404', null, 'there is nothing left to delete'
);
select throws_ok('select public.delete_organization_secret(null)', 'PT404', null, 'nor at null');
select tests.act_as_nobody();
select is_empty(
  $$ select from vault.secrets where name like 'organizations/%/secrets/%' $$,
  'the value is out of Vault'
);
select isnt_empty(
  $$
    select from public.audit_logs
    where action = 'organization_secret.deleted' and actor_id = tests.user_id('ada')
  $$,
  'who deleted it is written down'
);
select is_empty(
  $$ select from public.audit_logs where audit_logs::text like '%hunter2%' $$,
  'without the value'
);

select * from finish();
rollback;
