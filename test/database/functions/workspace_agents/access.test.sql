-- Adding a team to a workspace gives its agents access there, on the next statement, and for as long
-- as they are in the team and the team is in the workspace.
begin;
select plan(24);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('cleo');
select tests.create_user('gus');
select tests.create_user('eve');
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme')).id::text, true);
select tests.add_member(current_setting('tests.acme')::uuid, 'bob', 'member');
select tests.add_member(current_setting('tests.acme')::uuid, 'cleo', 'member');
select tests.add_member(current_setting('tests.acme')::uuid, 'gus', 'guest');
insert into public.workspaces (organization_id, name) values
  (current_setting('tests.acme')::uuid, 'Forge'), (current_setting('tests.acme')::uuid, 'Attic');
insert into public.teams (organization_id, name) values
  (current_setting('tests.acme')::uuid, 'Writers'), (current_setting('tests.acme')::uuid, 'Editors');
insert into public.agents (organization_id, name, visibility) values
  (current_setting('tests.acme')::uuid, 'Scribe', 'workspace'),
  (current_setting('tests.acme')::uuid, 'Clerk', 'workspace'),
  (current_setting('tests.acme')::uuid, 'Diary', 'private');
select set_config('tests.' || lower(name), id::text, true) from public.workspaces;
select set_config('tests.' || lower(name), id::text, true) from public.teams;
select set_config('tests.' || lower(name), id::text, true) from public.agents;
insert into public.chat_channels (workspace_id, name)
values (current_setting('tests.forge')::uuid, 'desk');
select set_config('tests.desk', (select id::text from public.chat_channels), true);
insert into public.workspace_members (workspace_id, user_id)
values (current_setting('tests.forge')::uuid, tests.user_id('bob')),
  (current_setting('tests.attic')::uuid, tests.user_id('cleo'));
insert into public.workspace_members (workspace_id, user_id, role)
values (current_setting('tests.forge')::uuid, tests.user_id('gus'), 'guest');
insert into public.team_members (team_id, agent_id)
select current_setting('tests.writers')::uuid, agents.id
from public.agents
where name in ('Scribe', 'Diary');

select tests.act_as_nobody();
create function tests.names_in(p_workspace text)
returns text
language sql
as $$
  select coalesce(string_agg(name, ' ' order by name), '-')
  from public.workspace_agents(current_setting('tests.' || p_workspace)::uuid)
$$;

select tests.act_as('bob');
select is(tests.names_in('forge'), '-', 'before the team comes nobody is there');
select ok(not public.can_run_agent(current_setting('tests.scribe')::uuid), 'nor runs its agents');
select throws_ok(
  format(
    'select public.post_agent_message(%L, %L, ''Hello'')',
    current_setting('tests.desk'), current_setting('tests.scribe')
  ),
  'PT403', null,
  'nor has them speak'
);
select throws_ok(
  format(
    'insert into public.workspace_members (workspace_id, team_id) values (%L, %L)',
    current_setting('tests.forge'), current_setting('tests.writers')
  ),
  '42501', null,
  'a member of the workspace brings no team along'
);

select tests.act_as('ada');
insert into public.workspace_members (workspace_id, team_id)
values (current_setting('tests.forge')::uuid, current_setting('tests.writers')::uuid);

select tests.act_as('bob');
select results_eq(
  format('select name, is_direct, team_ids from public.workspace_agents(%L)', current_setting('tests.forge')),
  format('values (''Scribe'', false, array[%L]::uuid[])', current_setting('tests.writers')),
  'with the team come its agents, but a private one stays its owner''s'
);
select isnt_empty(
  format('select id from public.agents where id = %L', current_setting('tests.scribe')),
  'the people of the workspace see them'
);
select ok(public.can_run_agent(current_setting('tests.scribe')::uuid), 'and run them');
select lives_ok(
  format(
    'select public.post_agent_message(%L, %L, ''Hello'')',
    current_setting('tests.desk'), current_setting('tests.scribe')
  ),
  'and have them speak'
);
select ok(not public.can_run_agent(current_setting('tests.diary')::uuid), 'a private one they do not');
select tests.act_as('ada');
select is(tests.names_in('forge'), 'Diary Scribe', 'whoever sees all agents sees both');
select tests.act_as('gus');
select is(tests.names_in('forge'), 'Scribe', 'a guest of the workspace sees who is there');
select tests.act_as('cleo');
select is(tests.names_in('forge'), '-', 'who is in another workspace does not');
select ok(not public.can_run_agent(current_setting('tests.scribe')::uuid), 'nor runs them');
select tests.act_as('eve');
select is(tests.names_in('forge'), '-', 'nor does a stranger');
select tests.act_as_anon();
select throws_ok(
  'select public.workspace_agents(gen_random_uuid())', '42501', null, 'visitors do not ask'
);

select tests.act_as('ada');
insert into public.team_members (team_id, agent_id)
values (current_setting('tests.writers')::uuid, current_setting('tests.clerk')::uuid);
select tests.act_as('bob');
select is(tests.names_in('forge'), 'Clerk Scribe', 'who joins the team later is there as well');
select ok(public.can_run_agent(current_setting('tests.clerk')::uuid), 'and can be run');

select tests.act_as('ada');
delete from public.team_members where agent_id = current_setting('tests.scribe')::uuid;
select tests.act_as('bob');
select is(tests.names_in('forge'), 'Clerk', 'who leaves the team is gone');
select ok(not public.can_run_agent(current_setting('tests.scribe')::uuid), 'and cannot be run');

select tests.act_as('ada');
insert into public.team_members (team_id, agent_id)
values (current_setting('tests.editors')::uuid, current_setting('tests.clerk')::uuid);
insert into public.workspace_members (workspace_id, team_id)
values (current_setting('tests.forge')::uuid, current_setting('tests.editors')::uuid);
delete from public.workspace_members where team_id = current_setting('tests.writers')::uuid;
select tests.act_as('bob');
select is(tests.names_in('forge'), 'Clerk', 'an agent of two teams stays while one of them is there');
select tests.act_as('ada');
delete from public.teams where id = current_setting('tests.editors')::uuid;
select tests.act_as('bob');
select is(tests.names_in('forge'), '-', 'and goes with the last');
select ok(not public.can_run_agent(current_setting('tests.clerk')::uuid), 'with all that came with it');

select tests.act_as('ada');
insert into public.workspace_members (workspace_id, agent_id)
values (current_setting('tests.forge')::uuid, current_setting('tests.clerk')::uuid);
select tests.act_as('bob');
select results_eq(
  format('select name, is_direct, team_ids from public.workspace_agents(%L)', current_setting('tests.forge')),
  $$ values ('Clerk', true, '{}'::uuid[]) $$,
  'a place of its own is told apart'
);
select is_empty(
  'select * from public.workspace_agents(null)', 'no workspace has no agents'
);

select * from finish();
rollback;
