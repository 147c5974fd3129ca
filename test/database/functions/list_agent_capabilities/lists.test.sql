begin;
select * from no_plan();

select tests.create_user(name) from unnest(array['ada', 'bob']) as name;
select tests.add_member(tests.organization_of('ada'), 'bob', 'member');
insert into public.agents (id, organization_id, user_id, name, visibility)
values (
  'aaaaaaaa-0000-4000-8000-000000000001', tests.organization_of('ada'), tests.user_id('ada'), 'A',
  'organization'
);
insert into public.service_providers
  (id, name, display_name, provider_type, authorization_endpoint, token_endpoint)
values (
  'bbbbbbbb-0000-4000-8000-000000000001', 'post', 'Post', 'oauth', 'https://post.test/a', 'https://post.test/t'
);
insert into public.integration_capabilities
  (
    integration_id, capability_key, display_label, display_order, description, effect, input_schema,
    required_scopes
  )
values
  ('bbbbbbbb-0000-4000-8000-000000000001', 'post_send', 'S', 1, 'Sends.', 'write', '{"type": "object"}', '["send"]'),
  ('bbbbbbbb-0000-4000-8000-000000000001', 'post_read', 'R', 2, 'Reads.', 'read', '{"type": "object"}', '["read"]');

select tests.act_as_service();
with connected as (
  select wanted.level, (
    public.save_oauth_connection(
      tests.user_id('bob'), tests.organization_of('ada'), 'bbbbbbbb-0000-4000-8000-000000000001',
      'token', 'refresh', '{read,send}', 3600, wanted.name, p_connection_name => wanted.name,
      p_visibility => wanted.visibility
    ) ->> 'id'
  )::uuid as id
  from (values ('Ours', 'organization', 'read_only'), ('Mine', 'personal', 'full'))
    as wanted (name, visibility, level)
)
select public.grant_agent_integration_permission(
  'aaaaaaaa-0000-4000-8000-000000000001', connected.id, '{read,send}', connected.level
)
from connected;

select results_eq(
  $$ select connection_name, capability_key, provider_display_name
    from public.list_agent_capabilities('aaaaaaaa-0000-4000-8000-000000000001', tests.user_id('bob'))
    order by 1, 2 $$,
  $$ values ('Mine', 'post_read', 'Post'), ('Mine', 'post_send', 'Post'), ('Ours', 'post_read', 'Post') $$,
  'an agent has, of each connection, what it may call'
);
select results_eq(
  $$ select connection_name, capability_key
    from public.list_agent_capabilities('aaaaaaaa-0000-4000-8000-000000000001', tests.user_id('ada')) $$,
  $$ values ('Ours', 'post_read') $$,
  'in work for others, without the personal ones'
);
select results_eq(
  $$ select capability_key
    from public.list_agent_capabilities('aaaaaaaa-0000-4000-8000-000000000001') $$,
  $$ values ('post_read') $$, 'and for nobody, those of the organization'
);
select is_empty(
  $$ select from public.list_agent_capabilities(gen_random_uuid(), tests.user_id('bob')) $$,
  'an agent that is not there has none'
);
select is_empty(
  $$ select from public.audit_logs where action like 'tool.%' $$, 'looking is no call'
);
select tests.act_as('ada');
select throws_ok(
  $$ select public.list_agent_capabilities('aaaaaaaa-0000-4000-8000-000000000001') $$, '42501', null,
  'people do not ask'
);

select * from finish();
rollback;
