-- AI agent tasks: the ledger of model calls, one row per call, and the monthly budget that stops
-- them. A call reserves its worst case before it is made and settles for its real cost after, so
-- calls that run side by side cannot pass the budget together. Only the service writes here.

create table public.ai_agent_tasks (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  agent_id uuid,
  user_id uuid references public.profiles (id) on delete set null,
  channel_id uuid,
  run_step_id uuid,
  provider text not null,
  model text not null,
  status text not null default 'running',
  prompt_tokens_estimate integer not null default 0,
  max_tokens integer not null default 0,
  prompt_tokens integer not null default 0,
  completion_tokens integer not null default 0,
  total_tokens integer not null generated always as (prompt_tokens + completion_tokens) stored,
  input_usd_per_million_tokens numeric(12, 6),
  output_usd_per_million_tokens numeric(12, 6),
  reserved_cost_usd numeric(16, 8) not null default 0,
  cost_usd numeric(16, 8) not null default 0,
  latency_ms integer,
  retry_count integer not null default 0,
  timeout_seconds integer not null default 300,
  error_message text,
  note text,
  correlation_id text,
  usage_month date not null,
  is_abandoned boolean not null default false,
  started_at timestamptz not null default now(),
  completed_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint ai_agent_tasks_agent_id_fkey
    foreign key (agent_id, organization_id) references public.agents (id, organization_id)
    on delete set null (agent_id),
  constraint ai_agent_tasks_channel_id_fkey
    foreign key (channel_id, organization_id) references public.chat_channels (id, organization_id)
    on delete set null (channel_id),
  constraint ai_agent_tasks_status_check
    check (status in ('running', 'completed', 'failed', 'cancelled')),
  constraint ai_agent_tasks_model_check check (
    char_length(provider) between 1 and 63 and char_length(model) between 1 and 200
  ),
  constraint ai_agent_tasks_tokens_check check (
    prompt_tokens_estimate >= 0
    and max_tokens >= 0
    and prompt_tokens >= 0
    and completion_tokens >= 0
  ),
  constraint ai_agent_tasks_cost_check check (reserved_cost_usd >= 0 and cost_usd >= 0),
  constraint ai_agent_tasks_latency_ms_check check (latency_ms >= 0),
  constraint ai_agent_tasks_retry_count_check check (retry_count >= 0),
  constraint ai_agent_tasks_timeout_seconds_check check (timeout_seconds between 1 and 3600),
  constraint ai_agent_tasks_running_is_open_check
    check ((status = 'running') = (completed_at is null)),
  -- What is settled holds nothing back any more.
  constraint ai_agent_tasks_reservation_is_running_check
    check (status = 'running' or reserved_cost_usd = 0)
);

comment on table public.ai_agent_tasks is
  'One row per model call: provider, model, tokens, cost, latency, retries. Written by the '
  'service alone.';
comment on column public.ai_agent_tasks.run_step_id is
  'The step of a task run that the call was made for; null for a conversation.';
comment on column public.ai_agent_tasks.prompt_tokens_estimate is
  'Counted before the call; what the provider counted is in prompt_tokens.';
comment on column public.ai_agent_tasks.input_usd_per_million_tokens is
  'The price at the time of the call; null when none was known.';
comment on column public.ai_agent_tasks.reserved_cost_usd is
  'Held back from the budget while the call runs: its worst case.';
comment on column public.ai_agent_tasks.latency_ms is 'From the first attempt to the last token.';
comment on column public.ai_agent_tasks.retry_count is 'Attempts that failed before the last one.';
comment on column public.ai_agent_tasks.timeout_seconds is
  'After this long, and a minute of grace, a call that nobody finished counts as abandoned.';
comment on column public.ai_agent_tasks.correlation_id is
  'The x-correlation-id of the request that asked for the call.';
comment on column public.ai_agent_tasks.usage_month is
  'The first day of the calendar month (UTC) whose budget bears the call.';
comment on column public.ai_agent_tasks.is_abandoned is
  'Its reservation was released because nobody finished it. Finishing it late still counts its '
  'cost.';

