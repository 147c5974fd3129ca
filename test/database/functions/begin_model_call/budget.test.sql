-- The monthly budget: what runs is reserved at its worst case, what ran counts at its real cost.
begin;
select plan(23);

select tests.create_user('ada');
select tests.create_user('eve');
update public.organization_quotas
set monthly_model_cost_limit_usd = 1
where organization_id = tests.organization_of('ada');
insert into public.ai_models
  (provider, model, vendor, display_name, input_usd_per_million_tokens, output_usd_per_million_tokens)
values ('openai-compatible', 'penny', 'Test', 'Penny', 1, 10);

create function tests.begin_call(p_model text, p_in integer, p_out integer, p_who text default 'ada')
returns uuid
language sql
as $$
  select public.begin_model_call(
    tests.organization_of(p_who), null, 'openai-compatible', p_model, p_in, p_out,
    p_user_id => tests.user_id(p_who)
  )
$$;

select tests.act_as_service();
select set_config('tests.first', tests.begin_call('penny', 100000, 50000)::text, true);

select is(
  (select reserved_cost_usd from public.ai_agent_tasks where id = current_setting('tests.first')::uuid),
  0.6, 'the worst case is prompt estimate and max tokens at the model''s prices'
);
select is(
  (select reserved_usd from public.organization_model_usage(tests.organization_of('ada'))),
  0.6, 'it is held back from the month'
);
select throws_ok(
  $$select tests.begin_call('penny', 100000, 31000)$$,
  'PT402', null, 'a second call that could pass the limit together with the first is refused'
);
select throws_like(
  $$select tests.begin_call('penny', 100000, 31000)$$,
  'The monthly model budget of 1 USD is exhausted: 0.6 USD%', 'the error names the limit and what is used'
);
select lives_ok(
  $$select set_config('tests.second', tests.begin_call('penny', 100000, 30000)::text, true)$$,
  'a call that reaches exactly the limit is allowed'
);
select throws_ok($$select tests.begin_call('penny', 1, 0)$$, 'PT402', null, 'then not one token more');
select throws_like(
  $$select tests.begin_call('unheard-of', 1, 1)$$,
  'No price is known for the model "unheard-of"%', 'a model without a price is no way around the limit'
);
select lives_ok(
  $$select tests.begin_call('unheard-of', 100000, 100000, 'eve')$$,
  'without a limit, a model without a price costs nothing'
);
select is(
  (select note from public.ai_agent_tasks where model = 'unheard-of'),
  'No price is known for this model: its cost counts as 0.', 'and its row says so'
);

-- Settling.
select is(
  (public.finish_model_call(current_setting('tests.first')::uuid, 'completed', 100000, 2000, 1234, 2)).cost_usd,
  0.12, 'a finished call costs what it used'
);
select row_eq(
  $$select status, total_tokens, latency_ms, retry_count, reserved_cost_usd::numeric
    from public.ai_agent_tasks where id = current_setting('tests.first')::uuid$$,
  row('completed'::text, 102000, 1234, 2, 0.00000000::numeric),
  'the ledger keeps tokens, latency and retries'
);
select row_eq(
  $$select spent_usd, reserved_usd, call_count, prompt_tokens
    from public.organization_model_usage(tests.organization_of('ada'))$$,
  row(0.12::numeric, 0.40::numeric, 1::bigint, 100000::bigint),
  'the month counts it, and holds back only what still runs'
);
select is(
  (public.finish_model_call(current_setting('tests.first')::uuid, 'failed', 9, 9, 9, 9)).status,
  'completed', 'settling again changes nothing'
);
select is(
  (select spent_usd from public.organization_model_usage(tests.organization_of('ada'))),
  0.12, 'and is not charged twice'
);
select is(
  (public.finish_model_call(current_setting('tests.second')::uuid, 'failed', 0, 0, 5, 3, 'No answer')).error_message,
  'No answer', 'a failed call keeps its error'
);
select throws_ok(
  $$select public.finish_model_call(gen_random_uuid(), 'completed', 1, 1, 1, 0)$$,
  'PT404', null, 'an unknown call cannot be settled'
);
select throws_ok(
  $$select public.finish_model_call(current_setting('tests.second')::uuid, 'running', 1, 1, 1, 0)$$,
  'PT400', null, 'a call is not settled as running'
);

-- An abandoned call.
select set_config('tests.lost', tests.begin_call('penny', 100000, 70000)::text, true);
select tests.act_as_nobody();
update public.ai_agent_tasks
set started_at = now() - interval '10 minutes'
where id = current_setting('tests.lost')::uuid;
select is(private.release_abandoned_model_calls(), 1, 'a call that nobody finished is released');
select is(
  (select reserved_usd from private.model_usage_months where organization_id = tests.organization_of('ada')),
  0::numeric, 'its reservation is given back'
);
select tests.act_as_service();
select is(
  (public.finish_model_call(current_setting('tests.lost')::uuid, 'completed', 100000, 1000, 9, 0)).cost_usd,
  0.11, 'when it ends late after all, it is charged'
);

-- Snapshots are priced as their model.
select set_config('tests.dated', tests.begin_call('gpt-4o-2024-08-06', 10, 10, 'eve')::text, true);
select is(
  (select input_usd_per_million_tokens from public.ai_agent_tasks
   where id = current_setting('tests.dated')::uuid),
  2.5, 'a dated snapshot has the price of its model'
);

-- From the attacker's side.
select tests.act_as('ada');
select throws_ok(
  $$select public.begin_model_call(tests.organization_of('ada'), null, 'openai-compatible', 'penny', 1, 1)$$,
  '42501', null, 'a user cannot begin a call'
);
select throws_ok(
  $$select public.finish_model_call(gen_random_uuid(), 'completed', 0, 0, 0, 0)$$,
  '42501', null, 'nor settle one for nothing'
);

select * from finish();
rollback;
