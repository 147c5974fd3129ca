-- load_import() and what comes before it, with archives that were made to do harm.
begin;
select * from no_plan();

-- Stages an archive of these tables for mallory and loads it. Returns the machine key of the error, or
-- null. p_keep: what it did stays.
create function tests.bring(p_tables jsonb, p_manifest jsonb default '{}', p_keep boolean default false)
returns text
language plpgsql
as $$
declare
  v_job record;
  v_table record;
  v_detail text;
  v_message text;
begin
  -- What an earlier import left to be removed.
  delete from private.jobs;
  begin
    perform tests.act_as('mallory');
    perform public.import_organization(format('users/%s/a.zip', tests.user_id('mallory')));
    perform tests.act_as_service();
    select * into strict v_job from public.claim_jobs('transfers', 1, 60, 'test');
    perform public.start_transfer(v_job.id, v_job.lease_token);
    perform public.stage_import(v_job.id, v_job.lease_token, jsonb_build_object(
      'format', 'ensemble-organization',
      'format_version', 1,
      'organization', jsonb_build_object('id', current_setting('tests.new')),
      'people', jsonb_build_array(),
      'secrets', jsonb_build_array(),
      'tables', (
        select jsonb_agg(jsonb_build_object(
          'name', key,
          'row_count', jsonb_array_length(value),
          'columns', (
            select coalesce(jsonb_agg(distinct jsonb_build_object('name', name, 'type', 'text')), '[]')
            from jsonb_array_elements(value) as r (document), jsonb_object_keys(r.document) as names (name)
          )
        ))
        from jsonb_each(p_tables)
      )
    ) || p_manifest);
    for v_table in select * from jsonb_each(p_tables) loop
      perform public.stage_import_lines(
        v_job.id, v_job.lease_token, v_table.key,
        (select string_agg(document::text, chr(10)) from jsonb_array_elements(v_table.value) as r (document))
      )
      where jsonb_array_length(v_table.value) > 0;
    end loop;
    perform set_config('tests.result', public.load_import(v_job.id, v_job.lease_token)::text, true);
    perform tests.act_as_nobody();
    if p_keep then
      return null;
    end if;
    raise exception using errcode = 'TRBCK';
  exception
    when sqlstate 'TRBCK' then null;
    when others then
      get stacked diagnostics v_detail = pg_exception_detail, v_message = message_text;
      perform set_config('tests.message', v_message, false);
  end;
  perform tests.act_as_nobody();
  return v_detail;
end;
$$;

create function tests.archive(p_more jsonb default '{}')
returns jsonb
language sql
stable
as $$
  select jsonb_build_object('organizations', jsonb_build_array(jsonb_build_object(
    'id', current_setting('tests.new'), 'name', 'New', 'slug', 'new'
  ))) || p_more
$$;

create function tests.agent(p_more jsonb default '{}')
returns jsonb
language sql
stable
as $$
  select jsonb_build_object(
    'id', 'a0000000-0000-4000-8000-000000000001', 'organization_id', current_setting('tests.new'),
    'name', 'Iris', 'instructions', '', 'is_active', true, 'visibility', 'private', 'status', 'active',
    'context_window_size', 4000, 'max_tokens', 100, 'config', '{}'::jsonb,
    'created_at', now(), 'updated_at', now()
  ) || p_more
$$;

select tests.create_user('ada');
select tests.create_user('mallory');
insert into storage.objects (bucket_id, name) values ('imports', format('users/%s/a.zip', tests.user_id('mallory')));
select tests.act_as('ada');
select set_config('tests.theirs', (public.create_organization('Theirs')).id::text, true);
select tests.act_as_nobody();
select tests.create_fixtures(current_setting('tests.theirs')::uuid, 'ada');
select set_config('tests.new', 'b0000000-0000-4000-8000-000000000001', true);

select is(tests.bring(tests.archive()), null, 'an archive of nothing but an organization is imported');
select is(tests.bring(tests.archive(jsonb_build_object('agents', jsonb_build_array(tests.agent())))), null, 'one with an agent, too');

