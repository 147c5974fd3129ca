-- Asking for a deletion: from the next statement on, members hold nothing and owners may only read,
-- export and delete. Restoring brings back exactly what was held.
begin;
select plan(41);

select tests.create_user(name)
from unnest(array['ada', 'bob', 'cleo', 'dan', 'olga', 'zoe']) as names (name);
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme')).id::text, true);
select tests.add_member(current_setting('tests.acme')::uuid, 'bob', 'admin');
select tests.add_member(current_setting('tests.acme')::uuid, 'cleo', 'member');
select tests.add_member(current_setting('tests.acme')::uuid, 'dan', 'member', 'suspended');
select tests.add_member(current_setting('tests.acme')::uuid, 'olga', 'owner');
insert into public.roles (organization_id, name, display_name)
  values (current_setting('tests.acme')::uuid, 'clerk', 'Clerk');
insert into public.role_permissions (role_id, permission_key)
  select id, 'agents.read' from public.roles where name = 'clerk';
select tests.act_as_nobody();
update public.organization_members set custom_permissions = '{"grant": ["audit.read"], "deny": ["agents.run"]}'
where organization_id = current_setting('tests.acme')::uuid and user_id = tests.user_id('cleo');
create table tests.held as
select id, user_id, permissions from public.organization_members;
create function tests.permissions_of(p_name text) returns text[] language sql
security definer as $$
  select permissions from public.organization_members
  where organization_id = current_setting('tests.acme')::uuid and user_id = tests.user_id(p_name)
$$;

select tests.act_as('ada');
insert into public.agents (organization_id, user_id, name, visibility)
values (current_setting('tests.acme')::uuid, tests.user_id('ada'), 'Scribe', 'organization');
select public.switch_organization(current_setting('tests.acme')::uuid);
select is(
  public.delete_organization(current_setting('tests.acme')::uuid),
  jsonb_build_object('status', 'pending', 'deletion_due_at', now() + interval '30 days'),
  'a deletion without the name typed is due in 30 days'
);
select results_eq(
  $$ select deletion_due_at, deletion_requested_by_user_id from public.organizations
    where id = current_setting('tests.acme')::uuid $$,
  $$ select now() + interval '30 days', tests.user_id('ada') $$,
  'the organization says so, and who asked'
);
select is_empty(
  $$ select key from public.my_permissions(current_setting('tests.acme')::uuid) as key
    where key !~ '\.(read|export)$' and key <> 'organizations.delete' $$,
  'an owner keeps nothing but reading, exporting and deleting'
);
select set_has(
  $$ select public.my_permissions(current_setting('tests.acme')::uuid) $$,
  $$ select key from public.permissions
    where key ~ '\.(read|export)$' or key = 'organizations.delete' $$,
  'and keeps all of that'
);
select is(tests.permissions_of('olga'), tests.permissions_of('ada'), 'other owners do alike');
select is(tests.permissions_of('bob'), '{}', 'an admin holds nothing');
select is(tests.permissions_of('cleo'), '{}', 'a member holds nothing, granted singly or not');
select is(tests.permissions_of('dan'), '{}', 'nor does a suspended one');
select isnt_empty('select from public.agents', 'an owner reads');
select throws_ok(
  $$ insert into public.agents (organization_id, name)
    values (current_setting('tests.acme')::uuid, 'Late') $$,
  '42501', null, 'an owner writes nothing'
);
select is_empty(
  $$ update public.agents set name = 'Late' returning id $$, 'and changes nothing'
);
select lives_ok(
  $$ insert into public.agents (name) values ('Elsewhere') $$,
  'what names no organization goes elsewhere'
);
select is(
  (select organization_id from public.agents where name = 'Elsewhere'),
  tests.organization_of('ada'), 'to the personal one'
);
select is_empty(
  $$ update public.organization_members set status = 'suspended'
    where user_id = tests.user_id('bob') returning id $$,
  'an owner manages no member'
);
select is(
  public.delete_organization(current_setting('tests.acme')::uuid) ->> 'status', 'pending',
  'asking twice is no error'
);

select tests.act_as('cleo');
select is_empty(
  $$ select id from public.organizations where id = current_setting('tests.acme')::uuid $$,
  'a member does not see the organization any more'
);
select is_empty('select id from public.agents', 'nor anything in it');
select throws_ok(
  $$ select public.restore_organization(current_setting('tests.acme')::uuid) $$, 'PT404', null,
  'a member cannot restore it'
);
select tests.act_as('bob');
select throws_ok(
  $$ select public.restore_organization(current_setting('tests.acme')::uuid) $$, 'PT404', null,
  'nor can an admin'
);
select tests.act_as('zoe');
select throws_ok(
  $$ select public.restore_organization(current_setting('tests.acme')::uuid) $$, 'PT404', null,
  'nor a stranger'
);

