-- What an export leaves out: secrets, and the personal workspaces of everyone but whoever asks.
begin;
select * from no_plan();

create function tests.take(p_user text)
returns void
language plpgsql
as $$
declare
  v_job record;
begin
  perform tests.act_as(p_user);
  perform public.export_organization(current_setting('tests.organization')::uuid);
  perform tests.act_as_service();
  select * into strict v_job from public.claim_jobs('transfers', 1, 60, 'test');
  perform public.start_transfer(v_job.id, v_job.lease_token);
  perform set_config('tests.snapshot', public.snapshot_transfer(v_job.id, v_job.lease_token)::text, true);
  perform tests.act_as_nobody();
  drop table if exists taken;
  create temporary table taken as
  select table_name, line::jsonb as document
  from private.transfer_chunks cross join string_to_table(lines, chr(10)) as line;
  perform tests.act_as_service();
  perform public.complete_export(v_job.id, v_job.lease_token, 'x.zip', 1, 'x');
  perform tests.act_as_nobody();
end;
$$;

-- Makes a message in the direct conversation of a user with the agent.
create function tests.whisper(p_user text, p_text text)
returns void
language plpgsql
as $$
declare
  v_channel_id uuid;
begin
  perform tests.act_as(p_user);
  v_channel_id := (public.open_agent_conversation(current_setting('tests.agent')::uuid)).id;
  insert into public.chat_messages (channel_id, content) values (v_channel_id, p_text);
  perform tests.act_as_nobody();
  insert into public.chat_messages (channel_id, agent_id, content)
  values (v_channel_id, current_setting('tests.agent')::uuid, 'You said: ' || p_text);
  insert into public.ai_agent_tasks
    (organization_id, agent_id, user_id, channel_id, provider, model, usage_month, note)
  values (
    current_setting('tests.organization')::uuid, current_setting('tests.agent')::uuid,
    tests.user_id(p_user), v_channel_id, 'openai', 'gpt-4o', date_trunc('month', now()), p_text
  );
end;
$$;

select tests.create_user('ada');
select tests.create_user('bob');
select tests.act_as('ada');
select set_config('tests.organization', (public.create_organization('Ours')).id::text, true);
insert into public.agents (organization_id, name, instructions, visibility)
values (current_setting('tests.organization')::uuid, 'Iris', 'You are brief.', 'organization');
select set_config('tests.agent', (select id::text from public.agents), true);
select tests.act_as_nobody();
select tests.add_member(current_setting('tests.organization')::uuid, 'bob', 'admin');
select tests.create_fixtures(current_setting('tests.organization')::uuid, 'ada');
select tests.whisper('ada', 'Adas own.');
select tests.whisper('bob', 'Bobs own.');

select tests.take('ada');
select isnt_empty($$ select from taken where document ->> 'content' = 'Adas own.' $$, 'one''s own conversations are in it');
select isnt_empty($$ select from taken where document ->> 'content' = 'You said: Adas own.' $$, 'with the answers');
select is_empty(
  $$ select from taken where document::text like '%Bobs own.%' and table_name not in ('ai_agent_tasks', 'audit_logs') $$,
  'those of others are not'
);
select is_empty(
  $$
    select from taken where table_name in ('workspaces', 'workspace_members', 'chat_channels')
    and document ->> 'workspace_id' in (select id::text from public.workspaces where is_personal and owner_user_id = tests.user_id('bob'))
    or document ->> 'id' in (select id::text from public.workspaces where is_personal and owner_user_id = tests.user_id('bob'))
  $$,
  'nor their places'
);
select results_eq(
  $$ select document ->> 'note', document ->> 'channel_id' is null from taken where table_name = 'ai_agent_tasks' and document ->> 'note' like '%own.' order by 1 $$,
  $$ values ('Adas own.', false), ('Bobs own.', true) $$,
  'what a call cost is in it, where it was made is not'
);

select tests.take('bob');
select isnt_empty($$ select from taken where document ->> 'content' = 'Bobs own.' $$, 'it depends on who asks');
select is_empty($$ select from taken where table_name <> 'audit_logs' and document ->> 'content' like '%Adas own.' $$, 'also for an owner');

-- No column leaves whose name speaks of a credential, but for those that are declared.
select is_empty(
  $$
    select table_name, key from taken, jsonb_each(document) as entry (key, value)
    where (key ~ '(^vault_|_vault_|_hash$|^hash$|^token|_token$|secret_value)')
      and jsonb_typeof(value) not in ('number', 'boolean') and table_name <> 'audit_seals'
      and key <> 'token_expires_at'
  $$,
  'tokens, hashes and ids of Vault stay'
);
select isnt_empty(
  $$ select from taken where table_name = 'organization_secrets' and document ->> 'name' = 'mailer' $$,
  'names of secrets leave'
);
select is(
  current_setting('tests.snapshot')::jsonb -> 'about' -> 'secrets', '["mailer"]', 'and stand in the manifest'
);

-- One person of the organization is in no other's archive: only the organization's rows leave.
select is_empty(
  $$
    select table_name from taken
    where coalesce(document ->> 'organization_id', document ->> 'id') <> current_setting('tests.organization')
  $$,
  'every row is the organization''s'
);

select * from finish();
rollback;
