-- Each call is judged anew: one fact that changes, and the answer is another.
begin;
select * from no_plan();

select tests.create_user(name) from unnest(array['ada', 'bob', 'eve']) as name;
select tests.add_member(tests.organization_of('ada'), 'bob', 'member');

insert into public.agents (id, organization_id, user_id, name, visibility)
values
  (
    'aaaaaaaa-0000-4000-8000-000000000001', tests.organization_of('ada'), tests.user_id('ada'), 'A',
    'organization'
  ),
  (
    'aaaaaaaa-0000-4000-8000-000000000002', tests.organization_of('eve'), tests.user_id('eve'), 'E',
    'private'
  );
insert into public.service_providers
  (id, name, display_name, provider_type, authorization_endpoint, token_endpoint, configuration_metadata)
values
  (
    'bbbbbbbb-0000-4000-8000-000000000001', 'post', 'Post', 'oauth', 'https://post.test/a',
    'https://post.test/t', '{"implied_scopes": {"all": ["read", "send"]}}'
  ),
  (
    'bbbbbbbb-0000-4000-8000-000000000002', 'disk', 'Disk', 'oauth', 'https://disk.test/a',
    'https://disk.test/t', '{}'
  );
insert into public.integration_capabilities
  (integration_id, capability_key, display_label, description, effect, input_schema, required_scopes)
values
  ('bbbbbbbb-0000-4000-8000-000000000001', 'post_read', 'R', 'R', 'read', '{"type": "object"}', '["read"]'),
  ('bbbbbbbb-0000-4000-8000-000000000001', 'post_send', 'S', 'S', 'write', '{"type": "object"}', '["send"]'),
  ('bbbbbbbb-0000-4000-8000-000000000001', 'post_move', 'M', 'M', 'write', '{"type": "object"}', '["read", "send"]'),
  ('bbbbbbbb-0000-4000-8000-000000000002', 'disk_read', 'D', 'D', 'read', '{"type": "object"}', '[]');

create table tests.connections (name text primary key, id uuid);
grant select, insert on tests.connections to public;
select tests.act_as_service();
insert into tests.connections (name, id)
select
  wanted.name,
  (
    public.save_oauth_connection(
      tests.user_id(wanted.owner), tests.organization_of(wanted.place),
      'bbbbbbbb-0000-4000-8000-000000000001', 'token-' || wanted.name, 'refresh-' || wanted.name,
      wanted.scopes, 3600, wanted.name, p_visibility => wanted.visibility
    ) ->> 'id'
  )::uuid
from (values
  ('shared', 'bob', 'ada', 'organization', '{all}'::text[]),
  ('personal', 'bob', 'ada', 'personal', '{all}'),
  ('narrow', 'bob', 'ada', 'organization', '{read}'),
  ('foreign', 'eve', 'eve', 'organization', '{all}')
) as wanted (name, owner, place, visibility, scopes);
select tests.act_as_nobody();

create function tests.connection(p_name text) returns uuid language sql stable as $$
  select connections.id from tests.connections where connections.name = p_name
$$;
create function tests.lend(
  p_connection text, p_scopes text[], p_level text, p_expires_at timestamptz default null
) returns uuid language plpgsql as $$
declare
  v_id uuid;
begin
  perform tests.act_as_service();
  select id into v_id from public.grant_agent_integration_permission(
    'aaaaaaaa-0000-4000-8000-000000000001', tests.connection(p_connection), p_scopes, p_level,
    p_expires_at
  );
  perform tests.act_as_nobody();
  return v_id;
end;
$$;
-- The reason of the service's question; "allowed" when it may.
create function tests.ask(
  p_connection uuid, p_key text, p_user uuid default null,
  p_agent uuid default 'aaaaaaaa-0000-4000-8000-000000000001'
) returns text language plpgsql as $$
declare
  v_answer jsonb;
begin
  perform tests.act_as_service();
  v_answer := public.authorize_tool_call(p_agent, p_connection, p_key, p_user);
  perform tests.act_as_nobody();
  return case when (v_answer ->> 'allowed')::boolean then 'allowed' else v_answer ->> 'reason' end;
