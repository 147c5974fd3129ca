begin;
select plan(17);

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
  public.create_organization_secret(tests.organization_of('ada'), 'mailer', 'first-value')
).id::text, true);

select results_eq(
  format(
    'select version, rotated_at = now() from public.rotate_organization_secret(%L, %L)',
    current_setting('tests.secret'), 'second-value'
  ),
  'values (2, true)',
  'rotating counts the version up and says when'
);
select tests.act_as_service();
select is(
  public.resolve_organization_secrets(tests.organization_of('ada'), array['mailer']),
  '{"mailer": "second-value"}',
  'the new value is in force'
);
select tests.act_as_nobody();
select is(
  (select count(*) from vault.secrets where name like 'organizations/%/secrets/%'),
  1::bigint,
  'the old one is nowhere'
);
select is_empty(
  $$ select from public.audit_logs where audit_logs::text ~ 'first-value|second-value' $$,
  'no audit row holds either'
);
select results_eq(
  $$ select new_values -> 'version' from public.audit_logs
    where action = 'organization_secret.updated' and actor_id = tests.user_id('ada') $$,
  $$ values ('2'::jsonb) $$,
  'who rotated it is written down'
);

select tests.act_as('ada');
select throws_ok(
  format('select public.rotate_organization_secret(%L, %L)', current_setting('tests.secret'), bad),
  'PT400', null, 'an empty value is refused'
)
from unnest(array['', E' \n', null]) as bad;
select is(
  (select version from public.organization_secrets where name = 'mailer'),
  2,
  'and counts as no version'
);

select tests.act_as('bob');
select throws_ok(
  format('select public.rotate_organization_secret(%L, %L)', current_setting('tests.secret'), 'x'),
  'PT403', null, 'who only reads secrets cannot rotate one'
);
select tests.act_as(actor.name), throws_ok(
  format('select public.rotate_organization_secret(%L, %L)', current_setting('tests.secret'), 'x'),
  'PT404', null, actor.why
)
from (values
  ('cleo', 'a member without secrets.read does not learn that it exists'),
  ('sue', 'nor does who is suspended'),
  ('eve', 'nor a stranger')
) as actor (name, why);
select tests.act_as('eve');
select throws_ok(
  format('select public.rotate_organization_secret(%L, %L)', gen_random_uuid(), 'x'),
  'PT404', null, 'an unknown id is told'
);
select throws_ok(
  $$ select public.rotate_organization_secret(null, 'x') $$, 'PT404', null, 'and so is none'
);
select tests.act_as_anon();
select throws_ok(
  format('select public.rotate_organization_secret(%L, %L)', gen_random_uuid(), 'x'),
  '42501', null, 'a visitor cannot call it'
);
select tests.act_as_service();
select is(
  public.resolve_organization_secrets(tests.organization_of('ada'), array['mailer']),
  '{"mailer": "second-value"}',
  'after all these attempts the value is what it was'
);

select * from finish();
rollback;
