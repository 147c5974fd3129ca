begin;
select plan(16);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('cleo');
select tests.create_user('eve');
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme')).id::text, true);
select tests.add_member(current_setting('tests.acme')::uuid, 'bob', 'manager');
select tests.add_member(current_setting('tests.acme')::uuid, 'cleo', 'member');
-- Someone who builds teams, but manages no agents.
select tests.act_as_nobody();
update public.organization_members set custom_permissions = '{"grant": [], "deny": ["agents.manage"]}'
where user_id = tests.user_id('bob') and organization_id = current_setting('tests.acme')::uuid;

select tests.act_as('cleo');
insert into public.agents (organization_id, name, visibility) values
  (current_setting('tests.acme')::uuid, 'Private', 'private'),
  (current_setting('tests.acme')::uuid, 'Workspace', 'workspace'),
  (current_setting('tests.acme')::uuid, 'Open', 'organization');
select tests.act_as('eve');
insert into public.agents (name, visibility) values ('Foreign', 'organization');
select tests.act_as_nobody();
select set_config('tests.' || lower(name), id::text, true) from public.agents;
select tests.act_as('bob');
insert into public.teams (organization_id, name) values (current_setting('tests.acme')::uuid, 'Writers');
select set_config('tests.team', (select id::text from public.teams), true);

select policies_are(
  'public', 'team_members',
  array['select_member', 'insert_manager', 'update_manager', 'delete_manager']
);

select throws_ok(
  format(
    'insert into public.team_members (team_id, agent_id, organization_id) values (%L, %L, %L)',
    current_setting('tests.team'), current_setting('tests.open'), tests.organization_of('bob')
  ),
  '23503', null,
  'nobody passes a place off as another organization''s'
);
select results_eq(
  format(
    'insert into public.team_members (team_id, agent_id) values (%L, %L)
      returning organization_id, team_role, reports_to_user',
    current_setting('tests.team'), current_setting('tests.open')
  ),
  $$ select current_setting('tests.acme')::uuid, 'member', false $$,
  'an agent that is open to the organization joins a team'
);
select throws_ok(
  format(
    'insert into public.team_members (team_id, agent_id) values (%L, %L)',
    current_setting('tests.team'), current_setting('tests.open')
  ),
  '23505', null,
  'an agent is in a team once'
);
select throws_ok(
  format(
    'insert into public.team_members (team_id, agent_id) values (%L, %L)',
    current_setting('tests.team'), current_setting('tests.private')
  ),
  '42501', null,
  'nobody puts another''s private agent into a team'
);
select throws_ok(
  format(
    'insert into public.team_members (team_id, agent_id) values (%L, %L)',
    current_setting('tests.team'), current_setting('tests.workspace')
  ),
  '42501', null,
  'nor one that is shared with some workspace'
);
select throws_ok(
  format(
    'insert into public.team_members (team_id, agent_id) values (%L, %L)',
    current_setting('tests.team'), current_setting('tests.foreign')
  ),
  '42501', null,
  'nor one of another organization'
);
select throws_ok(
  format('update public.team_members set agent_id = %L', current_setting('tests.private')),
  '42501', null,
  'a place does not change hands'
);
select isnt_empty(
  $$ update public.team_members set team_role = 'lead', reports_to_user = true returning id $$,
  'who holds teams.manage changes the role in the team'
);

select tests.act_as('eve');
select is_empty('select id from public.team_members', 'a stranger sees no team members');
select throws_ok(
  format(
    'insert into public.team_members (team_id, agent_id) values (%L, %L)',
    current_setting('tests.team'), current_setting('tests.foreign')
  ),
  '42501', null,
  'a stranger puts nobody into a team'
);
select is_empty('delete from public.team_members returning id', 'a stranger takes nobody out of a team');
select tests.act_as_service();
select throws_ok(
  format(
    'insert into public.team_members (team_id, agent_id) values (%L, %L)',
    current_setting('tests.team'), current_setting('tests.foreign')
  ),
  '23503', null,
  'not even the service mixes organizations'
);
select tests.act_as_anon();
select throws_ok('select id from public.team_members', '42501', null, 'visitors see nothing');

select tests.act_as('cleo');
select isnt_empty('select id from public.team_members', 'members see who is in a team');
select isnt_empty(
  'delete from public.team_members returning id',
  'the owner of an agent takes it out of a team'
);

select * from finish();
rollback;
