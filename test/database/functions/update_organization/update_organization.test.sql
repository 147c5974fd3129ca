begin;
select plan(25);

select tests.create_user(name)
from unnest(array['ada', 'bob', 'cleo', 'dan', 'eve']) as names (name);
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme', 'acme', 'retail')).id::text, true);
select public.create_organization('Taken', 'taken');
select tests.add_member(current_setting('tests.acme')::uuid, 'bob', 'admin');
select tests.add_member(current_setting('tests.acme')::uuid, 'cleo', 'member');
select tests.add_member(current_setting('tests.acme')::uuid, 'dan', 'admin', 'suspended');

select tests.act_as_nobody();
create function tests.change(p_arguments text) returns text language sql as $$
  select format(
    'select public.update_organization(%L, %s)', current_setting('tests.acme'), p_arguments
  )
$$;

select tests.act_as('bob');
select results_eq(
  format(
    $$
      select name, slug, industry, owner_email, icon, color, specification, settings
      from public.update_organization(
        %L, ' Acme Ltd ', 'acme-ltd', 'finance', 'boss@acme.test', '🏢', '#00ff00', 'Anvils.',
        '{"a": 1}'
      )
    $$,
    current_setting('tests.acme')
  ),
  $$
    values (
      'Acme Ltd', 'acme-ltd', 'finance', 'boss@acme.test', '🏢', '#00ff00', 'Anvils.',
      '{"a": 1}'::jsonb
    )
  $$,
  'an admin changes everything at once'
);
select results_eq(
  format(
    'select name, industry, icon, settings from public.update_organization(%L, p_name => %L)',
    current_setting('tests.acme'), 'Acme & Sons'
  ),
  $$ values ('Acme & Sons', 'finance', '🏢', '{"a": 1}'::jsonb) $$,
  'what is left out stays'
);
select results_eq(
  format(
    $$
      select industry, owner_email, icon, color, specification from public.update_organization(
        %L, p_industry => '', p_owner_email => '', p_icon => '', p_color => '',
        p_specification => ''
      )
    $$,
    current_setting('tests.acme')
  ),
  $$ values (null::text, null::text, null::text, null::text, null::text) $$,
  'an empty text clears'
);

select throws_ok(tests.change($$p_slug => 'taken'$$), 'PT409', null, 'a slug of another is taken');
select throws_ok(tests.change($$p_slug => 'No Slug'$$), 'PT400', null, 'an odd slug is refused');
select throws_ok(tests.change($$p_slug => ''$$), 'PT400', null, 'an empty slug is refused');
select throws_ok(tests.change($$p_name => ' '$$), 'PT400', null, 'an empty name is refused');
select throws_ok(
  tests.change($$p_name => repeat('x', 256)$$), 'PT400', null, 'an endless name is refused'
);
select throws_ok(
  tests.change($$p_industry => 'magic'$$), 'PT400', null, 'an unknown industry is refused'
);
select throws_ok(tests.change($$p_color => 'red'$$), 'PT400', null, 'a color is #rrggbb');
select throws_ok(tests.change($$p_owner_email => 'x'$$), 'PT400', null, 'an address is longer');
select throws_ok(tests.change($$p_settings => '[]'$$), 'PT400', null, 'settings are an object');
select throws_ok(
  tests.change($$p_icon => repeat('x', 2049)$$), 'PT400', null, 'an icon is short'
);

select tests.act_as('cleo');
select throws_ok(
  tests.change($$p_name => 'Mine'$$), 'PT403',
  'You may not change this organization', 'a member is refused, and told why'
);
select tests.act_as('dan');
select throws_ok(
  tests.change($$p_name => 'Mine'$$), 'PT404', null, 'a suspended admin does not find it'
);
select tests.act_as('eve');
select throws_ok(
  tests.change($$p_name => 'Mine'$$), 'PT404', null, 'nor does a stranger who knows the id'
);
select throws_ok(
  $$ select public.update_organization(gen_random_uuid(), 'Mine') $$, 'PT404', null,
  'and an id that nobody has is answered alike'
);
select throws_ok(
  $$ select public.update_organization(null, 'Mine') $$, 'PT404', null, 'as is none'
);
select tests.act_as_anon();
select throws_ok(
  tests.change($$p_name => 'Mine'$$), '42501', null, 'visitors change nothing'
);

select tests.act_as('ada');
select throws_ok(
  format(
    'select public.update_organization(%L, p_plan => %L)', current_setting('tests.acme'), 'gold'
  ),
  '42883', null, 'there is no argument for the plan'
);
select is(
  (select name from public.organizations where id = current_setting('tests.acme')::uuid),
  'Acme & Sons',
  'nothing of what was refused was done'
);
select public.delete_organization(current_setting('tests.acme')::uuid);
select throws_ok(
  tests.change($$p_name => 'Late'$$), 'PT403', null,
  'while a deletion is pending even the owner changes nothing'
);
select public.restore_organization(current_setting('tests.acme')::uuid);
select lives_ok(tests.change($$p_name => 'Again'$$), 'and after restoring everything');

select tests.act_as_service();
select is(
  (public.update_organization(current_setting('tests.acme')::uuid, 'By hand')).name,
  'By hand',
  'the service may'
);
select throws_ok(
  $$ select public.update_organization(gen_random_uuid(), 'Mine') $$, 'PT404', null,
  'and is told when there is none'
);

select * from finish();
rollback;