-- Whatever changes meanwhile does not open a way back in.
select tests.act_as_nobody();
update public.organization_members
set role_id = (select id from public.roles where name = 'clerk')
where organization_id = current_setting('tests.acme')::uuid and user_id = tests.user_id('bob');
select is(tests.permissions_of('bob'), '{}', 'another role gives nothing');
select tests.add_member(current_setting('tests.acme')::uuid, 'zoe', 'admin');
select is(tests.permissions_of('zoe'), '{}', 'a new member holds nothing');
insert into public.role_permissions (role_id, permission_key)
  select id, 'tasks.read' from public.roles where name = 'clerk';
select is(tests.permissions_of('bob'), '{}', 'a role that gains gives nothing');
insert into public.permissions (key, description) values ('planted.read', '.'), ('planted.run', '.');
insert into public.role_permissions (role_id, permission_key)
select roles.id, permissions.key from public.roles, public.permissions
where roles.organization_id is null and roles.name in ('owner', 'admin')
  and permissions.key like 'planted.%';
select is(tests.permissions_of('zoe'), '{}', 'also when every admin gains it');
select ok('planted.read' = any (tests.permissions_of('ada')), 'an owner gains what reads');
select ok('planted.run' <> all (tests.permissions_of('ada')), 'and not what acts');
delete from public.permissions where key like 'planted.%';
update public.organization_members set status = 'active'
where organization_id = current_setting('tests.acme')::uuid and user_id = tests.user_id('dan');
select is(tests.permissions_of('dan'), '{}', 'a member made active again holds nothing');
update public.organization_members set status = 'suspended'
where organization_id = current_setting('tests.acme')::uuid and user_id = tests.user_id('dan');
delete from public.organization_members where user_id = tests.user_id('zoe')
  and organization_id = current_setting('tests.acme')::uuid;

select tests.act_as('olga');
select is(
  (public.restore_organization(current_setting('tests.acme')::uuid)).deletion_due_at, null,
  'any owner restores'
);
select results_eq(
  $$ select deletion_due_at, deletion_requested_by_user_id from public.organizations
    where id = current_setting('tests.acme')::uuid $$,
  $$ values (null::timestamptz, null::uuid) $$,
  'and nothing of it stays'
);
select tests.act_as_nobody();
select is(tests.permissions_of('bob'), array['agents.read', 'tasks.read'], 'a role is as it is now');
update public.organization_members
set role_id = (select id from public.roles where name = 'admin' and organization_id is null)
where organization_id = current_setting('tests.acme')::uuid and user_id = tests.user_id('bob');
select set_eq(
  'select id, user_id, permissions from public.organization_members',
  'select id, user_id, permissions from tests.held',
  'everybody holds exactly what they held'
);
select tests.act_as('ada');
select lives_ok(
  $$ insert into public.agents (organization_id, name)
    values (current_setting('tests.acme')::uuid, 'Again') $$,
  'and works with the next statement'
);
select is(
  (public.restore_organization(current_setting('tests.acme')::uuid)).name, 'Acme',
  'restoring what is not deleted changes nothing'
);

-- When the time is over there is no way back.
select public.delete_organization(current_setting('tests.acme')::uuid);
select tests.act_as_nobody();
update public.organizations set deletion_due_at = now() where id = current_setting('tests.acme')::uuid;
select tests.act_as('ada');
select throws_ok(
  $$ select public.restore_organization(current_setting('tests.acme')::uuid) $$, 'PT409',
  'The organization is being deleted', 'what is due is not restored'
);
select tests.act_as_nobody();
update public.organization_members set role_id = role_id;
select is(tests.permissions_of('ada'), '{}', 'and an owner holds nothing there either');

-- Owners, and they alone, while nothing is pending.
select tests.act_as('cleo');
select set_config('tests.shop', (public.create_organization('Shop')).id::text, true);
select tests.add_member(current_setting('tests.shop')::uuid, 'bob', 'admin');
select tests.add_member(current_setting('tests.shop')::uuid, 'dan', 'owner', 'suspended');
select tests.act_as('bob');
select throws_ok(
  $$ select public.delete_organization(current_setting('tests.shop')::uuid) $$, 'PT403', null,
  'an admin cannot delete'
);
select throws_ok(
  $$ select public.delete_organization(current_setting('tests.shop')::uuid, 'Shop') $$, 'PT403',
  null, 'not even knowing the name'
);
select tests.act_as('dan');
select throws_ok(
  $$ select public.delete_organization(current_setting('tests.shop')::uuid) $$, 'PT404', null,
  'a suspended owner cannot delete'
);
select tests.act_as('zoe');
select throws_ok(
  $$ select public.delete_organization(current_setting('tests.shop')::uuid, 'Shop') $$, 'PT404',
  null, 'a stranger cannot delete'
);
select throws_ok(
  $$ select public.delete_organization(tests.organization_of('zoe'), 'Zoe') $$, 'PT409', null,
  'nobody deletes their personal organization'
);
select tests.act_as_anon();
select throws_ok(
  $$ select public.delete_organization(current_setting('tests.shop')::uuid) $$, '42501', null,
  'visitors delete nothing'
);

select * from finish();
rollback;
