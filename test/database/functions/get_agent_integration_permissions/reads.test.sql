begin;
select * from no_plan();

select tests.create_user(name) from unnest(array['ada', 'bob', 'cleo', 'gus', 'eve']) as name;
select tests.add_member(tests.organization_of('ada'), 'bob', 'member');
select tests.add_member(tests.organization_of('ada'), 'cleo', 'member');
select tests.add_member(tests.organization_of('ada'), 'gus', 'guest');

insert into public.agents (id, organization_id, user_id, name, visibility)
values
  (
    'aaaaaaaa-0000-4000-8000-000000000001', tests.organization_of('ada'), tests.user_id('bob'), 'B',
    'organization'
  ),
  (
    'aaaaaaaa-0000-4000-8000-000000000002', tests.organization_of('ada'), tests.user_id('bob'), 'P',
    'private'
  );

select tests.act_as_service();
with connections as (
  select public.save_oauth_connection(
    tests.user_id('bob'), tests.organization_of('ada'), service_providers.id, 'ya29.token-of-bob',
    'refresh', '{Mail.Read}', 3600, 'account', 'bob@example.test',
    p_connection_name => service_providers.name, p_visibility => visibility
  ) as connection
  from public.service_providers
  join (values ('gmail', 'personal'), ('slack', 'organization')) as chosen (name, visibility)
    using (name)
)
select public.grant_agent_integration_permission(
  agents.id, (connections.connection ->> 'id')::uuid, '{Mail.Read}', 'custom'
)
from connections
cross join public.agents
where agents.organization_id = tests.organization_of('ada');

select tests.act_as('bob');
select results_eq(
  $$ select provider_name, connection_name, connection_status, allowed_scopes, permission_level, is_active
    from public.get_agent_integration_permissions('aaaaaaaa-0000-4000-8000-000000000001') $$,
  $$ values
    ('gmail', 'gmail', 'active', '["Mail.Read"]'::jsonb, 'custom', true),
    ('slack', 'slack', 'active', '["Mail.Read"]', 'custom', true) $$,
  'the owner sees what was lent to their agent'
);
select tests.act_as('ada');
select results_eq(
  $$ select provider_name, connection_name
    from public.get_agent_integration_permissions('aaaaaaaa-0000-4000-8000-000000000001')
    order by provider_name $$,
  $$ values ('slack', 'slack'), (null::text, null::text) $$,
  'the owner of the organization sees of a personal connection that it is lent, not what it is'
);
select tests.act_as('cleo');
select results_eq(
  $$ select provider_name from public.get_agent_integration_permissions('aaaaaaaa-0000-4000-8000-000000000002') $$,
  $$ values ('slack') $$,
  'of somebody else''s private agent, a member sees what uses the connection they share, and no more'
);
select tests.act_as('gus');
select is_empty(
  $$ select from public.get_agent_integration_permissions('aaaaaaaa-0000-4000-8000-000000000001') $$,
  'a guest sees no integrations'
);
select tests.act_as('eve');
select is_empty(
  $$ select from public.get_agent_integration_permissions('aaaaaaaa-0000-4000-8000-000000000001') $$,
  'a stranger sees nothing'
);
select is_empty($$ select from public.agent_integration_permissions $$, 'in the table neither');
select tests.act_as_anon();
select throws_ok(
  $$ select public.get_agent_integration_permissions('aaaaaaaa-0000-4000-8000-000000000001') $$,
  '42501', null, 'a visitor cannot call it'
);

select * from finish();
rollback;
