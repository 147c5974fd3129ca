-- Assigning takes whoever reads the medium, may add media, and may change the agent. The count of a
-- medium's agents follows whatever happens.
begin;
select * from no_plan();

select tests.create_user(name) from unnest(array['ada', 'max', 'bob', 'kim', 'gus', 'sue', 'eve']) as name;
select tests.add_member(tests.organization_of('ada'), 'max', 'admin');
select tests.add_member(tests.organization_of('ada'), 'bob', 'member');
select tests.add_member(tests.organization_of('ada'), 'kim', 'member');
select tests.add_member(tests.organization_of('ada'), 'gus', 'guest');
select tests.add_member(tests.organization_of('ada'), 'sue', 'admin', 'suspended');

create table tests.things (name text primary key, id uuid not null default gen_random_uuid());
insert into tests.things (name)
values ('bobs'), ('private'), ('eves'), ('shared'), ('personal'), ('foreign'), ('other');
grant select on tests.things to public;
create function tests.thing(p_name text) returns uuid language sql stable as $$
  select coalesce((select things.id from tests.things where things.name = p_name), gen_random_uuid())
$$;
insert into public.agents (id, organization_id, user_id, name, visibility)
values
  (tests.thing('bobs'), tests.organization_of('ada'), tests.user_id('bob'), 'B', 'organization'),
  (tests.thing('private'), tests.organization_of('ada'), tests.user_id('max'), 'M', 'private'),
  (tests.thing('eves'), tests.organization_of('eve'), tests.user_id('eve'), 'E', 'organization');
insert into public.media_library (id, organization_id, user_id, file_name, file_type, file_size, visibility)
values
  (tests.thing('shared'), tests.organization_of('ada'), tests.user_id('max'), 'a.pdf', 'application/pdf', 1, 'organization'),
  (tests.thing('other'), tests.organization_of('ada'), tests.user_id('max'), 'a.pdf', 'application/pdf', 1, 'organization'),
  (tests.thing('personal'), tests.organization_of('ada'), tests.user_id('max'), 'a.pdf', 'application/pdf', 1, 'personal'),
  (tests.thing('foreign'), tests.organization_of('eve'), tests.user_id('eve'), 'a.pdf', 'application/pdf', 1, 'organization');
create function tests.assign(p_agent text, p_medium text, p_type public.assignment_type default 'knowledge_base')
returns public.agent_media_assignments language sql as $$
  select public.assign_media_to_agent(tests.thing(p_agent), tests.thing(p_medium), p_type)
$$;
create function tests.count_of(p_medium text) returns integer language sql security definer as $$
  select assigned_agents_count from public.media_library where id = tests.thing(p_medium)
$$;

select tests.act_as('bob');
select results_eq(
  $$ select organization_id, agent_id, media_id, assignment_type::text, assigned_by_user_id from tests.assign('bobs', 'shared') $$,
  $$ values (tests.organization_of('ada'), tests.thing('bobs'), tests.thing('shared'), 'knowledge_base', tests.user_id('bob')) $$,
  'the owner of an agent assigns what they read'
);
select is(tests.count_of('shared'), 1, 'and it counts');
select results_eq(
  $$ select id, assignment_type::text from tests.assign('bobs', 'shared', 'sop') $$,
  $$ select id, 'sop' from public.agent_media_assignments $$,
  'assigning again changes the assignment there is'
);
select is(tests.count_of('shared'), 1, 'and counts once');
select throws_ok($$ select tests.assign('bobs', 'personal') $$, 'PT404', 'No medium with that id', 'what one does not read is not there');
select throws_ok($$ select tests.assign('bobs', 'foreign') $$, 'PT404', 'No medium with that id', 'nor what is of another organization');
select throws_ok($$ select tests.assign('bobs', 'absent') $$, 'PT404', 'No medium with that id', 'nor what is nowhere');
select throws_ok($$ select tests.assign('private', 'shared') $$, 'PT404', 'No agent with that id', 'an agent that one does not see is not there');
select throws_ok($$ select tests.assign('eves', 'shared') $$, 'PT404', 'No agent with that id', 'nor one of another organization');
select tests.act_as('kim');
select throws_ok($$ select tests.assign('bobs', 'shared') $$, 'PT403', 'You may not decide what this agent reads', 'another''s agent is theirs to say');
select throws_ok(
  $$ select public.unassign_media_from_agent(tests.thing('bobs'), tests.thing('shared')) $$, 'PT403', null, 'also for taking away'
);
select tests.act_as(name) from (values ('gus')) as actor (name);
select throws_ok($$ select tests.assign('bobs', 'shared') $$, null, null, 'a guest assigns nothing');
select tests.act_as('sue');
select throws_ok($$ select tests.assign('bobs', 'shared') $$, 'PT404', null, 'nor does someone suspended');
select tests.act_as('eve');
select throws_ok($$ select tests.assign('bobs', 'shared') $$, 'PT404', null, 'nor a stranger');
select throws_ok($$ select tests.assign('eves', 'shared') $$, 'PT404', null, 'not to their own agent either');
select tests.act_as_anon();
select throws_ok($$ select tests.assign('bobs', 'shared') $$, '42501', null, 'nor a visitor');
select tests.act_as('max');
select lives_ok($$ select tests.assign('bobs', 'personal') $$, 'an admin assigns a personal medium of theirs to another''s agent');