-- Rows of others.
select is(
  tests.bring(tests.archive(jsonb_build_object('agents', jsonb_build_array(
    tests.agent(jsonb_build_object('organization_id', current_setting('tests.theirs')))
  )))),
  'import_archive_invalid', 'a row that names another organization is refused'
);
select is(
  tests.bring(tests.archive(jsonb_build_object('agents', jsonb_build_array(tests.agent() - 'organization_id')))),
  'import_archive_invalid', 'and one that names none'
);
select is(
  tests.bring(tests.archive(), jsonb_build_object('organization', jsonb_build_object('id', current_setting('tests.theirs')))),
  'import_ids_taken', 'an organization that is here is not written over'
);
select is(
  tests.bring(jsonb_build_object('organizations', jsonb_build_array(jsonb_build_object(
    'id', current_setting('tests.theirs'), 'name', 'Mine', 'slug', 'mine'
  )))),
  'import_archive_invalid', 'also not behind the manifest''s back'
);
select is(
  tests.bring(tests.archive(jsonb_build_object('agents', jsonb_build_array(
    tests.agent(jsonb_build_object('id', (select id from public.agents where organization_id = current_setting('tests.theirs')::uuid order by id limit 1)))
  )))),
  'import_ids_taken', 'an id of another organization''s row is taken'
);
select results_eq(
  $$ select count(*) from public.agents where organization_id = current_setting('tests.theirs')::uuid and name = 'Iris' $$,
  $$ values (0::bigint) $$, 'and the row as it was'
);
select is(
  tests.bring(tests.archive(jsonb_build_object('agents', jsonb_build_array(tests.agent(), tests.agent())))),
  'import_ids_taken', 'an id cannot come twice'
);
select is_empty($$ select from public.organizations where id = current_setting('tests.new')::uuid $$, 'nothing is done by halves');

-- References to others.
select is(
  tests.bring(tests.archive(jsonb_build_object(
    'agents', jsonb_build_array(tests.agent()),
    'team_members', jsonb_build_array(jsonb_build_object(
      'id', gen_random_uuid(), 'organization_id', current_setting('tests.new'),
      'team_id', (select id from public.teams where organization_id = current_setting('tests.theirs')::uuid order by id limit 1),
      'agent_id', 'a0000000-0000-4000-8000-000000000001', 'team_role', 'member', 'reports_to_user', false,
      'created_at', now(), 'updated_at', now()
    ))
  )), p_keep => true),
  null, 'a row of another organization''s team'
);
select is(current_setting('tests.result')::jsonb -> 'left_out', '{"team_members": 1}', 'is left out, and said to be');
delete from public.organizations where id = current_setting('tests.new')::uuid;

-- Other people.
select is(
  tests.bring(
    tests.archive(jsonb_build_object(
      'agents', jsonb_build_array(tests.agent(jsonb_build_object('user_id', tests.user_id('ada'))))
    )),
    jsonb_build_object('people', jsonb_build_array(
      jsonb_build_object('user_id', tests.user_id('ada'), 'email', 'mallory@example.test', 'role', 'owner')
    )),
    p_keep => true
  ),
  null, 'an archive that speaks for somebody else'
);
select results_eq(
  $$ select user_id from public.agents where organization_id = current_setting('tests.new')::uuid $$,
  'values (null::uuid)', 'gives them nothing: an address that was never confirmed is nobody''s'
);
select results_eq(
  $$ select user_id from public.organization_members where organization_id = current_setting('tests.new')::uuid $$,
  $$ select tests.user_id('mallory') $$, 'and makes nobody a member but the importer'
);
delete from public.organizations where id = current_setting('tests.new')::uuid;

create table agent_data.agent_theirs (id uuid primary key, organization_id uuid not null);
select is(
  tests.bring(tests.archive(jsonb_build_object('agent_data.agent_theirs', jsonb_build_array(jsonb_build_object(
    'id', gen_random_uuid(), 'organization_id', current_setting('tests.new')
  ))))),
  'import_archive_invalid', 'nobody puts rows into the tables of somebody else''s agent'
);

