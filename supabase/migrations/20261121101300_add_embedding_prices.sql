-- Embeddings are paid like any call of a model, so the ledger has to know what they cost: without a
-- price, an organization with a budget could not have its media embedded at all.

-- For agents they are nothing to choose; calls are priced all the same.
insert into public.ai_models (
  provider, vendor, model, display_name,
  input_usd_per_million_tokens, output_usd_per_million_tokens, context_window, is_active, note
)
values
  (
    'openai-compatible', 'OpenAI', 'text-embedding-3-small', 'Embedding 3 small', 0.02, 0, 8191,
    false, 'Makes embeddings.'
  ),
  (
    'openai-compatible', 'OpenAI', 'text-embedding-3-large', 'Embedding 3 large', 0.13, 0, 8191,
    false, 'Makes embeddings.'
  )
-- Whoever entered their price before has a reason for it.
on conflict (provider, model) do nothing;