create index ai_agent_tasks_organization_id_created_at_idx
  on public.ai_agent_tasks (organization_id, created_at desc);
create index ai_agent_tasks_agent_id_organization_id_idx
  on public.ai_agent_tasks (agent_id, organization_id);
create index ai_agent_tasks_channel_id_organization_id_idx
  on public.ai_agent_tasks (channel_id, organization_id);
create index ai_agent_tasks_run_step_id_organization_id_idx
  on public.ai_agent_tasks (run_step_id, organization_id);
create index ai_agent_tasks_user_id_idx on public.ai_agent_tasks (user_id);
-- For private.release_abandoned_model_calls(): small, since few calls run at once.
create index ai_agent_tasks_started_at_idx
  on public.ai_agent_tasks (started_at)
  where status = 'running';

create trigger _900_touch_updated_at
  before update on public.ai_agent_tasks
  for each row
  execute function private.touch_updated_at();

alter table public.ai_agent_tasks enable row level security;

create policy select_member on public.ai_agent_tasks
  for select
  to authenticated
  using (organization_id = any ((select private.organizations_with('ai.read'))::uuid[]));

grant select on public.ai_agent_tasks to authenticated, service_role;
-- No insert, update or delete, not for the service either: the ledger and the month's counter move
-- together, through begin_model_call() and finish_model_call() alone.

-- One counter per organization and month. Its row lock makes reservations exact: two calls that
-- begin at once take their share one after the other.
create table private.model_usage_months (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  month date not null,
  spent_usd numeric(16, 8) not null default 0,
  reserved_usd numeric(16, 8) not null default 0,
  call_count bigint not null default 0,
  prompt_tokens bigint not null default 0,
  completion_tokens bigint not null default 0,

  primary key (organization_id, month),
  constraint model_usage_months_month_check check (extract(day from month) = 1),
  constraint model_usage_months_usage_check check (spent_usd >= 0 and reserved_usd >= 0)
);

comment on table private.model_usage_months is
  'What an organization''s model calls of a calendar month (UTC) have cost and hold back, in USD.';

-- The x-correlation-id of the request that runs this statement; null outside of a request.
create function private.request_correlation_id()
returns text
language sql
stable
security invoker
set search_path = ''
as $$
  select left(
    nullif(current_setting('request.headers', true), '')::jsonb ->> 'x-correlation-id', 200
  );
$$;

-- What so many tokens cost, in USD. A model without a price costs 0.
create function private.model_call_cost(
  p_input_usd_per_million_tokens numeric,
  p_output_usd_per_million_tokens numeric,
  p_prompt_tokens integer,
  p_completion_tokens integer
)
returns numeric
language sql
immutable
security invoker
set search_path = ''
as $$
  select round(
    (
      coalesce(p_input_usd_per_million_tokens, 0) * p_prompt_tokens
      + coalesce(p_output_usd_per_million_tokens, 0) * p_completion_tokens
    ) / 1000000,
    8
  );
$$;

-- Opens a ledger row and reserves the call's worst case: p_prompt_tokens_estimate in, p_max_tokens
-- out.
-- Errors: PT400 model_call_invalid; PT402 model_budget_exceeded.
create function private.begin_model_call(
  p_organization_id uuid,
  p_agent_id uuid,
  p_provider text,
  p_model text,
  p_prompt_tokens_estimate integer,
  p_max_tokens integer,
  p_run_step_id uuid default null,
  p_channel_id uuid default null,
  p_user_id uuid default null,
  p_timeout_seconds integer default 300
)
returns uuid
language plpgsql
volatile
security definer -- nobody may write the ledger or the counter directly
set search_path = ''
as $$
declare
  v_month constant date := date_trunc('month', now() at time zone 'UTC');
  v_price public.ai_models;
  v_worst_case numeric;
  v_limit numeric;
  v_used numeric;
  v_id uuid;
