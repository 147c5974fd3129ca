begin;
select plan(18);

select tests.create_user(name)
from unnest(array['ada', 'bob', 'cleo', 'dan', 'eve']) as names (name);
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme')).id::text, true);
select tests.add_member(current_setting('tests.acme')::uuid, 'bob', 'member');
select tests.add_member(current_setting('tests.acme')::uuid, 'cleo', 'guest');
select tests.add_member(current_setting('tests.acme')::uuid, 'dan', 'admin', 'suspended');
select tests.act_as_nobody();
insert into public.agents (organization_id, user_id, name, created_at)
select current_setting('tests.acme')::uuid, tests.user_id('ada'), 'A' || i, '2001-01-01'
from generate_series(1, 3) as i;
insert into public.agents (organization_id, user_id, name)
values (tests.organization_of('eve'), tests.user_id('eve'), 'Hers');
insert into storage.buckets (id, name) values ('papers', 'papers'), ('pictures', 'pictures');
insert into storage.objects (bucket_id, name, metadata) values
  ('papers', current_setting('tests.acme') || '/a/b.txt', '{"size": 100}'),
  ('pictures', current_setting('tests.acme') || '/c.png', '{"size": 20}'),
  ('papers', tests.organization_of('eve') || '/d.txt', '{"size": 3000}'),
  ('papers', 'x' || current_setting('tests.acme') || '/e.txt', '{"size": 40000}');
create table agent_data.agent_0_notes (organization_id uuid not null, text text);
insert into agent_data.agent_0_notes values (current_setting('tests.acme')::uuid, 'Hi');
select set_config('tests.tables', (select count(*) from private.tenant_tables())::text, true);

create function tests.info() returns jsonb language sql as $$
  select public.organization_database_info(current_setting('tests.acme')::uuid)
$$;
create function tests.rows_of(p_table text) returns bigint language sql as $$
  select (line ->> 'rows')::bigint
  from jsonb_array_elements(tests.info() -> 'tables') as line
  where line ->> 'name' = p_table
$$;

select tests.act_as('ada');
select is(tests.rows_of('agents'), 3::bigint, 'counts the rows of a table');
select is(tests.rows_of('organization_members'), 4::bigint, 'of another');
select is(tests.rows_of('teams'), 0::bigint, 'and of one that is empty');
select is(
  tests.rows_of('agent_data.agent_0_notes'), 1::bigint, 'tables of agents carry their schema'
);
select is(
  (select count(*) from jsonb_array_elements(tests.info() -> 'tables')),
  current_setting('tests.tables')::bigint,
  'no table is missing'
);
select is(
  (tests.info() ->> 'rows')::numeric,
  (
    select sum((line ->> 'rows')::numeric)
    from jsonb_array_elements(tests.info() -> 'tables') as line
  ),
  'rows are the sum'
);
select cmp_ok(
  (
    select (line ->> 'bytes')::integer
    from jsonb_array_elements(tests.info() -> 'tables') as line
    where line ->> 'name' = 'agents'
  ),
  '>', 3 * 100, 'bytes are those of the rows'
);
select is((tests.info() ->> 'storage_bytes')::integer, 120, 'Storage counts the own folder alone');
select is((tests.info() ->> 'members')::integer, 3, 'members are the active ones');
select is((tests.info() ->> 'agents')::integer, 3, 'agents are all, seen or not');
select is(
  (tests.info() ->> 'last_activity_at')::timestamptz, now(), 'the last activity is the latest'
);

select tests.act_as('bob');
select isnt(tests.info(), null, 'a member with quotas.read may see it');
select tests.act_as('cleo');
select throws_ok('select tests.info()', 'PT403', null, 'a guest may not');
select tests.act_as('dan');
select throws_ok('select tests.info()', 'PT403', null, 'nor may a suspended admin');
select tests.act_as('eve');
select throws_ok('select tests.info()', 'PT403', null, 'nor a stranger who knows the id');
select throws_ok(
  $$ select public.organization_database_info(gen_random_uuid()) $$, 'PT403', null,
  'to whom an id that nobody has looks alike'
);
select tests.act_as_anon();
select throws_ok('select tests.info()', '42501', null, 'visitors see nothing');
select tests.act_as_service();
select throws_ok(
  $$ select public.organization_database_info(gen_random_uuid()) $$, 'PT404', null,
  'the service is told when there is none'
);

select * from finish();
rollback;
