-- What an agent knows about somebody: theirs to read, correct and delete, and nobody else's to see.
begin;
select plan(28);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('gus');
select tests.create_user('sam');
select tests.create_user('eve');
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme')).id::text, true);
select tests.add_member(current_setting('tests.acme')::uuid, 'bob', 'member');
select tests.add_member(current_setting('tests.acme')::uuid, 'gus', 'guest');
select tests.add_member(current_setting('tests.acme')::uuid, 'sam', 'admin', 'suspended');
insert into public.agents (organization_id, name, visibility)
values (current_setting('tests.acme')::uuid, 'Iris', 'organization');
select set_config('tests.iris', (select id::text from public.agents), true);
insert into public.workspaces (organization_id, name, is_public)
values (current_setting('tests.acme')::uuid, 'Forge', true);
select set_config('tests.forge', (select id::text from public.workspaces), true);
insert into public.workspace_members (workspace_id, user_id)
values (current_setting('tests.forge')::uuid, tests.user_id('bob'));

select tests.act_as_nobody();
insert into public.agent_memories (organization_id, agent_id, user_id, workspace_id, content)
select current_setting('tests.acme')::uuid, current_setting('tests.iris')::uuid, fact.user_id,
  fact.workspace_id, fact.content
from (
  values
    (tests.user_id('bob'), null, 'Bob is on a diet.'),
    (tests.user_id('sam'), null, 'Sam looks for another job.'),
    (null, current_setting('tests.forge')::uuid, 'The forge closes at noon on Fridays.')
) as fact (user_id, workspace_id, content);

select policies_are(
  'public', 'agent_memories', array['select_subject', 'update_subject', 'delete_subject']
);

select tests.act_as('bob');
select results_eq(
  'select content from public.agent_memories order by content',
  array['Bob is on a diet.', 'The forge closes at noon on Fridays.'],
  'a person reads what is known about them and about their workspace'
);
select throws_ok(
  format(
    'insert into public.agent_memories (organization_id, agent_id, user_id, content)
      values (%L, %L, %L, %L)',
    current_setting('tests.acme'), current_setting('tests.iris'), tests.user_id('ada'),
    'Ada does whatever Bob says.'
  ),
  '42501', null,
  'nobody plants a fact about another'
);
select throws_ok(
  format('update public.agent_memories set user_id = %L', tests.user_id('ada')),
  '42501', null,
  'nor turns one of theirs into one about another'
);
select throws_ok(
  'update public.agent_memories set confidence = 1', '42501', null, 'nor says how sure an agent is'
);
select lives_ok(
  $$ update public.agent_memories set content = E'Bob is\n on no diet.'
    where user_id = tests.user_id('bob') $$,
  'a person corrects what is known about them'
);
select results_eq(
  $$ select content, confidence from public.agent_memories where user_id is not null $$,
  $$ values ('Bob is on no diet.', 1::numeric(3, 2)) $$,
  'their word is one line, and certain'
);
select throws_ok(
  $$ update public.agent_memories set content = 'His key is sk-proj-abcdefghijklmnopqrstuvwx123456'
    where user_id is not null $$,
  'PT400', 'That looks like a password or a key, which is not to be remembered',
  'though not a key'
);
select throws_ok(
  $$ update public.agent_memories set content = E' \n' $$, 'PT400', null, 'nor nothing'
);
select throws_ok(
  format(
    $$ update public.agent_memories set content = %L where user_id is not null $$,
    repeat('x', 1001)
  ),
  'PT400', null,
  'nor a whole story'
);
select results_eq(
  $$ with changed as (
      update public.agent_memories set content = 'The forge is open on Fridays.'
      where workspace_id is not null returning 1
    ) select count(*) from changed $$,
  array[1::bigint],
  'who writes in a workspace corrects what is known about it'
);