-- Invitations without end, to what is no address, into what is no role.
select is(
  tests.bring(tests.archive(), jsonb_build_object('people', (
    select jsonb_agg(jsonb_build_object('email', n || '@example.test', 'role', 'owner', 'status', 'active'))
    from generate_series(1, 150) as n
  ) || jsonb_build_array(
    jsonb_build_object('user_id', 'x', 'email', E'a@example.test\nbcc: b@example.test', 'role', 'admin', 'status', 'active'),
    jsonb_build_object('email', 'c@example.test', 'role', 'god', 'status', 'active'),
    jsonb_build_object('email', 'd@example.test', 'role', 'admin', 'status', 'active', 'role_id', (
      select id from public.roles where organization_id = current_setting('tests.theirs')::uuid
    )),
    jsonb_build_object('role', 'admin', 'status', 'active'),
    to_jsonb(7)
  )), p_keep => true),
  null, 'an archive of many people'
);
select is(
  (select count(*) from public.organization_invitations where organization_id = current_setting('tests.new')::uuid),
  100::bigint, 'invites no more than a person may'
);
select is(jsonb_array_length(current_setting('tests.result')::jsonb -> 'people'), 155, 'and names them all');
delete from public.organizations where id = current_setting('tests.new')::uuid;

-- Columns and tables that are not for archives.
select is(
  tests.bring(tests.archive(jsonb_build_object(name, jsonb_build_array(jsonb_build_object(
    'id', gen_random_uuid(), 'organization_id', current_setting('tests.new'), 'user_id', tests.user_id('ada')
  ))))),
  'import_archive_invalid', name || ' is not imported'
)
from unnest(array[
  'organization_members', 'organization_invitations', 'organization_secrets', 'organization_transfers', 'audit_logs', 'audit_seals'
]) as names (name);
select is(
  tests.bring(tests.archive(jsonb_build_object(
    'agents', jsonb_build_array(tests.agent('{"planted": 1, "vault_secret_id": "x"}')),
    'jobs', '[{"queue": "x"}]'::jsonb, 'private.jobs', '[{"queue": "x"}]'::jsonb, 'auth.users', '[{"id": 1}]'::jsonb
  ))),
  'import_archive_invalid', 'rows for a table that nobody asked for are refused'
);
select is(
  tests.bring(jsonb_build_object('organizations', jsonb_build_array(jsonb_build_object(
    'id', current_setting('tests.new'), 'name', 'New', 'slug', 'new', 'plan', 'enterprise', 'is_personal', true,
    'created_by_user_id', tests.user_id('ada'), 'planted', 1
  ))) || jsonb_build_object('agents', jsonb_build_array(tests.agent('{"planted": 1, "vault_secret_id": "x"}'))), p_keep => true),
  null, 'columns that do not exist are not read'
);
select results_eq(
  $$ select plan, is_personal, created_by_user_id from public.organizations where id = current_setting('tests.new')::uuid $$,
  $$ select 'free', false, tests.user_id('mallory') $$, 'and what is not for people to say is not believed'
);
delete from public.organizations where id = current_setting('tests.new')::uuid;

-- Rows that break rules.
select is(
  tests.bring(tests.archive(jsonb_build_object('agents', jsonb_build_array(tests.agent('{"max_tokens": -1}'))))),
  'import_archive_invalid', 'constraints hold'
);
select matches(current_setting('tests.message'), 'rows of agents are refused', 'and the table is named');
select is(
  tests.bring(tests.archive(jsonb_build_object('agents', jsonb_build_array(tests.agent('{"max_tokens": "many"}'))))),
  'import_archive_invalid', 'so do types'
);
select is(
  tests.bring(tests.archive(jsonb_build_object('agents', jsonb_build_array(tests.agent('{"name": null}'))))),
  'import_archive_invalid', 'and what must be there'
);
select is(
  tests.bring(tests.archive(jsonb_build_object('role_permissions', jsonb_build_array(jsonb_build_object(
    'organization_id', current_setting('tests.new'), 'permission_key', 'organizations.delete', 'created_at', now(),
    'role_id', (select id from public.roles where organization_id is null and name = 'guest')
  )))), p_keep => true),
  null, 'a row that would widen a role of the system'
);
select is(current_setting('tests.result')::jsonb -> 'left_out', '{"role_permissions": 1}', 'is left out');
select is_empty(
  $$
    select from public.role_permissions join public.roles on roles.id = role_id
    where roles.name = 'guest' and permission_key = 'organizations.delete'
  $$,
  'and widens none'
);
delete from public.organizations where id = current_setting('tests.new')::uuid;
select is(
  tests.bring(tests.archive(jsonb_build_object('roles', jsonb_build_array(jsonb_build_object(
    'id', gen_random_uuid(), 'organization_id', current_setting('tests.new'), 'name', 'owner', 'display_name', 'Owner',
    'created_at', now(), 'updated_at', now()
  ))))),
  'import_archive_invalid', 'nor is there a second owner'
);

