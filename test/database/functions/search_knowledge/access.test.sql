-- Nobody finds through an agent what they may not read themselves, whoever it was assigned by.
begin;
select * from no_plan();

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('cleo');
select tests.create_user('dan');
select tests.create_user('eve');
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme')).id::text, true);
select tests.add_member(current_setting('tests.acme')::uuid, 'bob', 'member');
select tests.add_member(current_setting('tests.acme')::uuid, 'cleo', 'member');
select tests.add_member(current_setting('tests.acme')::uuid, 'dan', 'guest');
insert into public.agents (organization_id, name, visibility)
values (current_setting('tests.acme')::uuid, 'Scribe', 'organization');
select tests.act_as('bob');
insert into public.agents (organization_id, name)
values (current_setting('tests.acme')::uuid, 'Secretary');
select tests.act_as('eve');
insert into public.agents (organization_id, name, visibility)
values (tests.organization_of('eve'), 'Spy', 'organization');
select tests.act_as_nobody();
insert into public.agents (organization_id, user_id, name, visibility)
values (current_setting('tests.acme')::uuid, tests.user_id('ada'), 'Other', 'organization');

create function tests.agent(p_name text) returns uuid language sql security definer as $$
  select id from public.agents where name = p_name
$$;

-- A medium of one chunk, which says its name and "walrus".
create function tests.add_medium(
  p_name text, p_owner text, p_organization_id uuid, p_visibility text default 'organization',
  p_agent text default 'Scribe'
)
returns uuid
language plpgsql
security definer
as $$
declare
  v_id constant uuid := gen_random_uuid();
begin
  insert into public.media_library (
    id, organization_id, user_id, file_name, file_type, file_size, visibility, uploaded_at,
    generation, chunk_count, processing_status
  )
  values (
    v_id, p_organization_id, tests.user_id(p_owner), p_name || '.txt', 'text/plain', 10,
    p_visibility, now(), 1, 1, 'completed'
  );
  insert into public.media_chunks (
    organization_id, media_id, generation, chunk_index, content, char_start, char_end, tokens,
    language, content_hash
  )
  values (
    p_organization_id, v_id, 1, 0, 'The walrus of ' || p_name, 0, 20, 5, 'english', 'x'
  );
  if p_agent is not null then
    insert into public.agent_media_assignments (organization_id, agent_id, media_id)
    values (p_organization_id, tests.agent(p_agent), v_id);
  end if;
  return v_id;
end;
$$;

-- What the caller finds, in one line.
create function tests.finds(
  p_agent text default 'Scribe', p_filters jsonb default '{}', p_user_id uuid default null,
  p_candidates jsonb default null
)
returns text
language sql
as $$
  select coalesce(string_agg(found.file_name, ' ' order by found.file_name), '')
  from public.search_knowledge(
    tests.agent(p_agent), 'walrus', 50, p_filters, p_user_id => p_user_id,
    p_candidates => p_candidates
  ) as found
$$;
grant execute on all functions in schema tests to public;

select tests.add_medium('shared', 'ada', current_setting('tests.acme')::uuid);
select tests.add_medium('adas', 'ada', current_setting('tests.acme')::uuid, 'personal');
select tests.add_medium('bobs', 'bob', current_setting('tests.acme')::uuid, 'personal');
select tests.add_medium('archived', 'ada', current_setting('tests.acme')::uuid);
update public.media_library set is_archived = true where file_name = 'archived.txt';
select tests.add_medium('unassigned', 'ada', current_setting('tests.acme')::uuid, p_agent => null);
select tests.add_medium('others', 'ada', current_setting('tests.acme')::uuid, p_agent => 'Other');
select tests.add_medium('secret', 'bob', current_setting('tests.acme')::uuid, p_agent => 'Secretary');
select tests.add_medium('foreign', 'eve', tests.organization_of('eve'), p_agent => 'Spy');
-- Old and coming generations stand beside the current one.
insert into public.media_chunks (
  organization_id, media_id, generation, chunk_index, content, char_start, char_end, tokens,
  language, content_hash
)
select organization_id, id, 2, 0, 'The next walrus', 0, 15, 4, 'english', 'y'
from public.media_library where file_name = 'shared.txt';
select set_config('tests.all', (
  select jsonb_agg(jsonb_build_object('chunk_id', id, 'rank', 1))::text from public.media_chunks
), true);

select tests.act_as('ada');
select is(tests.finds(), 'adas.txt shared.txt', 'a member finds what is shared, and what is theirs');
select is(tests.finds('Other'), 'others.txt', 'in the agent that it is assigned to');
select is(tests.finds('Secretary'), 'secret.txt', 'who manages agents searches in a private one');
select tests.act_as('bob');
select is(
  tests.finds(), 'bobs.txt shared.txt',
  'another member does not find what is personal, though the agent has it'
);
select is(
  tests.finds(p_candidates => current_setting('tests.all')::jsonb), 'bobs.txt shared.txt',
  'not even when an external store is said to have found it'
);
select is(
  (
    select count(*) from public.search_knowledge(tests.agent('Scribe'), 'next walrus')
    where content = 'The next walrus'
  ),
  0::bigint,
  'a generation that agents do not read is not found'
);
select is(
  tests.finds(p_filters => jsonb_build_object('media_ids', (
    select jsonb_agg(id) from public.media_library
  ))),
  'bobs.txt shared.txt',
  'naming media in a filter opens none'
);
select is(
  (
    select cardinality(media_ids) from public.agent_knowledge(tests.agent('Scribe'))
  ),
  2,
  'how much there is to look through counts the same media'
);
select throws_ok(
  format('select tests.finds(p_user_id => %L)', tests.user_id('ada')), 'PT403', null,
  'nobody searches in another''s name'
);
select throws_ok(
  format('select public.agent_knowledge(%L, p_user_id => %L)', tests.agent('Scribe'), tests.user_id('ada')),
  'PT403', null, 'nor asks what they could find'
);

