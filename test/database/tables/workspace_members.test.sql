begin;
select plan(31);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('cleo');
select tests.create_user('dan');
select tests.create_user('fay');
select tests.create_user('eve');
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme')).id::text, true);
select tests.add_member(current_setting('tests.acme')::uuid, 'bob', 'member');
select tests.add_member(current_setting('tests.acme')::uuid, 'cleo', 'member');
select tests.add_member(current_setting('tests.acme')::uuid, 'dan', 'guest');
select tests.add_member(current_setting('tests.acme')::uuid, 'fay', 'member', 'invited');

select tests.act_as('cleo');
insert into public.agents (organization_id, name, visibility) values
  (current_setting('tests.acme')::uuid, 'Private', 'private'),
  (current_setting('tests.acme')::uuid, 'Workspace', 'workspace'),
  (current_setting('tests.acme')::uuid, 'Open', 'organization');
select tests.act_as('eve');
insert into public.agents (name, visibility) values ('Foreign', 'organization');
insert into public.teams (name) values ('Foreigners');
select tests.act_as('ada');
insert into public.teams (organization_id, name) values (current_setting('tests.acme')::uuid, 'Writers');
select tests.act_as_nobody();
select set_config('tests.' || lower(name), id::text, true) from public.agents;
select set_config('tests.' || lower(name), id::text, true) from public.teams;
select tests.act_as('bob');
insert into public.workspaces (organization_id, name) values (current_setting('tests.acme')::uuid, 'Forge');
select set_config('tests.forge', (select id::text from public.workspaces), true);

-- Tries to place somebody in the forge, naming the workspace alone.
select tests.act_as_nobody();
create function tests.place(p_column text, p_id text, p_role text default 'member') returns text
language sql stable
as $$
  select format(
    'insert into public.workspace_members (workspace_id, %I, role) values (%L, %L, %L)',
    p_column, current_setting('tests.forge'), p_id, p_role
  )
$$;
grant execute on all functions in schema tests to public;

select policies_are(
  'public', 'workspace_members',
  array['select_member', 'insert_manager', 'update_manager', 'delete_manager']
);

-- Exactly one.
select throws_ok(
  format(
    'insert into public.workspace_members (workspace_id, user_id, agent_id) values (%L, %L, %L)',
    current_setting('tests.forge'), tests.user_id('cleo'), current_setting('tests.open')
  ),
  '23514', null,
  'a place is of one alone'
);
select throws_ok(
  format('insert into public.workspace_members (workspace_id) values (%L)', current_setting('tests.forge')),
  '23514', null,
  'a place is of somebody'
);

-- People.
select tests.act_as('bob');
select lives_ok(tests.place('user_id', tests.user_id('cleo')::text, 'admin'), 'an owner adds an admin');
select throws_ok(
  tests.place('user_id', tests.user_id('cleo')::text), '23505', null, 'a person has one place'
);
select throws_ok(
  tests.place('user_id', tests.user_id('eve')::text),
  'PT404', null,
  'somebody from outside the organization is not added'
);
select throws_ok(
  tests.place('user_id', gen_random_uuid()::text),
  'PT404', null,
  'somebody who does not exist gets the same answer'
);
select throws_ok(
  tests.place('user_id', tests.user_id('fay')::text),
  'PT404', null,
  'somebody who has not accepted yet is not added'
);

-- Ceilings.
select tests.act_as('cleo');
select throws_ok(
  tests.place('user_id', tests.user_id('dan')::text, 'owner'),
  'PT403', null,
  'an admin of a workspace makes no owner'
);
select lives_ok(tests.place('user_id', tests.user_id('dan')::text, 'guest'), 'an admin adds a guest');
select throws_ok(
  $$ update public.workspace_members set role = 'owner' where user_id = tests.user_id('cleo') $$,
  'PT403', null,
  'an admin does not promote themself'
);
select throws_ok(
  $$ update public.workspace_members set role = 'guest' where user_id = tests.user_id('bob') $$,
  'PT403', null,
  'an admin does not demote an owner'
);
select throws_ok(
  $$ delete from public.workspace_members where user_id = tests.user_id('bob') $$,
  'PT403', null,
  'an admin does not remove an owner'
);
select throws_ok(
  $$ update public.workspace_members set user_id = tests.user_id('ada') $$,
  '42501', null,
  'a place does not change hands'
);
select tests.act_as('dan');
select is(
  (select count(*) from public.workspace_members),
  3::bigint,
  'the people of a workspace see each other'
);
select throws_ok(
  tests.place('agent_id', current_setting('tests.open')),
  'PT403', null,
  'a guest of a workspace adds nobody above themself'
);
select throws_ok(
  tests.place('agent_id', current_setting('tests.open'), 'guest'),
  '42501', null,
  'nor anybody else'
);
select is_empty(
  $$ update public.workspace_members set role = 'owner' where user_id = tests.user_id('dan') returning id $$,
  'a guest of a workspace promotes nobody'
);

-- Agents and teams.
select tests.act_as('bob');
select throws_ok(
  tests.place('agent_id', current_setting('tests.private')),
  '42501', null,
  'nobody places another''s private agent'
);
select throws_ok(
  tests.place('agent_id', current_setting('tests.workspace')),
  '42501', null,
  'nor one that is shared with another workspace'
);
select throws_ok(
  tests.place('agent_id', current_setting('tests.foreign')),
  '42501', null,
  'nor one of another organization'
);
select throws_ok(
  tests.place('team_id', current_setting('tests.writers')),
  '42501', null,
  'nobody places a team that they do not manage'
);
select lives_ok(
  tests.place('agent_id', current_setting('tests.open')), 'an agent open to the organization is placed'
);
select tests.act_as('ada');
select lives_ok(
  tests.place('team_id', current_setting('tests.writers')), 'who manages teams places one'
);
select tests.act_as_service();
select throws_ok(
  tests.place('team_id', current_setting('tests.foreigners')),
  '23503', null,
  'not even the service mixes organizations'
);
select tests.act_as('cleo');
select lives_ok(
  tests.place('agent_id', current_setting('tests.workspace')), 'an owner places their agent'
);

-- Strangers.
select tests.act_as('eve');
select is_empty('select id from public.workspace_members', 'a stranger sees no places');
select throws_ok(
  tests.place('user_id', tests.user_id('eve')::text, 'owner'),
  'PT404', null,
  'a stranger does not let themself in'
);
select is_empty('delete from public.workspace_members returning id', 'a stranger removes nobody');
select tests.act_as_anon();
select throws_ok('select id from public.workspace_members', '42501', null, 'visitors see nothing');

-- Leaving.
select tests.act_as('dan');
select results_eq(
  $$ delete from public.workspace_members where user_id = tests.user_id('dan') returning role::text $$,
  array['guest'],
  'everyone may leave'
);

select * from finish();
rollback;
