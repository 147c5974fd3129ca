begin;
select plan(24);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('cleo');
select tests.create_user('eve');
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme')).id::text, true);
select tests.add_member(current_setting('tests.acme')::uuid, 'bob', 'admin');
select tests.add_member(current_setting('tests.acme')::uuid, 'cleo', 'member');

select policies_are(
  'public', 'organizations', array['select_member', 'update_manager', 'delete_owner']
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
select is_empty(
  $$ delete from public.organizations where name = 'Acme' returning id $$,
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
select is_empty(
  $$ delete from public.organizations where name = 'Acme Ltd' returning id $$,
  'an admin cannot delete the organization'
);
select is_empty(
  $$ delete from public.organizations where name = 'Bob' returning id $$,
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
select is_empty(
  format('delete from public.organizations where id = %L returning id', current_setting('tests.acme')),
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
insert into public.agents (organization_id, name) values (current_setting('tests.acme')::uuid, 'Scribe');
insert into public.workspaces (organization_id, name)
  values (current_setting('tests.acme')::uuid, 'Forge');
insert into public.chat_channels (workspace_id, name) select id, 'general' from public.workspaces;
insert into public.chat_messages (channel_id, content) select id, 'Hello' from public.chat_channels;
insert into public.roles (organization_id, name, display_name)
  values (current_setting('tests.acme')::uuid, 'clerk', 'Clerk');
insert into public.role_permissions (role_id, permission_key)
  select id, 'agents.read' from public.roles where name = 'clerk';
select tests.act_as_nobody();
update public.organization_members set role_id = (select id from public.roles where name = 'clerk')
where user_id = tests.user_id('bob') and organization_id = current_setting('tests.acme')::uuid;
select tests.act_as('ada');
select lives_ok(
  $$ delete from public.organizations where name = 'Acme Ltd' $$,
  'an owner deletes the organization'
);
select tests.act_as_nobody();
select is_empty(
  format(
    'select 1 from public.%I where organization_id = %L',
    tables.name, current_setting('tests.acme')
  ),
  'nothing of it is left in ' || tables.name
)
from unnest(array['organization_members', 'chat_messages', 'roles']) as tables (name);

select * from finish();
rollback;
