begin;
select plan(45);

select tests.create_user('ada');
select tests.create_user('mia');
select tests.create_user('ben');
select tests.create_user('gus');
select tests.create_user('sue');
select tests.create_user('eve');
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme')).id::text, true);
select tests.add_member(current_setting('tests.acme')::uuid, 'mia', 'manager');
select tests.add_member(current_setting('tests.acme')::uuid, 'ben', 'member');
select tests.add_member(current_setting('tests.acme')::uuid, 'gus', 'guest');
select tests.add_member(current_setting('tests.acme')::uuid, 'sue', 'admin', 'suspended');
select set_config('tests.secret', (public.create_organization_secret(current_setting('tests.acme')::uuid, 'tools', 'correct horse battery')).id::text, true);
select tests.act_as('ben');
insert into public.agents (organization_id, name, visibility)
values (current_setting('tests.acme')::uuid, 'Open', 'organization'), (current_setting('tests.acme')::uuid, 'Hidden', 'private');
select tests.act_as('eve');
insert into public.agents (name) values ('Foreign');
select set_config('tests.foreign_secret', (public.create_organization_secret(tests.organization_of('eve'), 'tools', 'another horse')).id::text, true);
select tests.act_as_nobody();
select set_config('tests.' || lower(name), id::text, true) from public.agents;

create function tests.connect(p_agent text, p_name text, p_url text default 'https://tools.example.com/mcp', p_secret text default null, p_organization text default null)
returns text language sql as $$
  select format(
    'insert into public.agent_mcp_connections (organization_id, agent_id, connection_name, server_url, secret_id) values (%L, %L, %L, %L, %L)',
    p_organization, current_setting('tests.' || p_agent), p_name, p_url, current_setting('tests.' || p_secret, true)
  )
$$;

select policies_are(
  'public', 'agent_mcp_connections',
  array['select_reader', 'insert_owner', 'update_owner', 'delete_owner']
);

-- Who connects.
select tests.act_as('mia');
select lives_ok(tests.connect('open', 'library'), 'who holds tools.manage and agents.manage connects any agent');
select lives_ok(tests.connect('hidden', 'library'), 'a hidden one, too');
select throws_ok(tests.connect('open', 'library'), '23505', null, 'an agent has each name once');
select throws_ok(tests.connect('foreign', 'x'), '42501', null, 'an agent of another organization is out of reach');
select throws_ok(
  tests.connect('foreign', 'x', p_organization => current_setting('tests.acme')), '23503', null,
  'also when it is passed off as one''s own'
);
select throws_ok(
  tests.connect('open', 'x', p_organization => tests.organization_of('eve')::text), '42501', null,
  'no connection is put into another organization'
);
select throws_ok(
  format(
    'insert into public.agent_mcp_connections (agent_id, connection_name, server_url, created_by_user_id) values (%L, ''x'', ''https://a.example.com'', %L)',
    current_setting('tests.open'), tests.user_id('ada')
  ),
  '42501', null, 'nor in another''s name'
);
select throws_ok(
  format(
    'insert into public.agent_mcp_connections (agent_id, connection_name, server_url, accepted_manifest_hash) values (%L, ''x'', ''https://a.example.com'', ''00'')',
    current_setting('tests.open')
  ),
  '42501', null, 'nobody says at once what is accepted'
);
select tests.act_as('ben');
select throws_ok(tests.connect('open', 'x'), '42501', null, 'owning the agent is not enough to connect it');
select isnt_empty('select id from public.agent_mcp_connections', 'its owner sees what it is connected to');
select tests.act_as('gus');
select throws_ok(tests.connect('open', 'x'), '42501', null, 'a guest connects nothing');
select is_empty('select id from public.agent_mcp_connections', 'and sees nothing');
select tests.act_as('sue');
select throws_ok(tests.connect('open', 'x'), '42501', null, 'a suspended admin connects nothing');
select is_empty('select id from public.agent_mcp_connections', 'and sees nothing');
select tests.act_as('eve');
select throws_ok(tests.connect('open', 'x'), '42501', null, 'nor does a stranger');
select is_empty('select id from public.agent_mcp_connections', 'who sees nothing');
select tests.act_as_anon();
select throws_ok('select id from public.agent_mcp_connections', '42501', null, 'visitors see nothing');

