-- Every call has a row: who, what, for whom; without credentials, and of a size that is bearable.
begin;
select * from no_plan();

select tests.create_user(name) from unnest(array['ada', 'bob', 'gus', 'eve']) as name;
select tests.add_member(tests.organization_of('ada'), 'bob', 'member');
select tests.add_member(tests.organization_of('ada'), 'gus', 'guest');

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
  (integration_id, capability_key, display_label, description, effect, input_schema)
values ('bbbbbbbb-0000-4000-8000-000000000001', 'post_read', 'R', 'R', 'read', '{"type": "object"}');

select tests.act_as_service();
select set_config('tests.' || visibility, (
  public.save_oauth_connection(
    tests.user_id('bob'), tests.organization_of('ada'), 'bbbbbbbb-0000-4000-8000-000000000001',
    'token', 'refresh', '{}', 3600, visibility, p_visibility => visibility
  ) ->> 'id'
), true)
from unnest(array['personal', 'organization']) as visibility;
select set_config('tests.permission', (
  public.grant_agent_integration_permission(
    'aaaaaaaa-0000-4000-8000-000000000001', current_setting('tests.organization')::uuid, '{}', 'full'
  )
).id::text, true);
select public.grant_agent_integration_permission(
  'aaaaaaaa-0000-4000-8000-000000000001', current_setting('tests.personal')::uuid, '{}', 'full'
);

select set_config('request.headers', '{"x-correlation-id": "walk-1"}', true);
select set_config('tests.call', public.begin_tool_call(
  'aaaaaaaa-0000-4000-8000-000000000001',
  'post_read_2',
  '{"query": "from:nora", "api_key": "abc", "note": "with ghp_0123456789abcdefghij0123 in it"}',
  current_setting('tests.organization')::uuid, 'post_read', p_user_id => tests.user_id('bob')
)::text, true);
select results_eq(
  $$ select status, tool_name, capability_key, input, is_personal, correlation_id, user_id, completed_at,
      organization_id
    from public.tool_execution_logs where id = current_setting('tests.call')::uuid $$,
  $$ select
    'running', 'post_read_2', 'post_read',
    '{"query": "from:nora", "api_key": "[redacted]", "note": "with [redacted] in it"}'::jsonb,
    false, 'walk-1', tests.user_id('bob'), null::timestamptz, tests.organization_of('ada') $$,
  'a call is entered when it begins, without its credentials'
);
select public.finish_tool_call(
  current_setting('tests.call')::uuid, 'completed',
  '{"mails": ["Hello"], "password": "hunter22", "url": "https://nora:hunter22@post.test/"}'
);
select results_eq(
  $$ select status, output, error, duration_ms >= 0, completed_at is not null
    from public.tool_execution_logs where id = current_setting('tests.call')::uuid $$,
  $$ values (
    'completed',
    '{"mails": ["Hello"], "password": "[redacted]", "url": "https://nora:[redacted]@post.test/"}'::jsonb,
    null::text, true, true
  ) $$,
  'and closed with its output, how long it took, and no credentials'
);
select lives_ok(
  format('select public.finish_tool_call(%L, %L, null, %L)', current_setting('tests.call'), 'failed', 'no'),
  'closing it again is no error'
);
select results_eq(
  $$ select status, error from public.tool_execution_logs where id = current_setting('tests.call')::uuid $$,
  $$ values ('completed', null::text) $$, 'and changes nothing'
);
select throws_ok(
  format('select public.finish_tool_call(%L, %L)', gen_random_uuid(), 'failed'), 'PT404', null,
  'a call that was never begun is not closed'
);
select throws_ok(
  format('select public.finish_tool_call(%L, %L)', current_setting('tests.call'), how), 'PT400', null,
  'a call ends in one of four ways'
)
from unnest(array['running', 'splendid', null]) as how;

-- Failures and refusals.
select set_config('tests.failed', public.begin_tool_call(
  'aaaaaaaa-0000-4000-8000-000000000001', 'search', 'null'
)::text, true);
select public.finish_tool_call(
  current_setting('tests.failed')::uuid, 'failed',
  p_error => 'The server said: Bearer abcdefghijklmnopqrstuvwxyz ' || repeat('x', 5000)
);
select results_eq(
  $$ select status, error ~ '^The server said: \[redacted\] x+$', char_length(error), connection_id
    from public.tool_execution_logs where id = current_setting('tests.failed')::uuid $$,
  $$ values ('failed', true, 2000, null::uuid) $$, 'an error is redacted and cut'
);
select set_config('tests.refused', public.begin_tool_call(
  'aaaaaaaa-0000-4000-8000-000000000001', 'post_read', '{}',
  current_setting('tests.organization')::uuid, 'post_read', p_refusal => 'You may not.'
)::text, true);
select results_eq(
  $$ select status, error, duration_ms, completed_at is not null, connection_id is not null
    from public.tool_execution_logs where id = current_setting('tests.refused')::uuid $$,
  $$ values ('denied', 'You may not.', 0, true, true) $$, 'a call that is refused has a row that is closed'
);

-- Between the question and the call.
select public.revoke_agent_integration_permission(current_setting('tests.permission')::uuid);
select throws_ok(
  format(
    'select public.begin_tool_call(%L, %L, %L, %L, %L)', 'aaaaaaaa-0000-4000-8000-000000000001',
    'post_read', '{}', current_setting('tests.organization'), 'post_read'
  ),
  'PT403', 'The permission to use this connection was taken back.',
  'a call does not begin with a permission that was taken back since it was asked about'
);

