begin;
select plan(17);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('sue');
select tests.create_user('eve');
select tests.add_member(tests.organization_of('ada'), 'bob', 'manager');
select tests.add_member(tests.organization_of('ada'), 'sue', 'admin', 'suspended');

select tests.act_as('ada');
select set_config('tests.secret', (
  public.create_organization_secret(tests.organization_of('ada'), 'mailer', 'x', 'Mail')
).id::text, true);
select public.create_organization_secret(tests.organization_of('ada'), 'other', 'y');

select results_eq(
  format(
    'select name, description, version from public.update_organization_secret(%L, %L)',
    current_setting('tests.secret'), 'post'
  ),
  $$ values ('post', 'Mail', 1) $$,
  'a secret is renamed, and its description stays'
);
select results_eq(
  format(
    'select name, description from public.update_organization_secret(%L, p_description => %L)',
    current_setting('tests.secret'), 'Letters'
  ),
  $$ values ('post', 'Letters') $$,
  'it is described anew, and its name stays'
);
select results_eq(
  format(
    'select name, description from public.update_organization_secret(%L, p_description => %L)',
    current_setting('tests.secret'), ''
  ),
  $$ values ('post', null::text) $$,
  'an empty description clears it'
);
select tests.act_as_service();
select is(
  public.resolve_organization_secrets(tests.organization_of('ada'), array['post']),
  '{"post": "x"}',
  'the value goes by the new name'
);
select throws_ok(
  $$ select public.resolve_organization_secrets(tests.organization_of('ada'), array['mailer']) $$,
  'PT404', null, 'and no longer by the old one'
);

select tests.act_as('ada');
select throws_ok(
  format('select public.update_organization_secret(%L, %L)', current_setting('tests.secret'), 'other'),
  'PT409', null, 'a taken name is refused'
);
select throws_ok(
  format('select public.update_organization_secret(%L, %L)', current_setting('tests.secret'), bad),
  'PT400', null, 'a name is a name: ' || bad
)
from unnest(array['', 'A', 'a b', gen_random_uuid()::text]) as bad;
select throws_ok(
  format(
    'select public.update_organization_secret(%L, p_description => %L)',
    current_setting('tests.secret'), repeat('x', 1001)
  ),
  'PT400', null, 'a description ends somewhere'
);

select tests.act_as('bob');
select throws_ok(
  format('select public.update_organization_secret(%L, %L)', current_setting('tests.secret'), 'b'),
  'PT403', null, 'who only reads secrets cannot rename one'
);
select tests.act_as('sue');
select throws_ok(
  format('select public.update_organization_secret(%L, %L)', current_setting('tests.secret'), 'b'),
  'PT404', null, 'who is suspended finds none'
);
select tests.act_as('eve');
select throws_ok(
  format('select public.update_organization_secret(%L, %L)', current_setting('tests.secret'), 'b'),
  'PT404', null, 'nor does a stranger'
);
select throws_ok(
  format('select public.update_organization_secret(%L, %L)', gen_random_uuid(), 'b'),
  'PT404', null, 'an unknown id is told'
);
select tests.act_as_anon();
select throws_ok(
  format('select public.update_organization_secret(%L, %L)', gen_random_uuid(), 'b'),
  '42501', null, 'a visitor cannot call it'
);
select tests.act_as_nobody();
select is(
  (select name from public.organization_secrets where id = current_setting('tests.secret')::uuid),
  'post',
  'after all these attempts the name is what it was'
);

select * from finish();
rollback;
