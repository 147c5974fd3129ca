begin;
select plan(17);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('cleo');
select tests.create_user('dan');
select tests.create_user('eve');
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme')).id::text, true);
select tests.add_member(current_setting('tests.acme')::uuid, 'bob', 'member');
select tests.add_member(current_setting('tests.acme')::uuid, 'cleo', 'member');
select tests.add_member(current_setting('tests.acme')::uuid, 'dan', 'guest');
select tests.act_as('bob');
insert into public.agents (organization_id, name) values (current_setting('tests.acme')::uuid, 'Scribe');
select set_config('tests.scribe', (select id::text from public.agents), true);
select tests.act_as_nobody();
create function tests.set_visibility(p_visibility text) returns void language sql security definer
as $$
  update public.agents set visibility = p_visibility::public.agent_visibility
  where id = current_setting('tests.scribe')::uuid
$$;
grant execute on all functions in schema tests to public;

select tests.act_as('bob');
select ok(public.can_run_agent(current_setting('tests.scribe')::uuid), 'an owner runs their private agent');
select tests.act_as('cleo');
select ok(
  not public.can_run_agent(current_setting('tests.scribe')::uuid), 'another member does not'
);
select tests.act_as('ada');
select ok(
  public.can_run_agent(current_setting('tests.scribe')::uuid), 'who holds agents.manage does'
);
select tests.set_visibility('organization');
select tests.act_as('cleo');
select ok(
  public.can_run_agent(current_setting('tests.scribe')::uuid),
  'an agent open to the organization is run by its members'
);
select tests.act_as('dan');
select ok(
  not public.can_run_agent(current_setting('tests.scribe')::uuid),
  'a guest sees it and does not run it'
);
select tests.act_as('eve');
select ok(not public.can_run_agent(current_setting('tests.scribe')::uuid), 'a stranger does not');
select ok(not public.can_run_agent(gen_random_uuid()), 'nobody runs what does not exist');
select ok(not coalesce(public.can_run_agent(null), false), 'nor nothing');

select tests.set_visibility('workspace');
select tests.act_as('cleo');
select ok(
  not public.can_run_agent(current_setting('tests.scribe')::uuid),
  'an agent for workspaces is not run from outside'
);
select tests.act_as('bob');
insert into public.workspaces (organization_id, name) values (current_setting('tests.acme')::uuid, 'Forge');
insert into public.workspace_members (workspace_id, user_id, agent_id)
select id, added.user_id, added.agent_id
from public.workspaces, (values
  (tests.user_id('cleo'), null::uuid), (null, current_setting('tests.scribe')::uuid)
) as added (user_id, agent_id);
select tests.act_as('cleo');
select ok(
  public.can_run_agent(current_setting('tests.scribe')::uuid), 'it is from inside'
);
select tests.act_as_nobody();
delete from public.workspace_members where agent_id is not null;
insert into public.teams (organization_id, name) values (current_setting('tests.acme')::uuid, 'Writers');
insert into public.team_members (team_id, agent_id)
select id, current_setting('tests.scribe')::uuid from public.teams;
insert into public.workspace_members (workspace_id, team_id)
select workspaces.id, teams.id from public.workspaces, public.teams;
select tests.act_as('cleo');
select ok(
  public.can_run_agent(current_setting('tests.scribe')::uuid), 'also when it came with a team'
);

select tests.act_as_nobody();
update public.agents set status = 'paused';
select ok(
  not private.can_run_agent(current_setting('tests.scribe')::uuid, tests.user_id('bob')),
  'a paused agent does not run'
);
update public.agents set status = 'active', is_active = false;
select ok(
  not private.can_run_agent(current_setting('tests.scribe')::uuid, tests.user_id('bob')),
  'an agent that is off does not run'
);
update public.agents set is_active = true;
update public.organization_members set custom_permissions = '{"deny": ["agents.run"]}'
where user_id = tests.user_id('bob') and organization_id = current_setting('tests.acme')::uuid;
select ok(
  not private.can_run_agent(current_setting('tests.scribe')::uuid, tests.user_id('bob')),
  'an owner who may not run agents does not run theirs'
);
update public.organization_members
set custom_permissions = '{"grant": [], "deny": []}', status = 'suspended'
where user_id = tests.user_id('bob') and organization_id = current_setting('tests.acme')::uuid;
select ok(
  not private.can_run_agent(current_setting('tests.scribe')::uuid, tests.user_id('bob')),
  'nor does one who is suspended'
);
select ok(
  not coalesce(private.can_run_agent(current_setting('tests.scribe')::uuid, null), false),
  'nor does nobody'
);
select tests.act_as_anon();
select throws_ok(
  format('select public.can_run_agent(%L)', current_setting('tests.scribe')),
  '42501', null,
  'visitors do not ask'
);

select * from finish();
rollback;
