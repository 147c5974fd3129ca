begin;
select plan(36);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('cleo');
select tests.create_user('dan');
select tests.create_user('eve');
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme')).id::text, true);
select tests.add_member(current_setting('tests.acme')::uuid, 'bob', 'manager');
select tests.add_member(current_setting('tests.acme')::uuid, 'cleo', 'member');
select tests.add_member(current_setting('tests.acme')::uuid, 'dan', 'guest');
select tests.act_as('cleo');
select public.switch_organization(current_setting('tests.acme')::uuid);

select policies_are(
  'public', 'agents', array['select_reader', 'insert_creator', 'update_owner', 'delete_owner']
);
select enum_has_labels(
  'public', 'agent_visibility', array['private', 'workspace', 'organization'],
  'visibility has three values'
);

-- Creating.
select results_eq(
  $$
    insert into public.agents (name, instructions) values ('Scribe', 'Write short.')
    returning organization_id, user_id, is_active, visibility::text, context_window_size, max_tokens, status
  $$,
  $$
    select current_setting('tests.acme')::uuid, tests.user_id('cleo'), true, 'private', 4000, 1000, 'active'
  $$,
  'a name and instructions are enough; the rest follows from the caller and the documented defaults'
);
select set_config('tests.scribe', (select id::text from public.agents where name = 'Scribe'), true);
select throws_ok(
  $$ insert into public.agents (name, user_id) values ('Forged', tests.user_id('ada')) $$,
  '42501', null,
  'nobody creates an agent in another''s name'
);
select throws_ok(
  $$ insert into public.agents (name, user_id) values ('Forged', null) $$,
  '42501', null,
  'nobody creates an agent that is nobody''s'
);
select throws_ok(
  $$ insert into public.agents (name, organization_id) values ('Forged', tests.organization_of('eve')) $$,
  '42501', null,
  'nobody creates an agent in an organization they do not belong to'
);
select throws_ok(
  $$ insert into public.agents (name, created_at) values ('Forged', '2000-01-01') $$,
  '42501', null,
  'nobody chooses when an agent was created'
);
select throws_ok($$ insert into public.agents (name) values ('') $$, '23514', null, 'a name has a character');
select throws_ok(
  $$ insert into public.agents (name) values (repeat('x', 101)) $$,
  '23514', null,
  'a name has no more than a hundred characters'
);
select throws_ok(
  $$ insert into public.agents (name, temperature) values ('Hot', 2.5) $$,
  '23514', null,
  'a temperature is between 0 and 2'
);
select throws_ok(
  $$ insert into public.agents (name, config) values ('Odd', '[]') $$,
  '23514', null,
  'a config is an object'
);
select throws_ok(
  $$ insert into public.agents (name, status) values ('Odd', 'sleeping') $$,
  '23514', null,
  'an unknown status is refused'
);
select tests.act_as('dan');
select throws_ok(
  format('insert into public.agents (name, organization_id) values (%L, %L)', 'Spy', current_setting('tests.acme')),
  '42501', null,
  'a guest creates no agent'
);

-- Private.
select is_empty(
  format('select 1 from public.agents where id = %L', current_setting('tests.scribe')),
  'a private agent is hidden from other members'
);
select tests.act_as('bob');
select isnt_empty(
  format('select 1 from public.agents where id = %L', current_setting('tests.scribe')),
  'who holds agents.manage sees private agents'
);
select tests.act_as('eve');
select is_empty(
  format('select 1 from public.agents where id = %L', current_setting('tests.scribe')),
  'a stranger sees no agent'
);
select is_empty(
  format('update public.agents set name = %L where id = %L returning 1', 'Mine', current_setting('tests.scribe')),
  'a stranger changes no agent'
);
select is_empty(
  format('delete from public.agents where id = %L returning 1', current_setting('tests.scribe')),
  'a stranger deletes no agent'
);

