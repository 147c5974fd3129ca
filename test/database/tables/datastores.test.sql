-- Datastores and who uses them: what people of each kind may do with them, and what no one may.
begin;
select plan(51);

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
select public.create_organization_secret(current_setting('tests.acme')::uuid, 'vectors', 'pcsk-correct-horse');
insert into public.agents (organization_id, name, visibility)
values (current_setting('tests.acme')::uuid, 'Open', 'organization'), (current_setting('tests.acme')::uuid, 'Hidden', 'private');
select tests.act_as('eve');
insert into public.agents (name) values ('Foreign');
select tests.act_as_nobody();
select set_config('tests.' || lower(name), id::text, true) from public.agents;

create function tests.add(p_type text, p_config jsonb default '{}', p_organization text default current_setting('tests.acme'))
returns text language sql as $$
  select format(
    'insert into public.datastores (organization_id, name, type, config) values (%L, %L, %L, %L)',
    p_organization, 'Store ' || gen_random_uuid(), p_type, p_config
  )
$$;
create function tests.pinecone(p_more jsonb default '{}') returns jsonb language sql as $$
  select '{"host": "docs-1a2b3c4.svc.aped-4627-b74a.pinecone.io", "api_key_ref": "vectors"}'::jsonb || p_more
$$;
create function tests.zep(p_more jsonb default '{}') returns jsonb language sql as $$
  select '{"graph_id": "ensemble", "api_key_ref": "vectors"}'::jsonb || p_more
$$;

select policies_are('public', 'datastores', array['select_member', 'insert_manager', 'update_manager', 'delete_manager']);
select policies_are('public', 'agent_datastores', array['select_reader', 'insert_manager', 'update_manager', 'delete_manager']);

-- Who adds stores.
select tests.act_as('ada');
select lives_ok(tests.add('pinecone', tests.pinecone()), 'an owner adds a Pinecone index');
select lives_ok(tests.add('getzep', tests.zep()), 'and a graph of Zep');
select throws_ok(
  tests.add('pinecone', tests.pinecone('{"namespace": "__default__"}')), '23505', null,
  'a place has one store: two would take each other''s chunks away'
);
select lives_ok(tests.add('pinecone', tests.pinecone('{"namespace": "second"}')), 'another namespace is another place');
select throws_ok(
  format('insert into public.datastores (organization_id, name, type, created_by_user_id) values (%L, ''x'', ''postgres'', %L)', current_setting('tests.acme'), tests.user_id('mia')),
  '42501', null, 'nobody adds one in another''s name'
);
select throws_ok(
  format('insert into public.datastores (organization_id, name, type, status) values (%L, ''x'', ''postgres'', ''ready'')', current_setting('tests.acme')),
  '42501', null, 'or says how it is doing'
);
select tests.act_as('mia');
select lives_ok(tests.add('postgres'), 'a manager adds the built-in store');
select throws_ok(tests.add('pinecone', tests.pinecone('{"namespace": "mine"}')), 'PT403', null, 'but decides about no secret');
select lives_ok(
  $$ update public.datastores set name = 'Index', is_active = false where type = 'pinecone' and config ->> 'namespace' is null $$,
  'and names and switches what is there'
);
select throws_ok(
  $$ update public.datastores set config = config || '{"api_key_ref": "other"}' where type = 'getzep' $$, 'PT403', null,
  'another secret is not theirs to send'
);
select tests.act_as('ben');
select throws_ok(tests.add('postgres'), '42501', null, 'a member adds none');
select is((select count(*)::integer from public.datastores), 4, 'but sees them');
select is_empty('update public.datastores set name = ''x'' returning id', 'and changes none');
select is_empty('delete from public.datastores returning id', 'and deletes none');
select tests.act_as('gus');
select is_empty('select id from public.datastores', 'a guest sees none');
select tests.act_as('sue');
select is_empty('select id from public.datastores', 'nor does who is suspended');
select throws_ok(tests.add('postgres'), '42501', null, 'who adds none, too');
select tests.act_as('eve');
select is_empty('select id from public.datastores', 'nor a stranger');
select throws_ok(tests.add('postgres'), '42501', null, 'who adds none');
select throws_ok(tests.add('pinecone', tests.pinecone()), 'PT403', null, 'least of all one with a secret');
select tests.act_as_anon();
select throws_ok('select id from public.datastores', '42501', null, 'visitors see nothing');