end;
$$;

select is(
  tests.ask(tests.connection('shared'), 'post_read'), 'not_granted', 'what was not lent is not used'
);
select tests.lend('shared', '{send}', 'custom');
select results_eq(
  $$ select key, tests.ask(tests.connection('shared'), key)
    from unnest(array['post_read', 'post_send', 'post_move', 'disk_read', 'post_burn', null]) as key $$,
  $$ values
    ('post_read', 'scope_missing'), ('post_send', 'allowed'), ('post_move', 'scope_missing'),
    ('disk_read', 'capability_of_other_provider'), ('post_burn', 'capability_unknown'),
    (null, 'capability_unknown') $$,
  'a custom permission reaches as far as its scopes'
);
select tests.lend('shared', '{all}', 'custom');
select is(
  tests.ask(tests.connection('shared'), 'post_move'), 'allowed', 'a broad scope includes narrow ones'
);
select tests.lend('shared', '{all}', 'read_only');
select results_eq(
  $$ select tests.ask(tests.connection('shared'), key) from unnest(array['post_read', 'post_send']) as key $$,
  $$ values ('allowed'), ('read_only') $$,
  'read_only does not write, whatever its scopes'
);
select tests.lend('shared', '{}', 'read_only');
select is(
  tests.ask(tests.connection('shared'), 'post_read'), 'scope_missing', 'and reads within its scopes alone'
);
select tests.lend('shared', '{}', 'full');
select is(tests.ask(tests.connection('shared'), 'post_move'), 'allowed', 'full is what the connection has');
select tests.lend('narrow', '{}', 'full');
select is(
  tests.ask(tests.connection('narrow'), 'post_send'), 'connection_scope_missing',
  'and no more than the connection has'
);
select tests.act_as_nobody();
update public.user_integration_credentials set scopes_granted = '[]' where id = tests.connection('narrow');
select is(
  tests.ask(tests.connection('narrow'), 'post_read'), 'connection_scope_missing',
  'also when it lost a scope since'
);

-- Personal is personal.
select tests.lend('personal', '{all}', 'full');
select results_eq(
  $$ select tests.ask(tests.connection('personal'), 'post_read', who)
    from unnest(array[tests.user_id('bob'), tests.user_id('ada'), null, gen_random_uuid()]) as who $$,
  $$ values ('allowed'), ('connection_personal'), ('connection_personal'), ('user_not_allowed') $$,
  'a personal connection works for its owner, and for nobody else who runs the agent'
);
select is(
  tests.ask(tests.connection('shared'), 'post_read', tests.user_id('ada')), 'allowed',
  'a shared one works for others'
);
select is(
  tests.ask(tests.connection('shared'), 'post_read', tests.user_id('eve')), 'user_not_allowed',
  'but not for strangers'
);
update public.organization_members
set custom_permissions = '{"deny": ["tools.execute"]}'
where user_id = tests.user_id('bob') and organization_id = tests.organization_of('ada');
select is(
  tests.ask(tests.connection('personal'), 'post_read', tests.user_id('bob')), 'user_not_allowed',
  'who may not call tools has no agent call them'
);
update public.organization_members
set custom_permissions = '{}', status = 'suspended'
where user_id = tests.user_id('bob') and organization_id = tests.organization_of('ada');
select results_eq(
  $$ select
    tests.ask(tests.connection('personal'), 'post_read', tests.user_id('bob')),
    tests.ask(tests.connection('shared'), 'post_read', tests.user_id('ada')) $$,
  $$ values ('user_not_allowed', 'owner_inactive') $$,
  'the account of somebody suspended rests, also where it was shared'
);
update public.organization_members
set status = 'active'
where user_id = tests.user_id('bob') and organization_id = tests.organization_of('ada');
select tests.act_as('bob');
select public.set_connection_visibility(tests.connection('shared'), 'personal');
select is(
  tests.ask(tests.connection('shared'), 'post_read', tests.user_id('ada')), 'connection_personal',
  'what is no longer shared is no longer used for others'
);
select tests.act_as('bob');
select public.set_connection_visibility(tests.connection('shared'), 'organization');