begin
  if p_prompt_tokens_estimate is null or p_prompt_tokens_estimate < 0
    or p_max_tokens is null or p_max_tokens < 0
  then
    raise sqlstate 'PT400' using
      message = 'A model call needs its tokens stated as numbers from 0 on',
      detail = 'model_call_invalid',
      hint = 'Pass p_prompt_tokens_estimate and p_max_tokens.';
  end if;

  v_price := private.find_ai_model(p_provider, p_model);
  v_worst_case := private.model_call_cost(
    v_price.input_usd_per_million_tokens,
    v_price.output_usd_per_million_tokens,
    p_prompt_tokens_estimate,
    p_max_tokens
  );

  select organization_quotas.monthly_model_cost_limit_usd into v_limit
  from public.organization_quotas
  where organization_quotas.organization_id = p_organization_id;

  -- A call that counts as nothing would be a way around the limit.
  if v_limit is not null and v_price.input_usd_per_million_tokens is null then
    raise sqlstate 'PT402' using
      message = format(
        'No price is known for the model "%s", so its calls cannot be held to the budget', p_model
      ),
      detail = 'model_price_unknown',
      hint = 'Choose a model of ai_models, or add this one there; a price of 0 is a price.';
  end if;

  insert into private.model_usage_months (organization_id, month)
  values (p_organization_id, v_month)
  on conflict do nothing;

  update private.model_usage_months
  set reserved_usd = model_usage_months.reserved_usd + v_worst_case
  where model_usage_months.organization_id = p_organization_id
    and model_usage_months.month = v_month
    and (
      v_limit is null
      or model_usage_months.spent_usd + model_usage_months.reserved_usd + v_worst_case <= v_limit
    );

  if not found then
    select model_usage_months.spent_usd + model_usage_months.reserved_usd into v_used
    from private.model_usage_months
    where model_usage_months.organization_id = p_organization_id
      and model_usage_months.month = v_month;

    raise sqlstate 'PT402' using
      message = format(
        'The monthly model budget of %s USD is exhausted: %s USD are used or reserved, and this '
        'call could cost %s USD',
        trim_scale(v_limit), trim_scale(round(v_used, 4)), trim_scale(round(v_worst_case, 6))
      ),
      detail = 'model_budget_exceeded',
      hint = 'Raise organization_quotas.monthly_model_cost_limit_usd, or wait for the next month.';
  end if;

  insert into public.ai_agent_tasks (
    organization_id, agent_id, user_id, channel_id, run_step_id, provider, model,
    prompt_tokens_estimate, max_tokens, input_usd_per_million_tokens, output_usd_per_million_tokens,
    reserved_cost_usd, timeout_seconds, note, correlation_id, usage_month
  )
  values (
    p_organization_id, p_agent_id, p_user_id, p_channel_id, p_run_step_id, p_provider, p_model,
    p_prompt_tokens_estimate, p_max_tokens,
    v_price.input_usd_per_million_tokens, v_price.output_usd_per_million_tokens,
    v_worst_case, p_timeout_seconds,
    case when v_price.input_usd_per_million_tokens is null
      then 'No price is known for this model: its cost counts as 0.'
    end,
    private.request_correlation_id(), v_month
  )
  returning ai_agent_tasks.id into v_id;

  return v_id;
end;
$$;

-- Settles a call: its real cost replaces the reservation. Settling again changes nothing and
-- returns the row as it is, so a worker may repeat itself. A call that was abandoned meanwhile is
-- still charged.
-- Errors: PT400 model_call_invalid; PT404 model_call_not_found.
create function private.finish_model_call(
  p_id uuid,
  p_status text,
  p_prompt_tokens integer,
  p_completion_tokens integer,
  p_latency_ms integer,
  p_retry_count integer,
  p_error text default null
)
returns public.ai_agent_tasks
language plpgsql
volatile
security definer -- nobody may write the ledger or the counter directly
set search_path = ''
as $$
declare
  v_call public.ai_agent_tasks;
  v_reserved numeric;
