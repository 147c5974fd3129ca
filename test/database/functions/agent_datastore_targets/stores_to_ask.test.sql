begin;
select plan(9);

select tests.create_user('ada');
select tests.act_as('ada');
select public.create_organization_secret(tests.organization_of('ada'), 'zep', 'z_correct-horse');
insert into public.agents (name) values ('Scribe'), ('Other');
insert into public.datastores (name, type, config) values ('Graph', 'getzep', '{"graph_id": "docs", "api_key_ref": "zep"}');
insert into public.datastores (name, type) values ('Built in', 'postgres');
insert into public.agent_datastores (agent_id, datastore_id) select agents.id, datastores.id from public.agents, public.datastores where agents.name = 'Scribe';
select tests.act_as_nobody();
select set_config('tests.scribe', (select id::text from public.agents where name = 'Scribe'), true);
select set_config('tests.graph', (select id::text from public.datastores where name = 'Graph'), true);
create function tests.targets() returns jsonb language sql as $$ select public.agent_datastore_targets(current_setting('tests.scribe')::uuid) $$;

select is(
  tests.targets() -> 1,
  jsonb_build_object(
    'datastore_id', current_setting('tests.graph'), 'organization_id', tests.organization_of('ada'), 'name', 'Graph', 'type', 'getzep',
    'config', '{"graph_id": "docs", "api_key_ref": "zep"}'::jsonb, 'pending_media', 0
  ),
  'a store comes with the name of its secret'
);
select is(tests.targets() #>> '{0,type}', 'postgres', 'the built-in one is among them');
select is(public.agent_datastore_targets((select id from public.agents where name = 'Other')), '[]', 'an agent without stores has none');

insert into public.media_library (id, organization_id, user_id, file_name, file_type, file_size, visibility)
select md5(name)::uuid, tests.organization_of('ada'), tests.user_id('ada'), name || '.pdf', 'application/pdf', 1, case name when 'diary' then 'personal' else 'organization' end
from unnest(array['tea', 'coffee', 'diary']) as name;
update public.media_library set generation = 2, uploaded_at = now(), processing_status = 'completed';
insert into public.agent_media_assignments (organization_id, agent_id, media_id) select organization_id, current_setting('tests.scribe')::uuid, id from public.media_library;
insert into private.datastore_media (place_id, media_id, wanted_generation, stored_generation) values (current_setting('tests.graph')::uuid, md5('tea')::uuid, 2, 2);
select is(tests.targets() #>> '{1,pending_media}', '1', 'what a store should have and has not is told; personal media it should not');
update public.media_library set generation = 3 where id = md5('tea')::uuid;
select is(tests.targets() #>> '{1,pending_media}', '2', 'an older generation does not count');

update public.agent_datastores set is_active = false where datastore_id = current_setting('tests.graph')::uuid;
select is(jsonb_array_length(tests.targets()), 1, 'one that is off for the agent is not asked');
update public.agent_datastores set is_active = true;
update public.datastores set is_active = false;
select is(tests.targets(), '[]', 'nor one that is off');
select tests.act_as('ada');
select throws_ok('select public.agent_datastore_targets(gen_random_uuid())', '42501', null, 'it is not for people');
select tests.act_as_service();
select lives_ok('select public.agent_datastore_targets(gen_random_uuid())', 'but for the service');

select * from finish();
rollback;