-- Other organizations.
select is(
  tests.ask(tests.connection('foreign'), 'post_read'), 'connection_foreign',
  'a connection of another organization is refused'
);
select is(
  tests.ask(
    tests.connection('shared'), 'post_read', tests.user_id('eve'), 'aaaaaaaa-0000-4000-8000-000000000002'
  ),
  'connection_foreign', 'and so is a foreign agent that asks for ours'
);
select is(
  tests.ask(tests.connection('shared'), 'post_read', null, gen_random_uuid()), 'agent_not_found',
  'an agent that is not there may nothing'
);
select is(tests.ask(gen_random_uuid(), 'post_read'), 'connection_not_found', 'nor is a connection invented');
select is(tests.ask(null, 'post_read'), 'connection_not_found', 'or left out');

-- Time and switches.
select tests.lend('shared', '{}', 'full', clock_timestamp() + interval '50 milliseconds');
select is(tests.ask(tests.connection('shared'), 'post_read'), 'allowed', 'a permission counts until it expires');
select pg_sleep(0.06);
select is(
  tests.ask(tests.connection('shared'), 'post_read'), 'grant_expired',
  'and not after, not even in a transaction that began before'
);
select set_config('tests.permission', tests.lend('shared', '{}', 'full')::text, true);
select tests.act_as('bob');
select is(
  (
    select is_active
    from public.revoke_agent_integration_permission(current_setting('tests.permission')::uuid)
  ),
  false, 'it is taken back'
);
select is(tests.ask(tests.connection('shared'), 'post_read'), 'grant_revoked', 'and counts no longer');
select tests.lend('shared', '{}', 'full');
select is(tests.ask(tests.connection('shared'), 'post_read'), 'allowed', 'until it is lent anew');
update public.agents set is_active = false where id = 'aaaaaaaa-0000-4000-8000-000000000001';
select is(tests.ask(tests.connection('shared'), 'post_read'), 'agent_inactive', 'an agent that is off is off');
update public.agents set is_active = true, status = 'paused' where id = 'aaaaaaaa-0000-4000-8000-000000000001';
select is(tests.ask(tests.connection('shared'), 'post_read'), 'agent_inactive', 'and so is a paused one');
update public.agents set status = 'active' where id = 'aaaaaaaa-0000-4000-8000-000000000001';
update public.service_providers set is_active = false where name = 'post';
select is(
  tests.ask(tests.connection('shared'), 'post_read'), 'provider_inactive', 'a provider can be switched off'
);
update public.service_providers set is_active = true where name = 'post';

-- Health.
update public.user_integration_credentials
set token_expires_at = now() - interval '1 second' where id = tests.connection('shared');
select is(
  tests.ask(tests.connection('shared'), 'post_read'), 'allowed', 'an ended token can be refreshed'
);
update public.user_integration_credentials
set vault_refresh_token_id = null where id = tests.connection('shared');
select is(
  tests.ask(tests.connection('shared'), 'post_read'), 'connection_expired', 'but not without a refresh token'
);
select results_eq(
  $$ with changed as (
      update public.user_integration_credentials
      set connection_status = 'expired', token_expires_at = now() + interval '1 hour'
      where id = tests.connection('shared')
      returning id
    )
    select count(*) from changed $$,
  'values (1::bigint)', 'the provider refuses its tokens'
);
select is(tests.ask(tests.connection('shared'), 'post_read'), 'connection_expired', 'it is expired');
update public.user_integration_credentials set connection_status = 'error' where id = tests.connection('shared');
select is(tests.ask(tests.connection('shared'), 'post_read'), 'connection_error', 'or broken');
update public.user_integration_credentials set connection_status = 'active' where id = tests.connection('shared');
select tests.act_as('bob');
select public.disconnect_service(tests.connection('shared'));
select is(
  tests.ask(tests.connection('shared'), 'post_read'), 'grant_revoked',
  'disconnecting takes the permission along'
);
select tests.act_as_nobody();
update public.agent_integration_permissions set is_active = true where connection_id = tests.connection('shared');
select is(
  tests.ask(tests.connection('shared'), 'post_read'), 'connection_disconnected',
  'and would be refused with it, too'
);

