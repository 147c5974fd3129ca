-- The ledger of model calls: read with ai.read, written by nobody directly.
begin;
select plan(10);

select tests.create_user('ada');
select tests.create_user('eve');
select tests.create_user('gus');
select tests.add_member(tests.organization_of('ada'), 'gus', 'guest');

select has_column('public', 'ai_agent_tasks', 'correlation_id', 'a call can be traced to its request');
select policies_are('public', 'ai_agent_tasks', array['select_member']);

select tests.act_as_service();
select set_config('request.headers', '{"x-correlation-id": "trace-1"}', true);
select set_config('tests.call', public.begin_model_call(
  tests.organization_of('ada'), null, 'anthropic', 'claude-haiku-4-5', 10, 10
)::text, true);

select tests.act_as('ada');
select results_eq(
  'select provider, model, correlation_id from public.ai_agent_tasks',
  $$values ('anthropic', 'claude-haiku-4-5', 'trace-1')$$,
  'who holds ai.read reads the calls of the organization'
);
select throws_ok('delete from public.ai_agent_tasks', '42501', null, 'a user deletes no call');
select throws_ok('update public.ai_agent_tasks set cost_usd = 0', '42501', null, 'a user changes no cost');

select tests.act_as('eve');
select is_empty('select from public.ai_agent_tasks', 'another organization sees nothing');

select tests.act_as_service();
select throws_ok('update public.ai_agent_tasks set cost_usd = 0', '42501', null, 'nor does the service change a cost');

select tests.act_as_nobody();
select throws_ok(
  $$update public.ai_agent_tasks set status = 'completed'$$,
  '23514', null, 'a settled call says when it was settled and holds nothing back'
);

-- What the month cost outlives the people in it.
delete from auth.users where id = tests.user_id('gus');
select isnt_empty('select from public.ai_agent_tasks', 'the ledger stays when a member is deleted');
delete from public.organizations where id = tests.organization_of('ada');
select is_empty(
  $$select organization_id from public.ai_agent_tasks
    union all select organization_id from private.model_usage_months$$,
  'ledger and counters go with the organization'
);

select * from finish();
rollback;
