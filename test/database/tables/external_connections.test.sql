-- What a workspace uses of a connection: read by its people, changed by who manages integrations there.
begin;
select plan(21);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('cleo');
select tests.create_user('gus');
select tests.create_user('sue');
select tests.create_user('eve');
select tests.add_member(tests.organization_of('ada'), 'bob', 'admin');
select tests.add_member(tests.organization_of('ada'), 'cleo', 'member');
select tests.add_member(tests.organization_of('ada'), 'gus', 'guest');
select tests.add_member(tests.organization_of('ada'), 'sue', 'admin', 'suspended');

create function tests.connect(p_user text, p_organization_id uuid, p_visibility text)
returns uuid
language sql
as $$
  select (public.save_oauth_connection(
    tests.user_id(p_user), p_organization_id, id, 'ya29.a', p_account_id => p_visibility,
    p_visibility => p_visibility
  ) ->> 'id')::uuid
  from public.service_providers where name = 'gmail'
$$;
-- An insert by whoever acts.
create function tests.record(p_connection text, p_name text)
returns text
language sql
as $$
  select format(
    'insert into public.external_connections (workspace_id, connection_id, name) values (%L, %L, %L)',
    current_setting('tests.workspace'), current_setting('tests.' || p_connection), p_name
  )
$$;

select policies_are(
  'public', 'external_connections',
  array['select_member', 'insert_manager', 'update_manager', 'delete_manager']
);

select tests.act_as_service();
select set_config('tests.mine', tests.connect('ada', tests.organization_of('ada'), 'personal')::text, true);
select set_config('tests.cleos', tests.connect('cleo', tests.organization_of('ada'), 'personal')::text, true);
select set_config('tests.shared', tests.connect('cleo', tests.organization_of('ada'), 'organization')::text, true);
select set_config('tests.foreign', tests.connect('eve', tests.organization_of('eve'), 'organization')::text, true);
select tests.act_as_nobody();
with made as (
  insert into public.workspaces (organization_id, name, owner_user_id)
  values (tests.organization_of('ada'), 'Desk', tests.user_id('ada')) returning id
)
select set_config('tests.workspace', id::text, true) from made;
insert into public.workspace_members (workspace_id, user_id)
values (current_setting('tests.workspace')::uuid, tests.user_id('cleo'));

select tests.act_as('ada');
select lives_ok(tests.record('mine', 'Inbox'), 'who manages integrations records a connection of theirs');
select lives_ok(tests.record('shared', 'Shared inbox'), 'and one that is shared');
select throws_ok(tests.record('cleos', 'x'), 'PT404', null, 'a personal one of another is not there');
select throws_ok(tests.record('foreign', 'x'), 'PT404', null, 'nor one of another organization');
select throws_ok(tests.record('mine', 'Inbox'), '23505', null, 'a workspace has each name once');
select throws_ok(
  format(
    'update public.external_connections set connection_id = %L where name = %L',
    current_setting('tests.cleos'), 'Inbox'
  ),
  'PT404', null, 'changing it is no way around'
);
select throws_ok(
  $$ update public.external_connections set config = '{"api_key": "sk-abcdefghijklmnopqrstuvwx"}' $$,
  'PT400', null, 'its settings hold no credential'
);
select throws_ok(
  $$ update public.external_connections set workspace_id = gen_random_uuid() $$,
  '42501', null, 'it stays in its workspace'
);

select tests.act_as('cleo');
select is((select count(*) from public.external_connections), 2::bigint, 'people of the workspace read them');
select throws_ok(tests.record('cleos', 'x'), '42501', null, 'a member there records none');
update public.external_connections set name = 'Mine';
delete from public.external_connections;
select tests.act_as('gus');
select is_empty('select from public.external_connections', 'who is not of the workspace reads none');
select tests.act_as('sue');
select is_empty('select from public.external_connections', 'nor does who is suspended');
select throws_ok(tests.record('shared', 'x'), 'PT404', null, 'who records none either');
select tests.act_as('eve');
select is_empty('select from public.external_connections', 'nor does a stranger');
select throws_ok(tests.record('foreign', 'x'), null, null, 'who brings no connection of her own in');
select tests.act_as_anon();
select throws_ok('select from public.external_connections', '42501', null, 'a visitor may not even ask');

select tests.act_as_nobody();
select set_eq(
  'select name from public.external_connections', array['Inbox', 'Shared inbox'], 'a member changed nothing'
);
delete from public.user_integration_credentials where id = current_setting('tests.mine')::uuid;
select results_eq(
  'select name, connection_id is null from public.external_connections order by name',
  $$ values ('Inbox', true), ('Shared inbox', false) $$,
  'a record outlives its connection'
);
delete from public.organization_members
where user_id = tests.user_id('ada') and organization_id <> tests.organization_of('ada');
select is(
  (select created_by_user_id from public.external_connections where name = 'Inbox'),
  tests.user_id('ada'),
  'it says who made it'
);
delete from public.workspaces where id = current_setting('tests.workspace')::uuid;
select is_empty('select from public.external_connections', 'and goes with its workspace');

select * from finish();
rollback;
