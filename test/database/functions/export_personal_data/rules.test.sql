-- export_personal_data(): what there is about one person, and nothing about others.
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
  perform public.export_personal_data();
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
  perform public.complete_export(v_job.id, v_job.lease_token, 'users/x/y.zip', 1, 'x');
  perform tests.act_as_nobody();
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
update public.organization_members
set invited_by_user_id = tests.user_id('ada'), custom_permissions = '{"deny": ["ai.read"]}'
where user_id = tests.user_id('bob') and organization_id = current_setting('tests.organization')::uuid;
select tests.create_fixtures(current_setting('tests.organization')::uuid, 'ada');

select tests.act_as('bob');
insert into public.chat_messages (channel_id, content)
select id, 'Bobs public word.' from public.chat_channels where name = 'desk';
select set_config('tests.channel', (public.open_agent_conversation(current_setting('tests.agent')::uuid)).id::text, true);
insert into public.chat_messages (channel_id, content)
values (current_setting('tests.channel')::uuid, 'Bobs private word.');
select tests.act_as_nobody();
insert into public.chat_messages (channel_id, agent_id, content)
select id, agent_id, 'The answer to Bob.' from public.chat_channels where created_by_user_id = tests.user_id('bob');

select tests.act_as_anon();
select throws_ok('select public.export_personal_data()', '42501', null, 'visitors have no data');
select tests.act_as('bob');
select throws_ok(
  $$ insert into public.personal_data_exports (user_id) values (tests.user_id('ada')) $$, '42501', null,
  'nobody asks for somebody else'
);

select tests.take('bob');
select results_eq(
  $$ select document ->> 'content' from taken where table_name = 'chat_messages' order by 1 $$,
  $$ values ('Bobs private word.'), ('Bobs public word.'), ('The answer to Bob.') $$,
  'what one wrote is in it, and what was answered in private'
);
select results_eq(
  $$ select document ->> 'id' from taken where table_name = 'profiles' $$,
  $$ select tests.user_id('bob')::text $$, 'one''s own profile is'
);
select results_eq(
  $$ select document ->> 'user_id', document -> 'custom_permissions' from taken where table_name = 'organization_members' and document ->> 'organization_id' = current_setting('tests.organization') $$,
  $$ select tests.user_id('bob')::text, '{"deny": ["ai.read"]}'::jsonb $$, 'one''s own membership is'
);
select isnt_empty($$ select from taken where table_name = 'user_preferences' $$, 'and one''s preferences');
select is(
  current_setting('tests.snapshot')::jsonb -> 'about' -> 'person' ->> 'email', 'bob@example.test', 'Auth''s basics stand in the manifest'
);
select is(
  current_setting('tests.snapshot')::jsonb -> 'about' -> 'person' ?| array['encrypted_password', 'raw_user_meta_data', 'recovery_token'],
  false, 'without secrets'
);
select is_empty($$ select from taken where document::text like '%Good morning.%' $$, 'what others wrote is not');
select is_empty(
  $$ select table_name from taken where table_name in ('agents', 'agent_tasks', 'organization_secrets', 'audit_logs') $$,
  'nor is what is the organization''s'
);

-- Who only did something to others.
select tests.take('ada');
select results_eq(
  $$
    select array(select jsonb_object_keys(jsonb_strip_nulls(document)) order by 1) from taken
    where table_name = 'organization_members' and document ->> 'invited_by_user_id' = tests.user_id('ada')::text
  $$,
  $$ values (array['created_at', 'id', 'invited_by_user_id', 'organization_id']) $$,
  'of whom one invited, one knows that one did'
);
select is_empty($$ select from taken where document::text like '%Bobs%' or document ->> 'user_id' = tests.user_id('bob')::text $$, 'and no more');
select isnt_empty($$ select from taken where table_name = 'agents' and document ->> 'instructions' = 'You are brief.' $$, 'one''s own agents are one''s own');
select is_empty(
  $$
    select table_name, key from taken, jsonb_each(document) as entry (key, value)
    where key ~ '(^vault_|_hash$|^token)' and jsonb_typeof(value) not in ('number', 'boolean')
      and key <> 'token_expires_at'
  $$,
  'no secret leaves'
);

-- Each sees their own.
select tests.act_as('bob');
select is((select count(*) from public.personal_data_exports), 1::bigint, 'one sees one''s own export');
select is((select bool_and(user_id = tests.user_id('bob')) from public.personal_data_exports), true, 'and nobody else''s');
select is(
  (public.export_personal_data()).id, (public.export_personal_data()).id, 'while one is under way, that one is answered'
);

-- Whoever goes takes it along.
select tests.act_as_nobody();
delete from auth.users where id = tests.user_id('bob');
select is((select count(*) from public.personal_data_exports), 2::bigint, 'it goes with its person');
select private.fail_lost_transfers();

select * from finish();
rollback;
