begin;
select plan(7);

select tests.create_user('ada');

select policies_are('public', 'permissions', array['select_everyone']);

select tests.act_as('ada');
select cmp_ok(
  (select count(*) from public.permissions), '>=', 50::bigint,
  'every domain has its permissions'
);
select bag_eq(
  $$ select distinct split_part(key, '.', 1) from public.permissions $$,
  array[
    'organizations', 'members', 'roles', 'secrets', 'quotas', 'audit', 'workspaces', 'channels',
    'messages', 'agents', 'templates', 'teams', 'integrations', 'tools', 'knowledge', 'tasks', 'ai',
    'workflows', 'approvals', 'marketplace', 'infrastructure', 'analytics', 'records', 'jobs'
  ],
  'the catalogue covers every domain of the design'
);
select throws_ok(
  $$ insert into public.permissions (key, description) values ('agents.fly', 'Fly.') $$,
  '42501', null,
  'nobody invents permissions'
);
select throws_ok('delete from public.permissions', '42501', null, 'nobody removes permissions');

select tests.act_as_service();
select throws_ok(
  $$ update public.permissions set key = 'agents.fly' where key = 'agents.run' $$,
  '42501', null,
  'the service does not rename permissions'
);

select tests.act_as_anon();
select throws_ok('select key from public.permissions', '42501', null, 'visitors see nothing');

select * from finish();
rollback;