-- Manifests.
select is(tests.bring(tests.archive(), '{"format": "ensemble-person"}'), 'import_archive_invalid', 'a person is no organization');
select is(tests.bring(tests.archive(), '{"format_version": 2}'), 'import_version_unsupported', 'a later version is not guessed at');
select is(tests.bring(tests.archive(), '{"organization": {"id": "none"}}'), 'import_archive_invalid', 'an id is an id');
select is(tests.bring(tests.archive(), '{"tables": {}}'), 'import_archive_invalid', 'tables are a list');
select is(tests.bring(tests.archive(), '{"tables": [{"name": "agents", "columns": 3, "row_count": "many"}]}'), 'import_archive_invalid', 'of tables');
select is(tests.bring(tests.archive(), '{"people": 1}'), 'import_archive_invalid', 'people are a list');
select is(tests.bring('{"organizations": []}'), 'import_archive_invalid', 'there is an organization in it');
select is(
  tests.bring(jsonb_build_object('organizations', tests.archive() -> 'organizations' || (tests.archive() -> 'organizations'))),
  'import_archive_invalid', 'exactly one'
);

-- What is not hostile, but hard: a circle of references, a reference to oneself, numbers given here.
create table public.planted_a (
  id uuid primary key, number bigint generated always as identity,
  organization_id uuid not null references public.organizations (id) on delete cascade,
  b_id uuid not null, parent_id uuid references public.planted_a (id) on delete cascade
);
create table public.planted_b (
  id uuid primary key,
  organization_id uuid not null references public.organizations (id) on delete cascade,
  a_id uuid not null references public.planted_a (id) on delete cascade
);
alter table public.planted_a add foreign key (b_id) references public.planted_b (id) on delete cascade;
select is(
  tests.bring(tests.archive(jsonb_build_object(
    'planted_a', (
      select jsonb_agg(jsonb_build_object(
        'id', format('a0000000-0000-4000-8000-00000000000%s', n), 'number', 77, 'organization_id', current_setting('tests.new'),
        'b_id', format('b0000000-0000-4000-8000-00000000000%s', n),
        'parent_id', case when n > 1 then format('a0000000-0000-4000-8000-00000000000%s', n % 3 + 1) end
      ))
      from generate_series(1, 3) as n
    ),
    'planted_b', (
      select jsonb_agg(jsonb_build_object(
        'id', format('b0000000-0000-4000-8000-00000000000%s', n), 'organization_id', current_setting('tests.new'),
        'a_id', format('a0000000-0000-4000-8000-00000000000%s', n % 3 + 1)
      ))
      from generate_series(1, 3) as n
    )
  )), p_keep => true),
  null, 'tables that point to each other are loaded'
);
select results_eq(
  'select number, parent_id from public.planted_a order by id',
  $$ values (1::bigint, null::uuid), (2, 'a0000000-0000-4000-8000-000000000003'), (3, 'a0000000-0000-4000-8000-000000000001') $$,
  'rows that point to each other, too, and numbers are given anew'
);
delete from public.organizations where id = current_setting('tests.new')::uuid;

-- A slug that is taken is made free, one that was asked for is not.
update public.organizations set slug = 'new' where id = current_setting('tests.theirs')::uuid;
select is(tests.bring(tests.archive(), p_keep => true), null, 'an organization whose slug is taken');
select matches(
  (select slug from public.organizations where id = current_setting('tests.new')::uuid), '^new-[0-9a-f]{8}$', 'gets one like it'
);

select * from finish();
rollback;
