-- load_import(): what snapshot_transfer() took out of one database goes into another, here into the
-- same one after the organization was deleted. Every table of the fixtures comes back as it was, but
-- for what cannot: people, and work that was not finished.
begin;
select * from no_plan();

-- The job and lease of the one transfer that waits.
create function tests.claim_transfer()
returns void
language plpgsql
as $$
declare
  v_job record;
begin
  perform tests.act_as_service();
  select * into strict v_job from public.claim_jobs('transfers', 1, 60, 'test');
  perform set_config('tests.job', v_job.id::text, true);
  perform set_config('tests.token', v_job.lease_token::text, true);
  perform public.start_transfer(v_job.id, v_job.lease_token);
end;
$$;

create function tests.job() returns bigint language sql stable as $$
  select current_setting('tests.job')::bigint
$$;
create function tests.token() returns bigint language sql stable as $$
  select current_setting('tests.token')::bigint
$$;

-- Every row of the organization, as text, as somebody who sees all.
create function tests.rows_of(p_organization_id uuid)
returns table (table_name text, document jsonb)
language plpgsql
security definer
as $$
declare
  v_table record;
begin
  for v_table in select * from private.tenant_tables() loop
    return query execute format(
      'select %L::text, to_jsonb(t) from %s as t where organization_id = $1',
      v_table.table_name, v_table.table_id
    ) using p_organization_id;
  end loop;
  return query select 'organizations', to_jsonb(o) from public.organizations as o
  where o.id = p_organization_id;
end;
$$;

create function tests.manifest()
returns jsonb
language sql
as $$
  select jsonb_build_object('format', 'ensemble-organization', 'format_version', 1)
    || (
      replace(current_setting('tests.snapshot')::jsonb::text, '"ada@example.test"', '"ADA2@example.test"')::jsonb -> 'about'
    )
    || jsonb_build_object('tables', current_setting('tests.snapshot')::jsonb -> 'tables')
$$;
select tests.create_user('ada');
select tests.create_user('bob');
select tests.act_as('ada');
select set_config('tests.organization', (public.create_organization('Größe & Söhne "△"')).id::text, true);
select tests.act_as_nobody();
select tests.add_member(current_setting('tests.organization')::uuid, 'bob', 'admin');
select tests.create_fixtures(current_setting('tests.organization')::uuid, 'ada');

-- What is hard to carry: null of two kinds, digits, instants, quotes, line ends, formulas.
insert into public.chat_messages (organization_id, workspace_id, channel_id, user_id, content, metadata)
select organization_id, workspace_id, id, tests.user_id('ada'),
  E'=cmd|''/c calc''!A1\r\n"quoted", tab\t, 漢字 🎻 \u0001 back\\slash',
  '{"n": 12345678901234567890.123456789, "deep": {"nothing": null}, "list": [1, "a", null]}'
from public.chat_channels where organization_id = current_setting('tests.organization')::uuid;
insert into public.chat_messages (organization_id, workspace_id, channel_id, user_id, content)
select organization_id, workspace_id, id, tests.user_id('bob'), 'Mine.'
from public.chat_channels where organization_id = current_setting('tests.organization')::uuid;
update public.task_steps set execution_result = 'null'
where organization_id = current_setting('tests.organization')::uuid;
insert into public.task_steps (organization_id, task_id, step_order, step_name, instructions)
select organization_id, task_id, 2, 'Write', 'Write down what was collected.' from public.task_steps
where organization_id = current_setting('tests.organization')::uuid;
insert into public.agent_task_runs (organization_id, task_id, agent_id, user_id, trigger, retry_of_run_id, status, completed_at, cost_usd)
select organization_id, task_id, agent_id, user_id, 'retry', id, 'failed', now(), 0.10000000 from public.agent_task_runs
where organization_id = current_setting('tests.organization')::uuid;

select tests.act_as('ada');
select isnt((public.export_organization(current_setting('tests.organization')::uuid)).id, null, 'an export is asked for');
select tests.claim_transfer();
select set_config('tests.snapshot', public.snapshot_transfer(tests.job(), tests.token())::text, true);

select tests.act_as_nobody();
create temporary table taken as
select table_name, chunk, row_count, lines from private.transfer_chunks;
create temporary table before as select * from tests.rows_of(current_setting('tests.organization')::uuid);
grant select on taken to service_role;

select is_empty(
  $$
    select before.table_name, count(*) from before
    where before.table_name not in (
      select transfer_rules.table_name from private.transfer_rules where not transfer_rules.is_exported
    )
    group by before.table_name
    having count(*) <> coalesce(
      (current_setting('tests.snapshot')::jsonb -> 'tables' @? format('$[*] ? (@.name == "%s" && @.row_count == %s)', before.table_name, count(*))::jsonpath)::integer
      * count(*), 0)
  $$,
  'every row of every table that leaves is in the snapshot'
);
select is(
  (
    select string_agg(listed ->> 'name', ',') from jsonb_array_elements(current_setting('tests.snapshot')::jsonb -> 'tables') as listed
    where (listed ->> 'row_count')::bigint = 0 and listed ->> 'name' not like 'agent\_data.%'
  ),
  null, 'each table of the fixtures has a row, so each is tried'
);