-- What is no configuration.
select tests.act_as('ada');
select throws_like(tests.add('pinecone', tests.pinecone('{"host": "vectors.example.com"}')), '%host is that of the index%', 'a key goes to Pinecone''s hosts alone');
select throws_like(tests.add('pinecone', tests.pinecone('{"host": "evil.example/.pinecone.io"}')), '%host is that of the index%', 'to no path that looks like one');
select throws_like(tests.add('pinecone', tests.pinecone('{"host": "me@docs.pinecone.io"}')), '%host is that of the index%', 'and with nobody''s name before it');
select throws_like(tests.add('pinecone', tests.pinecone('{"host": "http://docs.pinecone.io"}')), '%host is that of the index%', 'never unencrypted');
select throws_like(tests.add('pinecone', tests.pinecone('{"host": "http://10.0.0.1"}')), '%host is that of the index%', 'nor to a machine inside');
select lives_ok(tests.add('pinecone', tests.pinecone('{"host": "http://127.0.0.1:5081"}')), 'an index on this machine is for the embedded stack');
select throws_like(tests.add('getzep', tests.zep('{"base_url": "https://zep.example.com/api/v2"}')), '%base_url is%', 'likewise Zep');
select throws_like(tests.add('getzep', tests.zep('{"graph_id": "../user"}')), '%graph_id has%', 'a graph is no path');
select throws_like(tests.add('getzep', tests.zep() - 'graph_id'), '%graph_id has%', 'and is named');
select throws_like(tests.add('pinecone', tests.pinecone('{"colour": "red"}')), '%has host, namespace and api_key_ref%', 'other fields are refused');
select throws_like(tests.add('pinecone', tests.pinecone('{"namespace": 3}')), '%its fields are texts%', 'and other kinds of values');
select throws_like(tests.add('pinecone', tests.pinecone() - 'api_key_ref'), '%api_key_ref names the secret%', 'there is no store without a key');
select throws_ok(tests.add('pinecone', tests.pinecone('{"api_key": "pcsk_4sTmCorrectHorseBattery"}')), 'PT400', null, 'a key in the config is refused');
select throws_like(tests.add('pinecone', tests.pinecone('{"api_key_ref": "pcsk_4sTmCorrectHorseBatteryStaple"}')), '%plain credential%', 'also under the name of a reference');
select throws_like(tests.add('postgres', '{"url": "postgres://x"}'), '%takes no config%', 'the built-in store has nothing to configure');
select throws_ok(
  $$ update public.datastores set config = config || '{"namespace": "elsewhere"}' where config ->> 'namespace' = 'second' $$, 'PT409', null,
  'a store stays where it is'
);
select throws_ok(
  format('delete from public.organization_secrets where organization_id = %L', current_setting('tests.acme')), '42501', null, 'a secret is deleted by its function'
);
select throws_like(
  format('select public.delete_organization_secret(id) from public.organization_secrets where organization_id = %L', current_setting('tests.acme')),
  '%datastores.config%', 'which keeps what a store needs'
);

-- Who gives them to agents.
select tests.act_as_nobody();
select set_config('tests.store', (select id::text from public.datastores where name = 'Index'), true);
create function tests.give(p_agent text, p_organization text default null) returns text language sql as $$
  select format('insert into public.agent_datastores (agent_id, datastore_id, organization_id) values (%L, %L, %L)', current_setting('tests.' || p_agent), current_setting('tests.store'), p_organization)
$$;
select tests.act_as('mia');
select lives_ok(tests.give('open'), 'a manager gives a store to an agent');
select throws_ok(tests.give('foreign'), '42501', null, 'to none of another organization');
select throws_ok(tests.give('foreign', current_setting('tests.acme')), '42501', null, 'also when it is passed off as one''s own');
select tests.act_as('ben');
select throws_ok(tests.give('open'), '42501', null, 'a member gives none');
select is_empty('update public.agent_datastores set is_active = false returning agent_id', 'and takes none');
select tests.act_as('eve');
select is_empty('select agent_id from public.agent_datastores', 'a stranger sees none');
select throws_ok(
  format('insert into public.agent_datastores (agent_id, datastore_id, organization_id) values (%L, %L, %L)', current_setting('tests.foreign'), current_setting('tests.store'), tests.organization_of('eve')),
  '23503', null, 'and takes no store of another organization for an agent of theirs'
);
select tests.act_as_anon();
select throws_ok('select agent_id from public.agent_datastores', '42501', null, 'visitors see nothing');

-- What came in with an archive.
select tests.act_as_nobody();
select is(
  private.stop_imported_datastore('{"type": "getzep", "name": "Graph", "is_active": true, "status": "ready"}', '{}'),
  '{"type": "getzep", "name": "Graph", "is_active": false, "status": "new", "last_error": null, "last_synced_at": null}',
  'a store outside is off until somebody has looked at it'
);
select is(
  private.stop_imported_datastore('{"type": "postgres", "is_active": true}', '{}') ->> 'is_active', 'true', 'the built-in one is as it was'
);

select * from finish();
rollback;