begin
  if p_status is null or p_status not in ('completed', 'failed', 'cancelled') then
    raise sqlstate 'PT400' using
      message = 'A model call ends as completed, failed or cancelled',
      detail = 'model_call_invalid',
      hint = 'Pass one of the three as p_status.';
  end if;

  select ai_agent_tasks.* into v_call
  from public.ai_agent_tasks
  where ai_agent_tasks.id = p_id
  for update;

  if v_call.id is null then
    raise sqlstate 'PT404' using
      message = 'No model call with that id',
      detail = 'model_call_not_found',
      hint = 'Pass what begin_model_call() returned.';
  elsif v_call.status <> 'running' and not v_call.is_abandoned then
    return v_call;
  end if;

  v_reserved := v_call.reserved_cost_usd;

  update public.ai_agent_tasks
  set
    status = p_status,
    prompt_tokens = coalesce(p_prompt_tokens, 0),
    completion_tokens = coalesce(p_completion_tokens, 0),
    reserved_cost_usd = 0,
    cost_usd = private.model_call_cost(
      v_call.input_usd_per_million_tokens,
      v_call.output_usd_per_million_tokens,
      coalesce(p_prompt_tokens, 0),
      coalesce(p_completion_tokens, 0)
    ),
    latency_ms = p_latency_ms,
    retry_count = coalesce(p_retry_count, 0),
    error_message = left(p_error, 2000),
    is_abandoned = false,
    completed_at = clock_timestamp()
  where ai_agent_tasks.id = p_id
  returning ai_agent_tasks.* into v_call;

  update private.model_usage_months
  set
    spent_usd = model_usage_months.spent_usd + v_call.cost_usd,
    reserved_usd = model_usage_months.reserved_usd - v_reserved,
    call_count = model_usage_months.call_count + 1,
    prompt_tokens = model_usage_months.prompt_tokens + v_call.prompt_tokens,
    completion_tokens = model_usage_months.completion_tokens + v_call.completion_tokens
  where model_usage_months.organization_id = v_call.organization_id
    and model_usage_months.month = v_call.usage_month;

  return v_call;
end;
$$;

-- Gives back what calls hold that nobody finished: their worker died. Returns how many.
create function private.release_abandoned_model_calls()
returns integer
language plpgsql
volatile
security definer -- private.tick() may be called by roles that cannot write the ledger
set search_path = ''
as $$
declare
  v_count integer;
begin
  with abandoned as (
    select ai_agent_tasks.id, ai_agent_tasks.reserved_cost_usd
    from public.ai_agent_tasks
    where ai_agent_tasks.status = 'running'
      and ai_agent_tasks.started_at < now() - interval '61 seconds'
      and ai_agent_tasks.started_at
        < now() - make_interval(secs => ai_agent_tasks.timeout_seconds + 60)
    order by ai_agent_tasks.started_at
    limit 1000
    for update skip locked
  ), closed as (
    update public.ai_agent_tasks
    set
      status = 'failed',
      reserved_cost_usd = 0,
      error_message = 'The call was never finished: whoever made it stopped.',
      is_abandoned = true,
      completed_at = clock_timestamp()
    from abandoned
    where ai_agent_tasks.id = abandoned.id
    returning
      ai_agent_tasks.organization_id,
      ai_agent_tasks.usage_month,
      abandoned.reserved_cost_usd as released_usd
  ), released as (
    select closed.organization_id, closed.usage_month, sum(closed.released_usd) as released_usd
    from closed
    group by closed.organization_id, closed.usage_month
  ), returned as (
    update private.model_usage_months
    set reserved_usd = model_usage_months.reserved_usd - released.released_usd
    from released
    where model_usage_months.organization_id = released.organization_id
      and model_usage_months.month = released.usage_month
  )
  select count(*) into v_count from closed;

  return v_count;
end;
$$;

-- What an organization's models have cost this calendar month (UTC), what running calls hold back,
-- and the limit (null: none). Needs ai.read. Errors: PT403 permission_denied.
create function private.organization_model_usage(p_organization_id uuid)
returns table (
  month date,
  spent_usd numeric,
  reserved_usd numeric,
  limit_usd numeric,
  call_count bigint,
  prompt_tokens bigint,
  completion_tokens bigint
)
language plpgsql
stable
security definer -- the counter is in private, and ai.read does not imply quotas.read
set search_path = ''
as $$
declare
  v_month constant date := date_trunc('month', now() at time zone 'UTC');