-- Changing.
select tests.act_as('cleo');
select lives_ok(
  $$ update public.agents set name = 'Scribe 2', visibility = 'organization' where name = 'Scribe' $$,
  'an owner changes their agent'
);
select throws_ok(
  $$ update public.agents set user_id = tests.user_id('dan') $$,
  '42501', null,
  'nobody hands on an agent'
);
select throws_ok(
  $$ update public.agents set organization_id = tests.organization_of('cleo') $$,
  '42501', null,
  'nobody moves an agent to another organization'
);
select tests.act_as('dan');
select isnt_empty(
  format('select 1 from public.agents where id = %L', current_setting('tests.scribe')),
  'an agent open to the organization is seen by all who hold agents.read'
);
select is_empty(
  format('update public.agents set name = %L where id = %L returning 1', 'Mine', current_setting('tests.scribe')),
  'seeing an agent is not changing it'
);
select is_empty(
  format('delete from public.agents where id = %L returning 1', current_setting('tests.scribe')),
  'seeing an agent is not deleting it'
);

-- In a workspace.
select tests.act_as('cleo');
update public.agents set visibility = 'workspace' where name = 'Scribe 2';
insert into public.workspaces (name) values ('Forge');
select set_config('tests.forge', (select id::text from public.workspaces where name = 'Forge'), true);
insert into public.workspace_members (workspace_id, user_id, role)
values (current_setting('tests.forge')::uuid, tests.user_id('dan'), 'guest');
select tests.act_as('dan');
select is_empty(
  format('select 1 from public.agents where id = %L', current_setting('tests.scribe')),
  'an agent for workspaces is hidden until it is in one'
);
select tests.act_as('cleo');
insert into public.workspace_members (workspace_id, agent_id)
values (current_setting('tests.forge')::uuid, current_setting('tests.scribe')::uuid);
select tests.act_as('dan');
select isnt_empty(
  format('select 1 from public.agents where id = %L', current_setting('tests.scribe')),
  'the people of a workspace see its agents'
);
select tests.act_as('cleo');
delete from public.workspace_members where agent_id is not null;
select tests.act_as('bob');
insert into public.teams (organization_id, name) values (current_setting('tests.acme')::uuid, 'Writers');
insert into public.team_members (team_id, agent_id)
select id, current_setting('tests.scribe')::uuid from public.teams where name = 'Writers';
select tests.act_as_nobody();
insert into public.workspace_members (workspace_id, team_id)
select current_setting('tests.forge')::uuid, id from public.teams where name = 'Writers';
select tests.act_as('dan');
select isnt_empty(
  format('select 1 from public.agents where id = %L', current_setting('tests.scribe')),
  'and those of its teams'
);
select tests.act_as_nobody();
update public.workspaces set is_public = true where name = 'Forge';
delete from public.workspace_members where user_id = tests.user_id('dan');
select tests.act_as('dan');
select is_empty(
  format('select 1 from public.agents where id = %L', current_setting('tests.scribe')),
  'reading a public workspace is no place in it, and shows no agents'
);

-- Suspended, and gone.
select tests.act_as_nobody();
update public.organization_members set status = 'suspended' where user_id = tests.user_id('cleo')
  and organization_id = current_setting('tests.acme')::uuid;
select tests.act_as('cleo');
select is_empty(
  format('select 1 from public.agents where id = %L', current_setting('tests.scribe')),
  'a suspended owner does not reach their agents'
);
select is_empty(
  format('update public.agents set name = %L where id = %L returning 1', 'Mine', current_setting('tests.scribe')),
  'nor changes them'
);
select tests.act_as_anon();
select throws_ok('select 1 from public.agents', '42501', null, 'visitors see no agents');

select tests.act_as_nobody();
delete from public.organization_members where user_id = tests.user_id('cleo')
  and organization_id = current_setting('tests.acme')::uuid;
select is(
  (select user_id from public.agents where id = current_setting('tests.scribe')::uuid),
  null,
  'who leaves the organization leaves their agents behind'
);
select tests.act_as('bob');
select lives_ok(
  format('delete from public.agents where id = %L', current_setting('tests.scribe')),
  'who holds agents.manage deletes an agent that is nobody''s, out of its team'
);
select tests.act_as_nobody();
select is_empty(
  format('select 1 from public.team_members where agent_id = %L', current_setting('tests.scribe')),
  'its place in the team went with it'
);

select tests.act_as_service();
select throws_ok(
  format(
    'insert into public.agents (name, organization_id, user_id) values (%L, %L, %L)',
    'Stray', current_setting('tests.acme'), tests.user_id('eve')
  ),
  '23503', null,
  'not even the service gives an agent to someone outside'
);
select throws_ok(
  $$ insert into public.agents (name) values ('Stray') $$,
  '23502', null,
  'the service says which organization an agent is for'
);

select * from finish();
rollback;