select tests.act_as_service();
select ok(public.complete_export(tests.job(), tests.token(), 'x/y.zip', 10, 'abc'), 'the export ends');
select tests.act_as_nobody();
select is((select count(*) from private.transfer_chunks), 0::bigint, 'nothing is left of its rows');

-- Somewhere else, where nobody of them is known but ada, under another id.
delete from public.organizations where id = current_setting('tests.organization')::uuid;
select tests.create_user('ada2');
update auth.users set email_confirmed_at = now() where email = 'ada2@example.test';
insert into storage.objects (bucket_id, name) values ('imports', format('users/%s/a.zip', tests.user_id('ada2')));

select tests.act_as('ada2');
select isnt((public.import_organization(format('users/%s/a.zip', tests.user_id('ada2')))).id, null, 'an import is asked for');
select tests.claim_transfer();

select set_config('tests.wanted', public.stage_import(tests.job(), tests.token(), tests.manifest())::text, true);
select lives_ok(
  $$
    select public.stage_import_lines(tests.job(), tests.token(), taken.table_name, taken.lines)
    from taken where current_setting('tests.wanted')::jsonb ? taken.table_name
  $$,
  'lines are taken in'
);
select lives_ok(
  $$ select set_config('tests.result', public.load_import(tests.job(), tests.token())::text, true) $$,
  'they are loaded'
);

select tests.act_as_nobody();
create temporary table after as select * from tests.rows_of(current_setting('tests.organization')::uuid);

-- What is expected of a row: ada is ada2 now, bob is nobody, unfinished work is stopped, accounts
-- elsewhere are connected anew.
create function tests.expected(p_table text, p_document jsonb)
returns jsonb
language sql
as $$
  select replace(p_document::text, tests.user_id('ada')::text, tests.user_id('ada2')::text)::jsonb
    || case when p_document ->> 'user_id' = tests.user_id('bob')::text then '{"user_id": null}' else '{}' end::jsonb
    || case
      when p_table = 'agent_tasks' then '{"status": "paused", "next_run_at": null}'
      when p_table in ('agent_task_runs', 'ai_agent_tasks') and p_document ->> 'status' in ('pending', 'running') then
        jsonb_build_object('status', 'cancelled', 'completed_at', now(), 'error_message', 'It was not finished when the organization was exported.')
      when p_table = 'agent_task_run_steps' and p_document ->> 'status' = 'pending' then '{"status": "skipped"}'
      when p_table = 'external_connections' then '{"connection_id": null}'
      when p_table = 'agent_mcp_connections' then '{"is_active": false}'
      else '{}'
    end
$$;
select is_empty(
  $$
    select table_name, tests.expected(table_name, document) from before
    where table_name in (select jsonb_array_elements_text(current_setting('tests.wanted')::jsonb))
    except
    select table_name, document from after
  $$,
  'every row is back as it was'
);
select is_empty(
  $$
    select table_name, document from after
    where table_name in (select jsonb_array_elements_text(current_setting('tests.wanted')::jsonb))
    except
    select table_name, tests.expected(table_name, document) from before
  $$,
  'and no other'
);
select results_eq(
  $$
    select user_id, roles.name from public.organization_members join public.roles on roles.id = role_id
    where organization_members.organization_id = current_setting('tests.organization')::uuid
  $$,
  $$ select tests.user_id('ada2'), 'owner'::text $$,
  'whoever imports is the owner, and the only member'
);
select is(
  current_setting('tests.result')::jsonb -> 'people',
  '[{"email": "bob@example.test", "full_name": "Bob", "role": "admin", "invited": true}]',
  'the others are named'
);
select tests.act_as('ada2');
select results_eq(
  $$
    select email, roles.name, status, invited_by_user_id from public.organization_invitations
    join public.roles on roles.id = role_id
    where organization_invitations.organization_id = current_setting('tests.organization')::uuid
  $$,
  $$ select 'bob@example.test', 'admin'::text, 'pending', tests.user_id('ada2') $$,
  'and invited into the role they had'
);
select tests.act_as_nobody();
select is(current_setting('tests.result')::jsonb -> 'left_out', '{}', 'nothing was left out');
select is((select count(*) from private.transfer_chunks), 0::bigint, 'nothing is left of the rows on their way');
select results_eq(
  $$ select status, organization_id, progress_percent from public.organization_transfers where kind = 'import' $$,
  $$ select 'completed', current_setting('tests.organization')::uuid, 100 $$,
  'the import is completed'
);
select results_eq(
  $$ select kind, payload ->> 'bucket' from private.jobs where queue = 'transfers' $$,
  $$ values ('remove_archive', 'imports') $$,
  'the uploaded archive will be removed'
);
select isnt_empty(
  $$ select from public.audit_logs where action = 'organization.imported' and organization_id = current_setting('tests.organization')::uuid $$,
  'it is written down'
);

select * from finish();
rollback;