select is(
  tests.finds(p_filters => '{"visibility": "organization"}'), 'shared.txt',
  'where others read, a search keeps to what is shared'
);
select is(
  tests.finds(p_filters => '{"visibility": "personal"}'), 'bobs.txt',
  'and alone one may keep to what is personal'
);
select set_config(
  'tests.direct', (public.open_agent_conversation(tests.agent('Scribe'))).id::text, true
);
select tests.act_as('ada');
insert into public.workspaces (organization_id, name)
values (current_setting('tests.acme')::uuid, 'Forge');
insert into public.chat_channels (workspace_id, name, is_public)
select workspaces.id, channel.name, channel.is_public
from public.workspaces
cross join (values ('open', true), ('closed', false)) as channel (name, is_public)
where workspaces.name = 'Forge';
select set_config('tests.' || name, id::text, true)
from public.chat_channels where name in ('open', 'closed');
select is(
  tests.finds(p_filters => jsonb_build_object('channel_id', current_setting('tests.' || channel))),
  'shared.txt',
  format('what is personal is not told in %s', words)
)
from (values
  ('open', 'an open channel'),
  ('closed', 'a private one, where others are'),
  ('direct', 'the conversation of somebody else')
) as places (channel, words);
select is(
  tests.finds(p_filters => jsonb_build_object('channel_id', gen_random_uuid())), 'shared.txt',
  'nor where nobody knows who reads'
);
select is(
  (
    select cardinality(media_ids)
    from public.agent_knowledge(
      tests.agent('Scribe'),
      jsonb_build_object('channel_id', current_setting('tests.open'))
    )
  ),
  1,
  'nor is it asked of stores there'
);
select tests.act_as('bob');
select is(
  tests.finds(p_filters => jsonb_build_object('channel_id', current_setting('tests.direct'))),
  'bobs.txt shared.txt',
  'it is told where its owner is alone with the agent'
);

select tests.act_as('cleo');
select throws_ok(
  $$ select tests.finds('Secretary') $$, 'PT404', null, 'another''s private agent is not there'
);
select throws_ok(
  $$ select public.agent_knowledge(tests.agent('Secretary')) $$, 'PT404', null,
  'nor is there anything to be known of it'
);
select tests.act_as('dan');
select throws_ok(
  $$ select tests.finds() $$, 'PT404', null, 'a guest, who may not run it, does not search in it'
);
select tests.act_as('eve');
select throws_ok(
  $$ select tests.finds() $$, 'PT404', null, 'nor does somebody of another organization'
);
select is(
  tests.finds('Spy', p_candidates => current_setting('tests.all')::jsonb), 'foreign.txt',
  'and their own agent does not lead there'
);
select throws_ok(
  format('select public.search_knowledge(%L, %L)', gen_random_uuid(), 'walrus'), 'PT404', null,
  'an agent that does not exist is told apart by nothing'
);

select tests.act_as_nobody();
update public.organization_members
set custom_permissions = '{"deny": ["knowledge.read"]}'
where user_id = tests.user_id('cleo') and organization_id = current_setting('tests.acme')::uuid;
select tests.act_as('cleo');
select is(tests.finds(), '', 'who runs agents and may not read knowledge finds nothing');
select tests.act_as_nobody();
update public.organization_members
set custom_permissions = '{"deny": []}', status = 'suspended'
where user_id = tests.user_id('cleo') and organization_id = current_setting('tests.acme')::uuid;
select tests.act_as('cleo');
select throws_ok($$ select tests.finds() $$, 'PT404', null, 'who is suspended does not search');

select tests.act_as_anon();
select throws_ok(
  $$ select tests.finds() $$, '42501', null, 'visitors do not search'
);

select tests.act_as_service();
select is(
  tests.finds(p_user_id => tests.user_id('bob')), 'bobs.txt shared.txt',
  'the service finds what the user whom it names may find'
);
select throws_ok(
  $$ select tests.finds() $$, 'PT404', null, 'without a user it finds nothing'
);
select throws_ok(
  $$ select tests.finds(p_user_id => gen_random_uuid()) $$, 'PT404', null,
  'nor for a user who does not exist'
);
select throws_ok(
  format('select tests.finds(p_user_id => %L)', tests.user_id('cleo')), 'PT404', null,
  'nor for one who is suspended'
);
select tests.act_as_nobody();
update public.agents set is_active = false where name = 'Scribe';
select tests.act_as('ada');
select throws_ok(
  $$ select tests.finds() $$, 'PT404', null, 'an agent that is off is not searched'
);
select is_empty(
  $$
    select proname from pg_proc
    where pronamespace = 'private'::regnamespace
      and proname in (
        'searched_media', 'nearest_chunks', 'chunks_by_text', 'similar_words'
      )
      and (
        has_function_privilege('authenticated', oid, 'execute')
        or has_function_privilege('service_role', oid, 'execute')
      )
  $$,
  'what takes the user or the media at their word is for nobody else'
);

select * from finish();
rollback;