-- Someone of both organizations does not mix them.
select tests.act_as_nobody();
select tests.add_member(tests.organization_of('eve'), 'max', 'admin');
select tests.act_as('max');
select throws_ok(
  $$ select tests.assign('eves', 'shared') $$, 'PT400', 'An agent reads media of its own organization', 'an agent reads nothing of another organization'
);
select tests.act_as_service();
select throws_ok($$ select tests.assign('eves', 'shared') $$, 'PT400', null, 'not even by the service');
select lives_ok($$ select tests.assign('bobs', 'other') $$, 'which assigns what belongs together');

-- Who sees it.
select tests.act_as('bob');
select is((select count(*) from public.agent_media_assignments), 2::bigint, 'one sees assignments of media that one reads');
select throws_ok(
  $$ select public.unassign_media_from_agent(tests.thing('bobs'), tests.thing('personal')) $$, 'PT404', null, 'and takes away no others'
);
select throws_ok(format('%s', statement), '42501', null, format('nobody writes past the functions: %s', statement))
from unnest(array[
  'insert into public.agent_media_assignments (agent_id, media_id) values (tests.thing(''bobs''), tests.thing(''personal''))',
  'update public.agent_media_assignments set media_id = tests.thing(''personal'')',
  'delete from public.agent_media_assignments'
]) as statement;
select tests.act_as('gus');
select is((select count(*) from public.agent_media_assignments), 0::bigint, 'a guest sees none');
select tests.act_as('eve');
select is((select count(*) from public.agent_media_assignments), 0::bigint, 'nor does a stranger');

-- What an agent finds for a user.
select tests.act_as_nobody();
select is_empty($$ select * from private.agent_media(tests.thing('bobs'), tests.user_id('bob')) $$, 'an agent finds nothing where nothing was read yet');
update public.media_library set generation = 1, processing_status = 'completed';
update public.media_library set is_archived = true where id = tests.thing('other');
create function tests.found(p_user text) returns text[] language sql as $$
  select coalesce(array_agg(things.name order by things.name), '{}')
  from private.agent_media(tests.thing('bobs'), tests.user_id(p_user)) as media join tests.things on things.id = media.id
$$;
select is(tests.found('bob'), '{shared}', 'then what its user reads, without what is archived');
select is(tests.found('max'), '{personal,shared}', 'for each what is theirs');
select is(tests.found(name), '{}', format('and nothing for %s', name)) from unnest(array['gus', 'sue', 'eve']) as name;

-- Counts.
select is(tests.count_of('shared'), 1, 'the count is one');
select tests.act_as('bob');
select is(public.unassign_media_from_agent(tests.thing('bobs'), tests.thing('shared')), true, 'the owner takes it away');
select is(public.unassign_media_from_agent(tests.thing('bobs'), tests.thing('shared')), false, 'once');
select is(tests.count_of('shared'), 0, 'and it counts no more');
select tests.act_as_nobody();
insert into public.agents (organization_id, user_id, name)
select tests.organization_of('ada'), tests.user_id('ada'), 'A' || number from generate_series(1, 5) as number;
insert into public.agent_media_assignments (agent_id, media_id)
select agents.id, things.id from public.agents cross join tests.things
where agents.name ~ '^A\d$' and things.name in ('shared', 'other');
select is(array[tests.count_of('shared'), tests.count_of('other')], array[5, 6], 'many at once count each');
delete from public.agents where name in ('A1', 'A2') or id = tests.thing('bobs');
select is(array[tests.count_of('shared'), tests.count_of('other'), tests.count_of('personal')], array[3, 3, 0], 'agents that go count no more');
delete from public.media_library where id = tests.thing('other');
select is(tests.count_of('shared'), 3, 'a medium that goes takes its own along');
select is((select count(*) from public.agent_media_assignments), 3::bigint, 'and leaves those of others');

select * from finish();
rollback;