begin
  if (select auth.role()) is distinct from 'service_role'
    and not coalesce(
      p_organization_id = any (private.organizations_with('ai.read')), false
    )
  then
    raise sqlstate 'PT403' using
      message = 'You may not see the model usage of this organization',
      detail = 'permission_denied',
      hint = 'It takes the permission ai.read.';
  end if;

  return query
  select
    v_month,
    coalesce(model_usage_months.spent_usd, 0),
    coalesce(model_usage_months.reserved_usd, 0),
    organization_quotas.monthly_model_cost_limit_usd::numeric,
    coalesce(model_usage_months.call_count, 0),
    coalesce(model_usage_months.prompt_tokens, 0),
    coalesce(model_usage_months.completion_tokens, 0)
  from public.organizations
  left join public.organization_quotas on organization_quotas.organization_id = organizations.id
  left join private.model_usage_months
    on model_usage_months.organization_id = organizations.id
    and model_usage_months.month = v_month
  where organizations.id = p_organization_id;
end;
$$;

create function public.begin_model_call(
  p_organization_id uuid,
  p_agent_id uuid,
  p_provider text,
  p_model text,
  p_prompt_tokens_estimate integer,
  p_max_tokens integer,
  p_run_step_id uuid default null,
  p_channel_id uuid default null,
  p_user_id uuid default null,
  p_timeout_seconds integer default 300
)
returns uuid
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.begin_model_call(
    p_organization_id, p_agent_id, p_provider, p_model, p_prompt_tokens_estimate, p_max_tokens,
    p_run_step_id, p_channel_id, p_user_id, p_timeout_seconds
  );
$$;

create function public.finish_model_call(
  p_id uuid,
  p_status text,
  p_prompt_tokens integer,
  p_completion_tokens integer,
  p_latency_ms integer,
  p_retry_count integer,
  p_error text default null
)
returns public.ai_agent_tasks
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.finish_model_call(
    p_id, p_status, p_prompt_tokens, p_completion_tokens, p_latency_ms, p_retry_count, p_error
  );
$$;

create function public.organization_model_usage(p_organization_id uuid)
returns table (
  month date,
  spent_usd numeric,
  reserved_usd numeric,
  limit_usd numeric,
  call_count bigint,
  prompt_tokens bigint,
  completion_tokens bigint
)
language sql
stable
security invoker
set search_path = ''
as $$
  select * from private.organization_model_usage(p_organization_id);
$$;

comment on function public.begin_model_call(
  uuid, uuid, text, text, integer, integer, uuid, uuid, uuid, integer
) is
  'Opens a ledger row for a model call and reserves its worst case against the monthly budget. '
  'Service only. Errors: model_call_invalid, model_budget_exceeded and model_price_unknown (402).';
comment on function public.finish_model_call(
  uuid, text, integer, integer, integer, integer, text
) is
  'Settles a model call: its real cost, by the prices at its begin, replaces the reservation. '
  'Service only. Errors: model_call_invalid, model_call_not_found.';
comment on function public.organization_model_usage(uuid) is
  'Spent, reserved and limit in USD of the current calendar month (UTC). Needs ai.read. Errors: '
  'permission_denied.';

grant execute on function
  private.begin_model_call(
    uuid, uuid, text, text, integer, integer, uuid, uuid, uuid, integer
  ),
  private.finish_model_call(uuid, text, integer, integer, integer, integer, text),
  public.begin_model_call(uuid, uuid, text, text, integer, integer, uuid, uuid, uuid, integer),
  public.finish_model_call(uuid, text, integer, integer, integer, integer, text)
to service_role;

grant execute on function
  private.organization_model_usage(uuid),
  public.organization_model_usage(uuid)
to authenticated, service_role;
