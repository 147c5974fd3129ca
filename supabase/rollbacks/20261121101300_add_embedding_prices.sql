-- Takes back 20261121101300_add_embedding_prices.sql.

delete from public.ai_models
where provider = 'openai-compatible'
  and model in ('text-embedding-3-small', 'text-embedding-3-large')
  and note = 'Makes embeddings.';
