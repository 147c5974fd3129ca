begin;
select plan(20);

select tests.create_user('ada');
select tests.create_user('eve');

select tests.act_as('ada');
select set_config('tests.secret', (
  public.create_organization_secret(tests.organization_of('ada'), 'mailer', 'hunter2')
).id::text, true);
select public.create_organization_secret(tests.organization_of('ada'), 'bot.token', 'hunter3');
select tests.act_as('eve');
select set_config('tests.foreign', (
  public.create_organization_secret(tests.organization_of('eve'), 'hers', 'hunter4')
).id::text, true);
select public.create_organization_secret(tests.organization_of('eve'), 'mailer', 'hunter5');

select tests.act_as_service();
select is(
  public.resolve_organization_secrets(
    tests.organization_of('ada'), array['mailer', 'bot.token', 'mailer', null]
  ),
  '{"mailer": "hunter2", "bot.token": "hunter3"}',
  'references by name are resolved, each once'
);
select is(
  public.resolve_organization_secrets(
    tests.organization_of('ada'), array[upper(current_setting('tests.secret'))]
  ),
  jsonb_build_object(upper(current_setting('tests.secret')), 'hunter2'),
  'so are references by id'
);
select is(
  public.resolve_organization_secrets(tests.organization_of('ada'), bad),
  '{}',
  'no references resolve to nothing'
)
from (values (array[]::text[]), (null::text[]), (array[null::text])) as none (bad);
select is(
  public.resolve_organization_secrets(tests.organization_of('eve'), array['mailer']),
  '{"mailer": "hunter5"}',
  'a name means that of the organization asked for'
);

select throws_ok(
  format(
    'select public.resolve_organization_secrets(%L, %L)',
    tests.organization_of('ada'), array['mailer', wanted.reference]
  ),
  'PT404', wanted.message, wanted.why
)
from (values
  ('hers', 'The organization keeps no secret hers', 'a name of another organization is missing'),
  (
    current_setting('tests.foreign'),
    'The organization keeps no secret ' || current_setting('tests.foreign'),
    'so is an id of another organization'
  ),
  ('MAILER', 'The organization keeps no secret MAILER', 'names are exact'),
  ('mail%', 'The organization keeps no secret [not a name or id]', 'and no patterns'),
  (
    'a pass phrase', 'The organization keeps no secret [not a name or id]',
    'a credential in the place of a reference is not repeated'
  )
) as wanted (reference, message, why);
select throws_ok(
  format(
    'select public.resolve_organization_secrets(%L, %L)', gen_random_uuid(), array['mailer']
  ),
  'PT404', null, 'an organization that does not exist keeps no secrets'
);
select throws_ok(
  $$ select public.resolve_organization_secrets(null, array['mailer']) $$, 'PT404', null,
  'and neither does none'
);

-- Reading is written down, the value is not.
select tests.act_as_nobody();
select results_eq(
  $$
    select actor_type, resource_type, resource_id, new_values, count(*)
    from public.audit_logs
    where action = 'secret.read' and organization_id = tests.organization_of('ada')
      and resource_id = current_setting('tests.secret')
    group by 1, 2, 3, 4
  $$,
  $$
    values (
      'service', 'organization_secrets', current_setting('tests.secret'),
      '{"name": "mailer", "version": 1}'::jsonb, 2::bigint
    )
  $$,
  'each resolution is one event per secret'
);
select is_empty(
  $$ select from public.audit_logs where audit_logs::text ~ 'hunter[2-5]' $$,
  'no audit row holds a value'
);
select is(
  (select last_used_at from public.organization_secrets
    where id = current_setting('tests.secret')::uuid),
  now(),
  'the secret says when it was last used'
);

-- The service alone.
select tests.act_as('ada');
select throws_ok(
  $$ select public.resolve_organization_secrets(tests.organization_of('ada'), array['mailer']) $$,
  '42501', null, 'even an owner cannot read a value'
);
select throws_ok(
  $$ select private.resolve_organization_secrets(tests.organization_of('ada'), array['mailer']) $$,
  '42501', null, 'not past the API either'
);
select throws_ok(
  format('select public.vault_decrypt(%L)', current_setting('tests.secret')),
  '42501', null, 'nor through Vault'
);
select tests.act_as_anon();
select throws_ok(
  format('select public.resolve_organization_secrets(%L, %L)', gen_random_uuid(), array['x']),
  '42501', null, 'nor can a visitor'
);

select * from finish();
rollback;
