begin;
select plan(15);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('dan');
select tests.create_user('eve');
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme')).id::text, true);
select tests.add_member(current_setting('tests.acme')::uuid, 'bob', 'member');
select tests.add_member(current_setting('tests.acme')::uuid, 'dan', 'guest');
insert into public.agents (organization_id, name, visibility) values
  (current_setting('tests.acme')::uuid, 'Scribe', 'organization'),
  (current_setting('tests.acme')::uuid, 'Secret', 'private');
insert into public.workspaces (organization_id, name) values (current_setting('tests.acme')::uuid, 'Forge');
insert into public.workspace_members (workspace_id, user_id, role)
select workspaces.id, tests.user_id(people.name), people.role::public.workspace_member_role
from public.workspaces, (values ('bob', 'member'), ('dan', 'member')) as people (name, role);
insert into public.chat_channels (workspace_id, name, is_public)
select id, names.name, names.name = 'general'
from public.workspaces, unnest(array['general', 'secrets']) as names (name);
select set_config('tests.' || lower(name), id::text, true) from public.agents;
select set_config('tests.' || lower(name), id::text, true) from public.chat_channels;
select tests.act_as('eve');
insert into public.agents (name, visibility) values ('Foreign', 'organization');
select set_config('tests.foreign', (select id::text from public.agents), true);
select tests.act_as_nobody();
create function tests.post(p_channel text, p_agent text, p_type text default 'text') returns text
language sql stable
as $$
  select format(
    'select organization_id, user_id, agent_id, content, message_type::text, metadata
      from public.post_agent_message(%L, %L, %L, %L, %L)',
    current_setting('tests.' || p_channel), current_setting('tests.' || p_agent), 'Hello', p_type, '{"a": 1}'
  )
$$;
grant execute on all functions in schema tests to public;

select tests.act_as('bob');
select results_eq(
  tests.post('general', 'scribe'),
  $$
    select current_setting('tests.acme')::uuid, null::uuid, current_setting('tests.scribe')::uuid,
      'Hello', 'text', '{"a": 1}'::jsonb
  $$,
  'who may run an agent writes in its name'
);
select lives_ok(tests.post('general', 'scribe', 'tool'), 'also what a tool said');
select throws_ok(
  tests.post('general', 'scribe', 'system'), '42501', null, 'nobody speaks as the system'
);
select throws_ok(
  tests.post('general', 'scribe', 'song'), 'PT400', null, 'an unknown message type is refused'
);
select throws_ok(
  tests.post('general', 'secret'), 'PT403', null, 'nobody writes in the name of an agent that is hidden'
);
select throws_ok(
  tests.post('secrets', 'scribe'), 'PT404', null, 'nobody writes in a channel that is hidden'
);
select throws_ok(
  tests.post('general', 'foreign'), 'PT403', null, 'nor with an agent of another organization'
);

select tests.act_as('dan');
select throws_ok(
  tests.post('general', 'scribe'), 'PT403', null,
  'a guest of the organization runs no agent, member of the workspace or not'
);
select tests.act_as('eve');
select throws_ok(
  tests.post('general', 'scribe'), 'PT404', null, 'a stranger does not find the channel'
);
select throws_ok(
  tests.post('general', 'foreign'), 'PT404', null, 'not even with an agent of their own'
);
select tests.act_as_anon();
select throws_ok(tests.post('general', 'scribe'), '42501', null, 'visitors write nothing');

select tests.act_as_service();
select lives_ok(tests.post('secrets', 'secret', 'event'), 'the service writes as any agent, anywhere');
select throws_ok(
  tests.post('general', 'foreign'), '23503', null, 'but not as one of another organization'
);
select set_config('tests.nowhere', gen_random_uuid()::text, true);
select throws_ok(tests.post('nowhere', 'scribe'), 'PT404', null, 'nor where there is no channel');
select throws_ok(
  format('select public.post_agent_message(%L, null, %L)', current_setting('tests.general'), 'x'),
  'PT400', null,
  'nor as nobody'
);

select * from finish();
rollback;
