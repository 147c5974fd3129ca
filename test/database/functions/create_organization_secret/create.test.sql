begin;
select plan(31);

-- How creating a secret was answered; and whether the answer repeats the value.
create function tests.refusal(p_name text, p_value text, p_description text default null)
returns text
language plpgsql
as $$
declare
  v_detail text;
  v_hint text;
  v_context text;
begin
  perform public.create_organization_secret(
    tests.organization_of('ada'), p_name, p_value, p_description
  );
  return 'accepted';
exception
  when others then
    get stacked diagnostics
      v_detail = pg_exception_detail, v_hint = pg_exception_hint, v_context = pg_exception_context;
    if concat(sqlerrm, v_detail, v_hint, v_context) ~ 'hunter2' then
      return 'shows the value';
    end if;
    return sqlstate || ' ' || v_detail;
end;
$$;

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('cleo');
select tests.create_user('dan');
select tests.create_user('sue');
select tests.create_user('eve');
select tests.add_member(tests.organization_of('ada'), 'bob', 'admin');
select tests.add_member(tests.organization_of('ada'), 'cleo', 'manager');
select tests.add_member(tests.organization_of('ada'), 'dan', 'guest');
select tests.add_member(tests.organization_of('ada'), 'sue', 'admin', 'suspended');

select tests.act_as('ada');
select results_eq(
  $$
    select organization_id, name, description, version, created_by_user_id, rotated_at, last_used_at
    from public.create_organization_secret(
      tests.organization_of('ada'), 'mailer', '  p4ss with spaces
', ' For the newsletter '
    )
  $$,
  $$
    values (
      tests.organization_of('ada'), 'mailer', 'For the newsletter', 1, tests.user_id('ada'),
      null::timestamptz, null::timestamptz
    )
  $$,
  'creating a secret answers its row'
);

select tests.act_as_nobody();
select is(
  (
    select decrypted_secret from vault.decrypted_secrets
    where name = (
      select format('organizations/%s/secrets/%s', organization_id, id)
      from public.organization_secrets where name = 'mailer'
    )
  ),
  '  p4ss with spaces
',
  'the value is in Vault, to the last byte'
);
select is(
  (select count(*) from vault.secrets where secret like '%p4ss%'), 0::bigint, 'and encrypted there'
);
select is_empty(
  $$ select from public.audit_logs where audit_logs::text like '%p4ss%' $$, 'no audit row holds it'
);
select isnt_empty(
  $$
    select from public.audit_logs
    where action = 'organization_secret.created' and actor_id = tests.user_id('ada')
  $$,
  'but who made the secret is written down'
);

select tests.act_as('bob');
select lives_ok(
  $$ select public.create_organization_secret(tests.organization_of('ada'), 'a.b_c-9', 'x') $$,
  'an admin may, and names hold dots, underscores and hyphens'
);
select throws_ok(
  $$ select public.create_organization_secret(tests.organization_of('ada'), 'mailer', 'hunter2') $$,
  'PT409', null, 'a name is given once'
);
select tests.act_as('eve');
select lives_ok(
  $$ select public.create_organization_secret(tests.organization_of('eve'), 'mailer', 'hers') $$,
  'another organization has names of its own'
);

-- Bad input. What was passed as the value or in the wrong place is never repeated.
select tests.act_as('ada');
select is(tests.refusal(bad.name, bad.value, bad.description), bad.answer, bad.why)
from (values
  (null, 'hunter2', null, 'PT400 secret_name_invalid', 'a secret needs a name'),
  ('', 'hunter2', null, 'PT400 secret_name_invalid', 'not an empty one'),
  ('Hunter2', 'x', null, 'PT400 secret_name_invalid', 'in lowercase'),
  ('two words', 'hunter2', null, 'PT400 secret_name_invalid', 'of one word'),
  ('-x', 'hunter2', null, 'PT400 secret_name_invalid', 'beginning with a letter or digit'),
  (E'x\n', 'hunter2', null, 'PT400 secret_name_invalid', 'without a line break'),
  (repeat('x', 101), 'hunter2', null, 'PT400 secret_name_invalid', 'of up to 100 characters'),
  (gen_random_uuid()::text, 'hunter2', null, 'PT400 secret_name_invalid', 'that is no id'),
  ('new', null, null, 'PT400 secret_value_invalid', 'a secret needs a value'),
  ('new', E' \n', null, 'PT400 secret_value_invalid', 'that is more than white space'),
  ('new', repeat('hunter2', 10000), null, 'PT400 secret_value_invalid', 'and not too long'),
  ('new', 'hunter2', repeat('x', 1001), 'PT400 secret_description_invalid', 'descriptions end'),
  ('mailer', 'hunter2', null, 'PT409 secret_name_taken', 'a taken name is told')
) as bad (name, value, description, answer, why);
select tests.act_as_nobody();
select is(
  (select count(*) from vault.secrets where name like 'organizations/%/secrets/%'),
  3::bigint,
  'what was refused left nothing in Vault'
);

-- Who may not.
select tests.act_as(actor.name), throws_ok(
  format(
    'select public.create_organization_secret(%L, %L, %L)',
    tests.organization_of('ada'), 'theirs', 'x'
  ),
  'PT403', null, actor.why
)
from (values
  ('cleo', 'who only reads secrets cannot add one'),
  ('dan', 'nor can a guest'),
  ('sue', 'nor who is suspended'),
  ('eve', 'nor a stranger')
) as actor (name, why);
select tests.act_as('eve');
select throws_ok(
  format('select public.create_organization_secret(%L, %L, %L)', gen_random_uuid(), 'x', 'x'),
  'PT403', null, 'an organization that does not exist is answered as a foreign one'
);
select throws_ok(
  $$ select public.create_organization_secret(null, 'x', 'x') $$, 'PT403', null, 'and so is none'
);
select tests.act_as_anon();
select throws_ok(
  format('select public.create_organization_secret(%L, %L, %L)', gen_random_uuid(), 'x', 'x'),
  '42501', null, 'a visitor cannot call it'
);

select tests.act_as_service();
select lives_ok(
  $$ select public.create_organization_secret(tests.organization_of('ada'), 'service', 'x') $$,
  'the service may'
);
select throws_ok(
  format('select public.create_organization_secret(%L, %L, %L)', gen_random_uuid(), 'x', 'x'),
  'PT404', null, 'and is told when there is no such organization'
);

select * from finish();
rollback;
