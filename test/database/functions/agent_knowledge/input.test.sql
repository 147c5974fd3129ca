-- Of an agent that is not there nothing is answered, and as little told as of one out of reach.
begin;
select * from no_plan();

select tests.create_user('ada');
select tests.create_user('eve');
select tests.act_as('eve');
insert into public.agents (organization_id, name)
values (tests.organization_of('eve'), 'Spy');
select tests.act_as_nobody();
select set_config('tests.spy', (select id from public.agents where name = 'Spy')::text, true);
select tests.act_as('ada');

select throws_ok(
  format('select public.agent_knowledge(%L)', agent.id), 'PT404',
  'No agent with that id that you may run', format('%s is not there', agent.words)
)
from (values
  (gen_random_uuid()::text, 'an agent that never was'),
  (current_setting('tests.spy'), 'another organization''s'),
  (null, 'no agent')
) as agent (id, words);

insert into public.agents (organization_id, name)
values (tests.organization_of('ada'), 'Scribe');
select results_eq(
  $$
    select media_ids, chunk_count, embedding_models
    from public.agent_knowledge((select id from public.agents))
  $$,
  $$ values ('{}'::uuid[], 0::bigint, '{}'::text[]) $$,
  'an agent without media has one empty row'
);

select * from finish();
rollback;
