-- Embeddings are held to the budget like any other call.
begin;
select plan(4);

select tests.create_user('ada');
update public.organization_quotas
set monthly_model_cost_limit_usd = 0.01
where organization_id = tests.organization_of('ada');

create function tests.embed(p_tokens integer)
returns uuid
language sql
as $$
  select public.begin_model_call(
    tests.organization_of('ada'), null, 'openai-compatible', 'text-embedding-3-small', p_tokens, 1
  )
$$;

select tests.act_as_service();

select lives_ok('select tests.embed(100000)', 'an organization with a budget may have texts embedded');
select is(
  (select reserved_cost_usd from public.ai_agent_tasks where model = 'text-embedding-3-small'),
  0.002, 'they cost what their tokens cost, and the vector nothing'
);
select throws_ok(
  'select tests.embed(500000)', 'PT402', null, 'but not beyond the budget'
);
select is_empty(
  $$select from public.ai_models where model like 'text-embedding%' and is_active$$,
  'models that make embeddings are not offered to agents'
);

select * from finish();
rollback;