-- It is written down, allowed or denied.
select results_eq(
  $$ select count(*) filter (where action = 'tool.allowed') > 5,
      count(*) filter (where action = 'tool.denied') > 20
    from public.audit_logs
    where organization_id = tests.organization_of('ada')
      and resource_type = 'integration_capabilities' $$,
  'values (true, true)', 'each answer is in the audit log'
);
select set_config('request.headers', '{"x-agent-id": "aaaaaaaa-0000-4000-8000-000000000001"}', true);
select tests.ask(tests.connection('personal'), 'post_read', tests.user_id('ada'));
select results_eq(
  $$ select actor_type, actor_id, resource_id, severity, new_values
    from public.audit_logs
    where actor_type = 'agent' and action = 'tool.denied' $$,
  $$ select
    'agent', 'aaaaaaaa-0000-4000-8000-000000000001'::uuid, 'post_read', 'warning',
    jsonb_build_object(
      'agent_id', 'aaaaaaaa-0000-4000-8000-000000000001',
      'connection_id', tests.connection('personal'),
      'permission_id', (
        select id from public.agent_integration_permissions
        where connection_id = tests.connection('personal')
      ),
      'user_id', tests.user_id('ada'),
      'reason', 'connection_personal'
    ) $$,
  'with the agent as its actor, and the reason'
);
select is(
  (
    select count(*) from public.audit_logs
    where organization_id = tests.organization_of('eve') and action like 'tool.%'
  ),
  1::bigint, 'another organization reads of its own agents alone'
);

-- The service alone asks.
select tests.act_as('ada');
select throws_ok(
  format('select public.authorize_tool_call(%L, %L, %L)', gen_random_uuid(), gen_random_uuid(), 'post_read'),
  '42501', null, 'the owner of an organization cannot ask'
);
select throws_ok(
  format('select private.judge_tool_call(%L, %L, %L, null)', gen_random_uuid(), gen_random_uuid(), 'post_read'),
  '42501', null, 'not even past the door'
);
select tests.act_as_anon();
select throws_ok(
  format('select public.authorize_tool_call(%L, %L, %L)', gen_random_uuid(), gen_random_uuid(), 'post_read'),
  '42501', null, 'nor can a visitor'
);

-- A few look-ups: no table is read from end to end, and there are as many look-ups as tables.
select tests.act_as_nobody();
set local enable_seqscan = off;
create function tests.scans() returns table (sequential bigint, by_index bigint)
language sql volatile as $$
  select
    sum(pg_stat_get_xact_numscans(tables.oid)),
    sum(
      (
        select sum(pg_stat_get_xact_numscans(pg_index.indexrelid))
        from pg_catalog.pg_index
        where pg_index.indrelid = tables.oid
      )
    )
  from unnest(array[
    'public.agents', 'public.user_integration_credentials', 'public.service_providers',
    'public.integration_capabilities', 'public.agent_integration_permissions',
    'public.organization_members'
  ]::regclass[]) as tables (oid)
$$;
discard plans;
create table tests.before as select * from tests.scans();
select is(
  (private.judge_tool_call(
    'aaaaaaaa-0000-4000-8000-000000000001', tests.connection('personal'), 'post_read', tests.user_id('bob')
  )).reason,
  null, 'a call that is allowed'
);
select results_eq(
  $$ select scans.sequential - earlier.sequential, scans.by_index - earlier.by_index between 6 and 7
    from tests.scans(), tests.before as earlier $$,
  'values (0::bigint, true)', 'takes seven look-ups by index'
);

select * from finish();
rollback;
