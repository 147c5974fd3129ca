begin;
select plan(14);

select tests.create_user('ada');
select tests.act_as('ada');
insert into public.agents (name) values ('Scribe');
insert into public.agent_mcp_connections (agent_id, connection_name, server_url, refresh_interval_minutes)
select id, title, 'https://tools.example.com/mcp', 30 from public.agents, unnest(array['a', 'b', 'off']) as title;
update public.agent_mcp_connections set is_active = false where connection_name = 'off';
select tests.act_as_nobody();

select is(private.enqueue_mcp_refreshes(), 2, 'connections that are new and on are asked');
select is(private.enqueue_mcp_refreshes(), 0, 'once');
select results_eq(
  $$ select kind, organization_id, payload - 'connection_id', payload ? 'connection_id' from private.jobs where queue = 'mcp' $$,
  format($$ values ('refresh_mcp_connection', %1$L::uuid, '{}'::jsonb, true), ('refresh_mcp_connection', %1$L, '{}', true) $$, tests.organization_of('ada')),
  'each is a job of its organization, with its id alone'
);
select is(
  (select count(*)::integer from public.agent_mcp_connections where next_refresh_at = now() + interval '30 minutes'), 2,
  'and is asked again after its interval'
);
update public.agent_mcp_connections set next_refresh_at = now() - interval '1 minute';
select is(private.enqueue_mcp_refreshes(), 0, 'a server is not asked twice at a time');
select ok(private.tick() -> 'functions' ? 'mcp-refresher', 'the engine wakes who asks');

delete from private.jobs;
update public.agent_mcp_connections set next_refresh_at = now() - interval '1 minute';
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme')).id::text, true);
insert into public.agents (organization_id, name) values (current_setting('tests.acme')::uuid, 'Going');
insert into public.agent_mcp_connections (agent_id, connection_name, server_url)
select id, 'going', 'https://tools.example.com/mcp' from public.agents where name = 'Going';
select public.delete_organization(current_setting('tests.acme')::uuid);
select tests.act_as_nobody();
select is(private.enqueue_mcp_refreshes(), 2, 'an organization that is to be deleted has nothing asked');

-- What fails waits longer each time.
select tests.act_as_service();
select public.fail_mcp_refresh(id, server_url, 'No route to the server') from public.agent_mcp_connections where connection_name = 'a';
select results_eq(
  $$ select status, last_error, next_refresh_at - now() from public.agent_mcp_connections where connection_name = 'a' $$,
  $$ values ('error', 'No route to the server', interval '30 minutes') $$, 'a failure is written down'
);
select public.fail_mcp_refresh(id, server_url, 'No route to the server') from public.agent_mcp_connections where connection_name = 'a';
select is(
  (select next_refresh_at - now() from public.agent_mcp_connections where connection_name = 'a'), interval '60 minutes',
  'the second waits twice as long'
);
select public.fail_mcp_refresh(id, server_url, 'x') from public.agent_mcp_connections, generate_series(1, 20) where connection_name = 'a';
select public.fail_mcp_refresh(id, server_url, 'x') from public.agent_mcp_connections where connection_name = 'a';
select ok(
  (select next_refresh_at - now() <= interval '1 day' from public.agent_mcp_connections where connection_name = 'a'), 'but no longer than a day'
);
select public.fail_mcp_refresh(id, 'https://elsewhere.example.com', 'x') from public.agent_mcp_connections where connection_name = 'b';
select is(
  (select status from public.agent_mcp_connections where connection_name = 'b'), 'new', 'what another server did is not written down for this one'
);
select tests.act_as('ada');
update public.agent_mcp_connections set server_url = 'https://better.example.com/mcp' where connection_name = 'a';
select results_eq(
  $$ select status, last_error, failed_refreshes, next_refresh_at from public.agent_mcp_connections where connection_name = 'a' $$,
  $$ values ('new', null::text, 0, now()) $$, 'another address is tried at once'
);
select tests.act_as_service();
select public.save_mcp_manifest(id, server_url, '[]', '{"name": "x"}', 'Nothing there') from public.agent_mcp_connections where connection_name = 'a';
select results_eq(
  $$ select last_error, server_info, failed_refreshes, refreshed_at = now() from public.agent_mcp_connections where connection_name = 'a' $$,
  $$ values ('Nothing there', '{"name": "x"}'::jsonb, 0, true) $$, 'what it says of itself is kept'
);
select tests.act_as('ada');
select is(
  (public.request_mcp_refresh(id)).next_refresh_at, now(), 'its owner has it asked again'
) from public.agent_mcp_connections where connection_name = 'a';

select * from finish();
rollback;
