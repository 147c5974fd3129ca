-- Lending takes whoever may manage both sides: the agent, and the connection.
begin;
select * from no_plan();

select tests.create_user(name) from unnest(array['ada', 'max', 'bob', 'gus', 'sue', 'eve']) as name;
select set_config('tests.organization', tests.organization_of('ada')::text, true);
select tests.add_member(tests.organization_of('ada'), 'max', 'manager');
select tests.add_member(tests.organization_of('ada'), 'bob', 'member');
select tests.add_member(tests.organization_of('ada'), 'gus', 'guest');
select tests.add_member(tests.organization_of('ada'), 'sue', 'admin', 'suspended');

create table tests.things (name text primary key, id uuid);
grant select, insert on tests.things to public;

create function tests.thing(p_name text) returns uuid language sql stable as $$
  select things.id from tests.things where things.name = p_name
$$;

create function tests.connect_account(
  p_name text, p_user text, p_organization_id uuid, p_visibility text, p_scopes text[]
) returns void language plpgsql as $$
begin
  perform tests.act_as_service();
  insert into tests.things (name, id)
  select p_name, (
    public.save_oauth_connection(
      tests.user_id(p_user), p_organization_id, service_providers.id, 'ya29.token-of-' || p_name,
      'refresh-' || p_name, p_scopes, 3600, 'account-' || p_name, p_name || '@example.test',
      p_visibility => p_visibility
    ) ->> 'id'
  )::uuid
  from public.service_providers
  where service_providers.name = 'gmail';
  perform tests.act_as_nobody();
end;
$$;

create function tests.read_scope() returns text language sql as $$
  select 'https://www.googleapis.com/auth/gmail.readonly'
$$;
create function tests.modify_scope() returns text language sql as $$
  select 'https://www.googleapis.com/auth/gmail.modify'
$$;

insert into tests.things (name, id)
values
  ('of bob', gen_random_uuid()), ('of max', gen_random_uuid()), ('of eve', gen_random_uuid()),
  ('secret of max', gen_random_uuid());
insert into public.agents (id, organization_id, user_id, name, visibility)
values
  (tests.thing('of bob'), tests.organization_of('ada'), tests.user_id('bob'), 'B', 'organization'),
  (tests.thing('of max'), tests.organization_of('ada'), tests.user_id('max'), 'M', 'organization'),
  (tests.thing('secret of max'), tests.organization_of('ada'), tests.user_id('max'), 'S', 'private'),
  (tests.thing('of eve'), tests.organization_of('eve'), tests.user_id('eve'), 'E', 'private');
select tests.connect_account('mine', 'bob', tests.organization_of('ada'), 'personal', array[tests.modify_scope()]);
select tests.connect_account('shared', 'max', tests.organization_of('ada'), 'organization', array[tests.read_scope()]);
select tests.connect_account('private', 'max', tests.organization_of('ada'), 'personal', array[tests.read_scope()]);
select tests.connect_account('foreign', 'eve', tests.organization_of('eve'), 'organization', array[tests.read_scope()]);

create function tests.grant(
  p_agent text, p_connection text, p_scopes text[] default '{}', p_level text default 'custom',
  p_expires_at timestamptz default null
) returns public.agent_integration_permissions language sql as $$
  select public.grant_agent_integration_permission(
    tests.thing(p_agent), tests.thing(p_connection), p_scopes, p_level, p_expires_at
  )
$$;

-- The owner of both.
select tests.act_as('bob');
select results_eq(
  $$ select allowed_scopes, permission_level, is_active, expires_at, granted_by_user_id, organization_id
    from tests.grant('of bob', 'mine', array[tests.read_scope(), tests.read_scope()]) $$,
  $$ select
    jsonb_build_array(tests.read_scope()), 'custom', true, null::timestamptz, tests.user_id('bob'),
    tests.organization_of('ada') $$,
  'the owner of agent and connection lends one to the other, within what a broader scope includes'
);
select results_eq(
  $$ select id, permission_level, allowed_scopes, expires_at is not null
    from tests.grant('of bob', 'mine', '{}', 'read_only', now() + interval '1 day') $$,
  $$ select id, 'read_only', '[]'::jsonb, true from public.agent_integration_permissions $$,
  'granting again changes the permission there is'
);
select throws_ok(
  $$ select tests.grant('of bob', 'mine', array['https://www.googleapis.com/auth/drive.readonly']) $$,
  'PT400', 'The connection itself does not have https://www.googleapis.com/auth/drive.readonly',
  'a scope that the connection does not have is refused'
);
select throws_ok(
  $$ select tests.grant('of bob', 'mine', '{}', 'everything') $$, 'PT400', null, 'an unknown level is'
);
select throws_ok(
  $$ select tests.grant('of bob', 'mine', '{}', 'full', now() - interval '1 second') $$,
  'PT400', null, 'so is an end in the past'
);
select lives_ok(
  $$ select tests.grant('of bob', 'mine', null, null) $$, 'without scopes or level nothing but custom is lent'
);

