begin;
select plan(17);

select tests.create_user('ada');
select tests.create_user('ben');
select tests.create_user('gus');
select tests.create_user('eve');
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme')).id::text, true);
select tests.add_member(current_setting('tests.acme')::uuid, 'ben', 'member');
select tests.add_member(current_setting('tests.acme')::uuid, 'gus', 'guest');
select set_config('tests.secret', (public.create_organization_secret(current_setting('tests.acme')::uuid, 'tools', 'correct horse battery')).id::text, true);
insert into public.agents (organization_id, name, visibility) values (current_setting('tests.acme')::uuid, 'Scribe', 'organization');
insert into public.agent_mcp_connections (agent_id, connection_name, server_url, secret_id)
select id, 'library', 'https://tools.example.com/mcp', current_setting('tests.secret')::uuid from public.agents where name = 'Scribe';
select set_config('tests.library', id::text, true) from public.agent_mcp_connections;
select tests.act_as_service();
select set_config('tests.hash', (public.save_mcp_manifest(
  current_setting('tests.library')::uuid, 'https://tools.example.com/mcp',
  '[{"name": "search", "schema": {}, "openai": {"type": "function", "function": {"name": "library__search", "parameters": {"type": "object"}}}}]'
)).manifest_hash, true);
select tests.act_as_nobody();

create function tests.verdict(p_user text, p_tool text default 'search') returns text language plpgsql as $$
declare
  v_answer jsonb;
begin
  perform tests.act_as_service();
  v_answer := public.authorize_mcp_tool_call(current_setting('tests.library')::uuid, p_tool, tests.user_id(p_user));
  if v_answer ? 'secret_id' and not (v_answer ->> 'allowed')::boolean then
    return 'a secret with a refusal';
  end if;
  return coalesce(v_answer ->> 'reason', 'allowed');
end;
$$;

select is(tests.verdict('ada'), 'mcp_tool_not_accepted', 'what was not accepted is not called');
select tests.act_as('ada');
select public.accept_mcp_manifest(current_setting('tests.library')::uuid, current_setting('tests.hash'));
select is(tests.verdict('ada'), 'allowed', 'an owner''s agent calls what is accepted');
select is(tests.verdict('ben'), 'allowed', 'a member holds tools.execute');
select is(tests.verdict('gus'), 'agent_not_runnable', 'a guest runs no agent');
select is(tests.verdict('eve'), 'agent_not_runnable', 'nor does a stranger');
select is(tests.verdict('ada', 'delete'), 'mcp_tool_not_found', 'what is not offered is not called');
select tests.act_as_service();
select is(
  public.authorize_mcp_tool_call(current_setting('tests.library')::uuid, 'search', null) ->> 'reason', 'agent_not_runnable',
  'nobody is no person'
);
select is(
  public.authorize_mcp_tool_call(gen_random_uuid(), 'search', tests.user_id('ada')), '{"allowed": false, "reason": "mcp_connection_not_found"}',
  'a connection that is gone is not called'
);
select is(
  public.authorize_mcp_tool_call(current_setting('tests.library')::uuid, 'search', tests.user_id('ada')) ->> 'server_url',
  'https://tools.example.com/mcp', 'what was judged says where to call'
);

select tests.act_as('ada');
select public.set_member_permissions(current_setting('tests.acme')::uuid, tests.user_id('ben'), '{}', array['tools.execute']);
select is(tests.verdict('ben'), 'permission_denied', 'who lost tools.execute lets no tool be called, at once');
select tests.act_as('ada');
select public.suspend_member(current_setting('tests.acme')::uuid, tests.user_id('ben'));
select is(tests.verdict('ben'), 'agent_not_runnable', 'nor does who is suspended');
select tests.act_as('ada');
update public.agents set is_active = false where name = 'Scribe';
select is(tests.verdict('ada'), 'agent_not_runnable', 'an agent that is off calls nothing');
select tests.act_as('ada');
update public.agents set is_active = true where name = 'Scribe';
update public.agent_mcp_connections set is_active = false;
select is(tests.verdict('ada'), 'mcp_connection_inactive', 'nor is a connection that is off');
select tests.act_as_service();
select is(
  public.agent_mcp_tools((select id from public.agents where name = 'Scribe')), '[]', 'whose tools are not offered either'
);

select tests.act_as('ada');
select throws_ok(
  format('select public.authorize_mcp_tool_call(%L, ''search'', %L)', current_setting('tests.library'), tests.user_id('ada')),
  '42501', null, 'only the service asks'
);
select is(
  (select count(*)::integer from public.audit_logs where action = 'tool.allowed'), 3, 'what was allowed is written down'
);
select ok(
  (select count(*) from public.audit_logs where action = 'tool.denied' and new_values ->> 'reason' is not null) >= 8,
  'and what was denied, with the reason'
);

select * from finish();
rollback;
