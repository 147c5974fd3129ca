-- The catalogue of models: everybody signed in reads it, only the service keeps it.
begin;
select plan(7);

select policies_are('public', 'ai_models', array['select_everyone']);

select tests.create_user('ada');
select tests.act_as('ada');

select isnt_empty(
  $$select from public.ai_models where provider = 'anthropic' and input_usd_per_million_tokens > 0$$,
  'a user reads the prices'
);
select throws_ok(
  $$update public.ai_models set input_usd_per_million_tokens = 0$$,
  '42501', null, 'a user cannot make models free'
);
select throws_ok(
  $$insert into public.ai_models (provider, model, vendor, display_name) values ('x', 'y', 'z', 'w')$$,
  '42501', null, 'a user adds no model'
);

select tests.act_as_anon();
select throws_ok('select from public.ai_models', '42501', null, 'a visitor reads nothing');

select tests.act_as_service();
select lives_ok(
  $$insert into public.ai_models
      (provider, model, vendor, display_name, input_usd_per_million_tokens, output_usd_per_million_tokens)
    values ('openai-compatible', 'mine', 'Me', 'Mine', 1, 2)$$,
  'the service adds a model'
);
select throws_ok(
  $$update public.ai_models set input_usd_per_million_tokens = null where model = 'mine'$$,
  '23514', null, 'half a price is refused'
);

select * from finish();
rollback;
