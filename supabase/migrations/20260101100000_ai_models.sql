-- AI models: the catalogue of language models and what their tokens cost.
-- It belongs to no organization: prices are facts about the world. Operators keep it with the
-- secret key; a model that is missing here can still be used, its cost then counts as 0.

create table public.ai_models (
  id uuid primary key default gen_random_uuid(),
  provider text not null,
  model text not null,
  vendor text not null,
  display_name text not null,
  input_usd_per_million_tokens numeric(12, 6),
  output_usd_per_million_tokens numeric(12, 6),
  context_window integer,
  max_output_tokens integer,
  is_active boolean not null default true,
  note text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint ai_models_provider_model_key unique (provider, model),
  constraint ai_models_provider_check check (provider ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  constraint ai_models_model_check check (char_length(model) between 1 and 200),
  constraint ai_models_price_check check (
    input_usd_per_million_tokens >= 0 and output_usd_per_million_tokens >= 0
  ),
  -- Half a price would make half a budget.
  constraint ai_models_price_is_whole_check check (
    (input_usd_per_million_tokens is null) = (output_usd_per_million_tokens is null)
  ),
  constraint ai_models_context_window_check check (context_window > 0),
  constraint ai_models_max_output_tokens_check check (max_output_tokens > 0)
);

comment on table public.ai_models is
  'Language models and their list prices in USD per million tokens. The same for every '
  'organization.';
comment on column public.ai_models.provider is
  'The API that serves the model: openai-compatible or anthropic, as in LLM_PROVIDER.';
comment on column public.ai_models.model is
  'The name that the API takes, without the date of a snapshot unless the snapshot is priced '
  'apart.';
comment on column public.ai_models.vendor is 'Who makes the model, for people.';
comment on column public.ai_models.input_usd_per_million_tokens is 'Null when no price is known.';
comment on column public.ai_models.is_active is
  'Whether to offer the model for choice. Calls to one that is not are still priced.';

create trigger _900_touch_updated_at
  before update on public.ai_models
  for each row
  execute function private.touch_updated_at();

alter table public.ai_models enable row level security;

create policy select_everyone on public.ai_models
  for select
  to authenticated
  using (true);

grant select on public.ai_models to authenticated;
grant select, insert, update, delete on public.ai_models to service_role;
-- No write for authenticated: whoever could change a price could widen every budget.

-- The catalogue row that prices a call: the exact name first, then the name without the date of its
-- snapshot (gpt-4o-2024-08-06, claude-haiku-4-5-20251001, claude-3-5-haiku-latest).
create function private.find_ai_model(p_provider text, p_model text)
returns public.ai_models
language sql
stable
security definer -- the row prices calls of roles that need no access to the catalogue
set search_path = ''
as $$
  select ai_models
  from public.ai_models
  where ai_models.provider = p_provider
    and ai_models.model in (
      p_model,
      regexp_replace(p_model, '-([0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8}|latest)$', '')
    )
  order by ai_models.model = p_model desc
  limit 1;
$$;

-- Standard list prices as the vendors publish them, known on 1 January 2026.
-- Sources: https://openai.com/api/pricing and https://www.anthropic.com/pricing.
insert into public.ai_models (
  provider, vendor, model, display_name,
  input_usd_per_million_tokens, output_usd_per_million_tokens, context_window, max_output_tokens
)
values
  ('openai-compatible', 'OpenAI', 'gpt-5.2', 'GPT-5.2', 1.75, 14, 400000, 128000),
  ('openai-compatible', 'OpenAI', 'gpt-5.1', 'GPT-5.1', 1.25, 10, 400000, 128000),
  ('openai-compatible', 'OpenAI', 'gpt-5', 'GPT-5', 1.25, 10, 400000, 128000),
  ('openai-compatible', 'OpenAI', 'gpt-5-mini', 'GPT-5 mini', 0.25, 2, 400000, 128000),
  ('openai-compatible', 'OpenAI', 'gpt-5-nano', 'GPT-5 nano', 0.05, 0.4, 400000, 128000),
  ('openai-compatible', 'OpenAI', 'gpt-4.1', 'GPT-4.1', 2, 8, 1047576, 32768),
  ('openai-compatible', 'OpenAI', 'gpt-4.1-mini', 'GPT-4.1 mini', 0.4, 1.6, 1047576, 32768),
  ('openai-compatible', 'OpenAI', 'gpt-4.1-nano', 'GPT-4.1 nano', 0.1, 0.4, 1047576, 32768),
  ('openai-compatible', 'OpenAI', 'gpt-4o', 'GPT-4o', 2.5, 10, 128000, 16384),
  ('openai-compatible', 'OpenAI', 'gpt-4o-mini', 'GPT-4o mini', 0.15, 0.6, 128000, 16384),
  ('openai-compatible', 'OpenAI', 'o3', 'o3', 2, 8, 200000, 100000),
  ('openai-compatible', 'OpenAI', 'o4-mini', 'o4-mini', 1.1, 4.4, 200000, 100000),
  ('openai-compatible', 'OpenAI', 'o3-mini', 'o3-mini', 1.1, 4.4, 200000, 100000),
  ('openai-compatible', 'OpenAI', 'o1', 'o1', 15, 60, 200000, 100000),
  ('anthropic', 'Anthropic', 'claude-opus-4-5', 'Claude Opus 4.5', 5, 25, 200000, 64000),
  ('anthropic', 'Anthropic', 'claude-opus-4-1', 'Claude Opus 4.1', 15, 75, 200000, 32000),
  ('anthropic', 'Anthropic', 'claude-opus-4', 'Claude Opus 4', 15, 75, 200000, 32000),
  ('anthropic', 'Anthropic', 'claude-sonnet-4-5', 'Claude Sonnet 4.5', 3, 15, 200000, 64000),
  ('anthropic', 'Anthropic', 'claude-sonnet-4', 'Claude Sonnet 4', 3, 15, 200000, 64000),
  ('anthropic', 'Anthropic', 'claude-haiku-4-5', 'Claude Haiku 4.5', 1, 5, 200000, 64000),
  ('anthropic', 'Anthropic', 'claude-3-7-sonnet', 'Claude Sonnet 3.7', 3, 15, 200000, 64000),
  ('anthropic', 'Anthropic', 'claude-3-5-haiku', 'Claude Haiku 3.5', 0.8, 4, 200000, 8192),
  ('anthropic', 'Anthropic', 'claude-3-haiku', 'Claude Haiku 3', 0.25, 1.25, 200000, 4096);