-- Secrets: where they are sent is for those who may manage them.
select tests.act_as('mia');
select throws_ok(
  tests.connect('open', 'thief', 'https://thief.example.com/mcp', 'secret'), 'PT403', null,
  'a manager cannot have a secret sent to a server of their choice'
);
select throws_ok(
  format('update public.agent_mcp_connections set secret_id = %L', current_setting('tests.secret')),
  'PT403', null, 'nor add it later'
);
select tests.act_as('ada');
select lives_ok(tests.connect('open', 'paid', 'https://paid.example.com/mcp', 'secret'), 'who holds secrets.manage may');
select throws_ok(
  tests.connect('open', 'x', 'https://paid.example.com/mcp', 'foreign_secret'), '23503', null,
  'but not with another organization''s secret'
);
select tests.act_as('mia');
select throws_ok(
  $$ update public.agent_mcp_connections set server_url = 'https://thief.example.com/mcp' where connection_name = 'paid' $$,
  'PT403', null, 'and nobody else moves it to another server'
);
select lives_ok(
  $$ update public.agent_mcp_connections set is_active = false where connection_name = 'paid' $$, 'a manager may switch it off'
);
select lives_ok(
  $$ update public.agent_mcp_connections set secret_id = null where connection_name = 'paid' $$, 'or have it send nothing'
);
select tests.act_as('ada');
select lives_ok(
  format('update public.agent_mcp_connections set secret_id = %L where connection_name = ''paid''', current_setting('tests.secret')),
  'and who may add it again'
);
select throws_ok(
  format('select public.delete_organization_secret(%L)', current_setting('tests.secret')), 'PT409', null,
  'a secret that is sent to a server is not deleted'
);

-- What is granted.
select throws_ok(
  $$ update public.agent_mcp_connections set status = 'ready' $$, '42501', null, 'nobody writes what a server said'
);
select throws_ok(
  format('update public.agent_mcp_connections set agent_id = %L', current_setting('tests.hidden')), '42501', null,
  'a connection does not move to another agent'
);
select throws_ok(
  $$ insert into public.mcp_tools_cache (organization_id, agent_id, connection_id, tool_name, tool_schema, openai_schema, schema_hash)
     select organization_id, agent_id, id, 'x', '{}', '{}', '' from public.agent_mcp_connections $$,
  '42501', null, 'nobody writes what a server offers'
);

-- Addresses.
select throws_ok(tests.connect('open', 'x', url), error, null, format('%s is refused', left(url, 80)))
from (
  values
    ('http://tools.example.com/mcp', 'PT400'),
    ('ftp://tools.example.com/mcp', 'PT400'),
    ('https://tools.example.com/mcp#part', 'PT400'),
    ('https://user:word@tools.example.com/mcp', 'PT400'),
    ('https://tools.example.com/mcp?api_key=abcdefgh12345678', 'PT400'),
    ('https://tools.example.com/mcp?a=1&Key=abc', 'PT400'),
    ('https://tools.example.com/' || repeat('x', 2000), 'PT400'),
    ('https://tools.example.com\@thief.example.com', 'PT400'),
    ('http://127.0.0.1.example.com/mcp', 'PT400')
) as refused (url, error);
select lives_ok(
  format('%s; %s', tests.connect('open', 'here', 'http://127.0.0.1:8080/mcp?page=1'), tests.connect('open', 'there', 'http://localhost:1/')),
  'this machine is spelled in plain http; whether it is reached, the guard says'
);

-- Another address is another server.
select tests.act_as_service();
select lives_ok(
  format(
    $$ select public.save_mcp_manifest(%L, 'https://tools.example.com/mcp', '[{"name": "a", "schema": {}, "openai": {"type": "function", "function": {"name": "a", "parameters": {"type": "object"}}}}]') $$,
    (select id from public.agent_mcp_connections where connection_name = 'library' and agent_id = current_setting('tests.open')::uuid)
  ),
  'a server offers a tool'
);
select tests.act_as('mia');
update public.agent_mcp_connections set server_url = 'https://other.example.com/mcp'
where connection_name = 'library' and agent_id = current_setting('tests.open')::uuid;
select results_eq(
  $$ select status, manifest_hash, accepted_manifest_hash, (select count(*) from public.mcp_tools_cache where connection_id = agent_mcp_connections.id)
     from public.agent_mcp_connections where server_url = 'https://other.example.com/mcp' $$,
  $$ values ('new', null::text, null::text, 0::bigint) $$,
  'nothing of it is known at another address'
);

-- Leaving.
select tests.act_as_nobody();
delete from public.agents where id = current_setting('tests.hidden')::uuid;
select is_empty(
  format('select id from public.agent_mcp_connections where agent_id = %L', current_setting('tests.hidden')),
  'a connection goes with its agent'
);
select lives_ok(
  format('delete from public.organizations where id = %L', current_setting('tests.acme')),
  'an organization goes with the secrets that its connections send'
);
select is_empty('select id from public.agent_mcp_connections', 'and with the connections');

select * from finish();
rollback;