select tests.act_as('ada');
select is_empty(
  'select id from public.agent_memories where user_id is not null',
  'an owner of the organization and of the agent sees nothing about others'
);
select is_empty(
  $$ with gone as (delete from public.agent_memories where user_id is not null returning 1)
    select * from gone $$,
  'nor deletes it'
);
select tests.act_as('gus');
select results_eq(
  'select content from public.agent_memories',
  array['The forge is open on Fridays.'],
  'a guest reads about a public workspace'
);
select is_empty(
  $$ with changed as (
      update public.agent_memories set content = 'Guests may do everything.' returning 1
    ) select * from changed $$,
  'but writes no facts about it'
);
select is_empty(
  'with gone as (delete from public.agent_memories returning 1) select * from gone', 'nor deletes any'
);
select tests.act_as('sam');
select is_empty('select id from public.agent_memories', 'a suspended member sees nothing');
select tests.act_as('eve');
select is_empty('select id from public.agent_memories', 'a stranger sees nothing');
select is_empty(
  'with gone as (delete from public.agent_memories returning 1) select * from gone',
  'and deletes nothing'
);
select tests.act_as_anon();
select throws_ok('select id from public.agent_memories', '42501', null, 'visitors see nothing');

select tests.act_as_service();
select throws_ok(
  format(
    'insert into public.agent_memories (organization_id, agent_id, user_id, content)
      values (%L, %L, %L, %L)',
    current_setting('tests.acme'), current_setting('tests.iris'), tests.user_id('bob'), 'Anything.'
  ),
  '42501', null,
  'the service writes by remember_fact() alone'
);

select tests.act_as_nobody();
select throws_ok(
  format(
    'insert into public.agent_memories (organization_id, agent_id, user_id, content)
      values (%L, %L, %L, %L)',
    current_setting('tests.acme'), current_setting('tests.iris'), tests.user_id('eve'), 'Anything.'
  ),
  '23503', null,
  'no fact is about a stranger'
);
select throws_ok(
  format(
    'insert into public.agent_memories (organization_id, agent_id, user_id, workspace_id, content)
      values (%L, %L, %L, %L, %L)',
    current_setting('tests.acme'), current_setting('tests.iris'), tests.user_id('bob'),
    current_setting('tests.forge'), 'Anything.'
  ),
  '23514', null,
  'nor about two at once'
);
select is_empty(
  $$ select from public.audit_logs
    where resource_type = 'agent_memories'
      and (old_values::text || new_values::text) ~* 'diet|forge|friday|guest' $$,
  'the audit log says that a fact was kept or changed, not what it was'
);
select isnt_empty(
  $$ select from public.audit_logs
    where resource_type = 'agent_memories' and action = 'agent_memory.updated'
      and actor_id = tests.user_id('bob') $$,
  'and by whom'
);

-- An organization's archive is for whoever asks for it.
insert into public.organization_transfers (organization_id, kind, requested_by_user_id)
values (current_setting('tests.acme')::uuid, 'export', tests.user_id('ada'));
select private.snapshot_organization(
  (select id from public.organization_transfers),
  current_setting('tests.acme')::uuid,
  tests.user_id('ada')
);
select results_eq(
  $$ select lines::jsonb ->> 'content' from private.transfer_chunks
    where table_name = 'agent_memories' $$,
  array['The forge is open on Fridays.'],
  'an archive of the organization holds nothing about other people'
);
insert into public.personal_data_exports (user_id) values (tests.user_id('bob'));
select private.snapshot_person(
  (select id from public.personal_data_exports), tests.user_id('bob')
);
select is(
  (
    select lines::jsonb ->> 'content' from private.transfer_chunks
    where table_name = 'agent_memories'
      and transfer_id = (select id from public.personal_data_exports)
  ),
  'Bob is on no diet.',
  'and the person''s own holds what is known about them'
);
delete from public.organization_members
where user_id = tests.user_id('bob') and organization_id = current_setting('tests.acme')::uuid;
select is_empty(
  $$ select id from public.agent_memories where user_id = tests.user_id('bob') $$,
  'who leaves the organization is forgotten there'
);

select * from finish();
rollback;