-- One side is not enough.
select throws_ok(
  $$ select tests.grant('of bob', 'shared') $$, 'PT403', 'You may not lend this connection to agents',
  'who only sees a shared connection cannot lend it, not even to an agent of theirs'
);
select throws_ok(
  $$ select tests.grant('of max', 'mine') $$, 'PT403', 'You may not decide what this agent may do',
  'who owns a connection cannot give it to somebody else''s agent'
);
select throws_ok(
  $$ select tests.grant('of bob', 'private') $$, 'PT404', 'No connection with that id',
  'somebody else''s personal connection is not there'
);
select throws_ok(
  $$ select tests.grant('secret of max', 'mine') $$, 'PT404', 'No agent with that id',
  'nor is somebody else''s private agent'
);
select throws_ok(
  $$ select tests.grant('of bob', 'foreign') $$, 'PT404', null, 'nor a connection of another organization'
);
select throws_ok($$ select tests.grant('of eve', 'mine') $$, 'PT404', null, 'nor its agents');
select throws_ok(
  $$ select public.grant_agent_integration_permission(null, null, null, null) $$, 'PT404', null,
  'nothing is not there'
);

select tests.act_as('max');
select lives_ok(
  $$ select tests.grant('of bob', 'shared', array[tests.read_scope()], 'full') $$,
  'a manager lends what is shared to any agent'
);
select throws_ok(
  $$ select tests.grant('of max', 'mine') $$, 'PT404', null,
  'and has no way to a member''s personal connection, for all that they manage'
);

select tests.act_as('ada');
select throws_ok(
  $$ select tests.grant('of max', 'private') $$, 'PT404', null, 'nor does the owner of the organization'
);

-- Those who hold nothing.
select tests.act_as('gus');
select throws_ok(
  $$ select tests.grant('of bob', 'shared') $$, 'PT403', null, 'a guest cannot decide about agents'
);
select tests.act_as('sue');
select throws_ok($$ select tests.grant('of bob', 'shared') $$, 'PT404', null, 'who is suspended sees neither');
select tests.act_as('eve');
select throws_ok($$ select tests.grant('of bob', 'foreign') $$, 'PT404', null, 'a stranger does not see the agent');
select throws_ok($$ select tests.grant('of eve', 'shared') $$, 'PT404', null, 'nor the connection');
select tests.act_as_anon();
select throws_ok(
  format(
    'select public.grant_agent_integration_permission(%L, %L, null, null)',
    tests.thing('of bob'), tests.thing('shared')
  ),
  '42501', null, 'a visitor cannot call it'
);

-- In two organizations at once, they are still two.
select tests.act_as_nobody();
select tests.add_member(tests.organization_of('ada'), 'eve', 'owner');
select tests.act_as('eve');
select throws_ok(
  $$ select tests.grant('of bob', 'foreign') $$, 'PT400', 'An agent uses connections of its own organization',
  'an owner of both organizations cannot carry a connection across'
);

-- A lost right is lost at once.
select tests.act_as_nobody();
update public.organization_members
set custom_permissions = '{"grant": [], "deny": ["integrations.connect"]}'
where user_id = tests.user_id('bob') and organization_id = tests.organization_of('ada');
select tests.act_as('bob');
select throws_ok(
  $$ select tests.grant('of bob', 'mine') $$, 'PT403', null,
  'who may no longer connect accounts may no longer lend them'
);

-- What is ended cannot be lent.
select tests.act_as('max');
select public.disconnect_service(tests.thing('shared'));
select throws_ok(
  $$ select tests.grant('of bob', 'shared') $$, 'PT409', 'The connection is disconnected',
  'a connection that was ended is not lent'
);
select is(
  (select is_active from public.agent_integration_permissions where connection_id = tests.thing('shared')),
  false,
  'and what was lent of it is taken back'
);

-- Past the functions there is no way.
select tests.act_as('ada');
select throws_ok(
  $$ insert into public.agent_integration_permissions (organization_id, agent_id, connection_id)
    values (tests.organization_of('ada'), tests.thing('of max'), tests.thing('private')) $$,
  '42501', null, 'nobody inserts a permission'
);
select throws_ok(
  $$ update public.agent_integration_permissions set permission_level = 'full' $$,
  '42501', null, 'or changes one'
);
select throws_ok($$ delete from public.agent_integration_permissions $$, '42501', null, 'or deletes one');
select tests.act_as_service();
select throws_ok(
  $$ update public.agent_integration_permissions set is_active = true $$, '42501', null,
  'the service neither'
);
select tests.act_as_nobody();
select throws_ok(
  $$ insert into public.agent_integration_permissions (organization_id, agent_id, connection_id)
    values (tests.organization_of('ada'), tests.thing('of max'), tests.thing('foreign')) $$,
  '23503', null, 'and no row joins two organizations'
);
select isnt_empty(
  $$ select from public.audit_logs
    where action = 'agent_integration_permission.created'
      and actor_id = tests.user_id('bob')
      and new_values ->> 'connection_id' = tests.thing('mine')::text $$,
  'who lent what is written down'
);

select * from finish();
rollback;
