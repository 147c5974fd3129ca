-- Who acted, and from where, by claims and headers.
begin;
select plan(17);

select tests.create_user('ada');
select set_config('tests.agent', gen_random_uuid()::text, true);

create function tests.last_entry() returns public.audit_logs
language sql stable security definer set search_path = '' as $$
  select * from public.audit_logs order by id desc limit 1
$$;

select tests.act_as('ada');
select set_config(
  'request.headers',
  jsonb_build_object(
    'x-forwarded-for', '203.0.113.7, 10.0.0.1',
    'user-agent', 'Mozilla/5.0',
    'x-correlation-id', 'request-1',
    'x-agent-id', current_setting('tests.agent')
  )::text,
  true
);
insert into public.agents (name) values ('One');
select is((tests.last_entry()).actor_type, 'user', 'a person acts as a user');
select is((tests.last_entry()).actor_id, tests.user_id('ada'), 'by their own id, whatever they send');
select is(host((tests.last_entry()).ip_address), '203.0.113.7', 'the first address is theirs');
select is((tests.last_entry()).user_agent, 'Mozilla/5.0', 'with their browser');
select is((tests.last_entry()).correlation_id, 'request-1', 'and the request');

select tests.act_as_service();
insert into public.agents (organization_id, name) values (tests.organization_of('ada'), 'Two');
select is((tests.last_entry()).actor_type, 'agent', 'the service may act for an agent');
select is(
  (tests.last_entry()).actor_id, current_setting('tests.agent')::uuid, 'whom its header names'
);

select set_config('request.headers', '{"x-agent-id": "nobody", "x-forwarded-for": "unknown"}', true);
insert into public.agents (organization_id, name) values (tests.organization_of('ada'), 'Three');
select is((tests.last_entry()).actor_type, 'service', 'what is no id names nobody');
select is((tests.last_entry()).actor_id, null, 'so nobody is named');
select is((tests.last_entry()).ip_address, null, 'what is no address is left out');

select set_config('request.headers', '{"x-forwarded-for": "2001:db8::1"}', true);
insert into public.agents (organization_id, name) values (tests.organization_of('ada'), 'Four');
select is((tests.last_entry()).actor_type, 'service', 'the service acts as itself');
select is(host((tests.last_entry()).ip_address), '2001:db8::1', 'addresses may be long');

select set_config(
  'request.headers', jsonb_build_object('user-agent', repeat('x', 10000))::text, true
);
insert into public.agents (organization_id, name) values (tests.organization_of('ada'), 'Five');
select is(length((tests.last_entry()).user_agent), 500, 'a browser''s name is cut to size');

select tests.act_as_nobody();
select set_config('request.headers', '', true);
insert into public.agents (organization_id, name) values (tests.organization_of('ada'), 'Six');
select is((tests.last_entry()).actor_type, 'system', 'without a token, the system acts');
select is((tests.last_entry()).actor_id, null, 'which has no id');
select is((tests.last_entry()).user_agent, null, 'and no browser');

-- A service call for a person still carries the person's claims only when it is their token.
select tests.act_with('service_role', jsonb_build_object(
  'role', 'service_role', 'sub', tests.user_id('ada')
));
insert into public.agents (organization_id, name) values (tests.organization_of('ada'), 'Seven');
select is((tests.last_entry()).actor_type, 'service', 'the secret key never acts as a person');

select * from finish();
rollback;