-- Sizes.
create function pg_temp.kept(p_input jsonb) returns jsonb language plpgsql as $$
declare
  v_id uuid := public.begin_tool_call('aaaaaaaa-0000-4000-8000-000000000001', 'search', p_input);
begin
  return (select input from public.tool_execution_logs where id = v_id);
end;
$$;
select results_eq(
  $$ with kept as (select pg_temp.kept(document) as document from (values
      (jsonb_build_object('text', repeat('a', 20000))),
      (jsonb_build_object('text', repeat('"', 20000))),
      (jsonb_build_object('text', repeat('😀', 20000))),
      (to_jsonb(repeat(E'\n', 30000)))
    ) as given (document))
    select bool_and(octet_length(document::text) <= 16384), bool_and(document ->> 'truncated' = 'true'),
      bool_and(char_length(document ->> 'beginning') >= 4000)
    from kept $$,
  'values (true, true, true)', 'what is large is cut, whatever it consists of'
);
select is(
  pg_temp.kept(jsonb_build_object('text', repeat('a', 2000000), 'password', 'hunter22')),
  jsonb_build_object(
    'truncated', true,
    'bytes', octet_length(jsonb_build_object('text', repeat('a', 2000000), 'password', 'hunter22')::text)
  ),
  'and of what is huge nothing is kept but its size'
);
select is(
  pg_temp.kept(jsonb_build_object('password', 'hunter22', 'text', repeat('a', 20000))) ->> 'beginning'
    ~ 'hunter22',
  false, 'what is cut was redacted before'
);

-- What is not there, or somebody else's, stays out.
select set_config('tests.gone', public.begin_tool_call(
  'aaaaaaaa-0000-4000-8000-000000000001', 'post_read', '{}', gen_random_uuid(), 'post_read',
  p_run_step_id => gen_random_uuid(), p_channel_id => gen_random_uuid(),
  p_user_id => gen_random_uuid(), p_refusal => 'You may not.'
)::text, true);
select results_eq(
  $$ select run_step_id, channel_id, user_id, connection_id
    from public.tool_execution_logs where id = current_setting('tests.gone')::uuid $$,
  $$ values (null::uuid, null::uuid, null::uuid, null::uuid) $$, 'a call for what is gone is entered without it'
);
select throws_ok(
  $$ select public.begin_tool_call(gen_random_uuid(), 'search', '{}') $$, 'PT404', null, 'an agent there must be'
);
select throws_ok(
  $$ select public.begin_tool_call('aaaaaaaa-0000-4000-8000-000000000001', '', '{}') $$, 'PT400', null,
  'and a name'
);
select throws_ok(
  $$ select public.begin_tool_call(
    'aaaaaaaa-0000-4000-8000-000000000001', 'x', '{}', gen_random_uuid(), null
  ) $$,
  'PT400', null, 'a connection is called by a capability'
);

-- Who reads.
select set_config('tests.private', public.begin_tool_call(
  'aaaaaaaa-0000-4000-8000-000000000001', 'post_read', '{"query": "diary"}',
  current_setting('tests.personal')::uuid, 'post_read', p_user_id => tests.user_id('bob')
)::text, true);
select tests.act_as('ada');
select isnt_empty(
  $$ select from public.tool_execution_logs where id = current_setting('tests.call')::uuid $$,
  'members with tools.read see what agents called'
);
select is_empty(
  $$ select from public.tool_execution_logs where id = current_setting('tests.private')::uuid $$,
  'not even an owner sees what was done with somebody''s personal connection'
);
select tests.act_as('bob');
select isnt_empty(
  $$ select from public.tool_execution_logs where id = current_setting('tests.private')::uuid $$,
  'whose connection it is does'
);
select tests.act_as('gus');
select is_empty($$ select from public.tool_execution_logs $$, 'a guest sees nothing');
select tests.act_as('eve');
select is_empty($$ select from public.tool_execution_logs $$, 'nor does a stranger');

-- Who writes.
select tests.act_as(actor) from unnest(array['ada']) as actor;
select throws_ok(statement, '42501', null, 'people only read: ' || left(statement, 6))
from unnest(array[
  $$ insert into public.tool_execution_logs (organization_id, tool_name) values (tests.organization_of('ada'), 'x') $$,
  $$ update public.tool_execution_logs set input = '{}' $$,
  $$ delete from public.tool_execution_logs $$,
  $$ truncate public.tool_execution_logs $$,
  $$ select public.begin_tool_call('aaaaaaaa-0000-4000-8000-000000000001', 'x', '{}') $$,
  $$ select public.finish_tool_call(gen_random_uuid(), 'failed') $$
]) as statement;
select tests.act_as_service();
select throws_ok(statement, '42501', null, 'the service goes through its functions: ' || left(statement, 6))
from unnest(array[
  $$ update public.tool_execution_logs set input = '{}' $$,
  $$ delete from public.tool_execution_logs $$
]) as statement;

-- What nobody finished is closed.
select tests.act_as_nobody();
update public.tool_execution_logs set created_at = now() - interval '16 minutes'
where id = current_setting('tests.private')::uuid;
select is(private.close_abandoned_tool_calls(), 1, 'a call that was never finished is closed by the engine');
select results_eq(
  $$ select status, error is not null from public.tool_execution_logs
    where id = current_setting('tests.private')::uuid $$,
  $$ values ('failed', true) $$, 'as failed'
);
delete from public.agents where id = 'aaaaaaaa-0000-4000-8000-000000000001';
select isnt_empty(
  $$ select from public.tool_execution_logs
    where id = current_setting('tests.call')::uuid and agent_id is null $$,
  'the log outlives the agent'
);

select * from finish();
rollback;
