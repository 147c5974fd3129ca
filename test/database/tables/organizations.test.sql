begin;
select plan(21);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('cleo');
select tests.create_user('eve');
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme')).id::text, true);
select tests.add_member(current_setting('tests.acme')::uuid, 'bob', 'admin');
select tests.add_member(current_setting('tests.acme')::uuid, 'cleo', 'member');

select policies_are(
  'public', 'organizations', array['select_member', 'update_manager']
);

select tests.act_as('cleo');
select bag_eq(
  'select name from public.organizations',
  array['Cleo', 'Acme'],
  'a member sees the organizations they belong to'
);
select is_empty(
  $$ update public.organizations set name = 'Mine' where name = 'Acme' returning id $$,
  'a member without organizations.update changes nothing'
);
select throws_ok(
  $$ delete from public.organizations where name = 'Acme' $$,
  '42501', null,
  'a member deletes no organization'
);

select tests.act_as('bob');
select lives_ok(
  $$ update public.organizations set
    name = 'Acme Ltd', slug = 'acme-ltd', industry = 'retail', color = '#00ff00', icon = '🏢',
    owner_email = 'boss@acme.test', specification = 'Anvils.', settings = '{"a": 1}'
    where name = 'Acme' $$,
  'an admin changes what may be changed'
);
select throws_ok(
  $$ update public.organizations set plan = 'enterprise' where name = 'Acme Ltd' $$,
  '42501', null,
  'nobody upgrades their plan'
);
select throws_ok(
  $$ update public.organizations set is_personal = true where name = 'Acme Ltd' $$,
  '42501', null,
  'nobody makes an organization personal'
);
select throws_ok(
  $$ update public.organizations set created_by_user_id = tests.user_id('bob') $$,
  '42501', null,
  'nobody changes who founded an organization'
);
select throws_ok(
  $$ update public.organizations set industry = 'magic' where name = 'Acme Ltd' $$,
  '23514', null,
  'an unknown industry is refused'
);
select throws_ok(
  $$ update public.organizations set slug = 'Not A Slug' where name = 'Acme Ltd' $$,
  '23514', null,
  'a slug is lowercase words and hyphens'
);
select throws_ok(
  $$ update public.organizations set color = 'red' where name = 'Acme Ltd' $$,
  '23514', null,
  'a color is #rrggbb'
);
select throws_ok(
  $$ update public.organizations set settings = '[]' where name = 'Acme Ltd' $$,
  '23514', null,
  'settings are an object'
);
select throws_ok(
  $$ update public.organizations set deletion_due_at = now() where name = 'Acme Ltd' $$,
  '42501', null,
  'nobody writes when an organization is deleted'
);
select throws_ok(
  $$ delete from public.organizations where name = 'Bob' $$,
  '42501', null,
  'nobody deletes their personal organization'
);
select throws_ok(
  $$ insert into public.organizations (name, slug) values ('Nobody''s', 'nobodys') $$,
  '42501', null,
  'an organization is made by create_organization() alone'
);

select tests.act_as('eve');
select is_empty(
  $$ select id from public.organizations where name = 'Acme Ltd' $$,
  'a stranger does not see the organization'
);
select is_empty(
  format(
    'update public.organizations set name = %L where id = %L returning id',
    'Mine', current_setting('tests.acme')
  ),
  'a stranger who knows the id changes nothing'
);
select throws_ok(
  format('delete from public.organizations where id = %L', current_setting('tests.acme')),
  '42501', null,
  'a stranger who knows the id deletes nothing'
);

select tests.act_as_nobody();
update public.organization_members set status = 'suspended' where user_id = tests.user_id('cleo')
  and organization_id = current_setting('tests.acme')::uuid;
select tests.act_as('cleo');
select results_eq(
  'select name from public.organizations',
  array['Cleo'],
  'a suspended member does not see the organization'
);
select tests.act_as_anon();
select throws_ok('select id from public.organizations', '42501', null, 'visitors see nothing');

select tests.act_as('ada');
select throws_ok(
  $$ delete from public.organizations where name = 'Acme Ltd' $$,
  '42501', null,
  'an organization is deleted by delete_organization() alone, also by its owner'
);

select * from finish();
rollback;
