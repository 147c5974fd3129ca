-- Organization usage days: what an organization used on each day (UTC), kept by the tick. How it
-- stands now, beside its limits, is the view organization_usage.

create table public.organization_usage_days (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  day date not null,
  request_count bigint not null default 0,
  model_call_count bigint not null default 0,
  model_cost_usd numeric(16, 8) not null default 0,
  peak_jobs_in_flight bigint not null default 0,
  row_count bigint,
  storage_bytes bigint,
  measured_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint organization_usage_days_pkey primary key (organization_id, day),
  constraint organization_usage_days_usage_check check (
    request_count >= 0
    and model_call_count >= 0
    and model_cost_usd >= 0
    and peak_jobs_in_flight >= 0
    and row_count >= 0
    and storage_bytes >= 0
  )
);

comment on table public.organization_usage_days is 'What an organization used on a day (UTC).';
comment on column public.organization_usage_days.request_count is
  'Requests that may write, and calls of edge functions.';
comment on column public.organization_usage_days.model_call_count is
  'Calls of language models that began on the day.';
comment on column public.organization_usage_days.peak_jobs_in_flight is
  'The most jobs that a measurement found.';
comment on column public.organization_usage_days.row_count is
  'Rows at the last measurement of the day; null before the first.';
comment on column public.organization_usage_days.storage_bytes is
  'Bytes in Storage at the last measurement of the day; null before the first.';
comment on column public.organization_usage_days.measured_at is
  'When costs, jobs, rows and bytes were last measured: every ten minutes while the organization '
  'is in use.';

-- For private.measure_usage(): the days that are still measured.
create index organization_usage_days_day_measured_at_idx
  on public.organization_usage_days (day, measured_at nulls first);

create trigger _900_touch_updated_at
  before update on public.organization_usage_days
  for each row
  execute function private.touch_updated_at();

alter table public.organization_usage_days enable row level security;

create policy select_member on public.organization_usage_days
  for select
  to authenticated
  using (organization_id = any ((select private.organizations_with('quotas.read'))::uuid[]));

grant select on public.organization_usage_days to authenticated, service_role;
-- No insert, update or delete for anyone: what was used is not theirs to say.

-- Adds the requests since the last turn to their days. Returns how many.
create function private.count_requests()
returns integer
language plpgsql
volatile
security definer -- the counters are in private
set search_path = ''
as $$
declare
  v_count integer;
begin
  with counted as (
    delete from private.request_tallies
    where request_tallies.id in (
      select locked.id
      from private.request_tallies as locked
      for update skip locked
    )
    returning
      request_tallies.organization_id,
      (request_tallies.counted_at at time zone 'UTC')::date as day
  ), days as (
    select counted.organization_id, counted.day, count(*) as requests
    from counted
    group by counted.organization_id, counted.day
  ), kept as (
    insert into public.organization_usage_days as usage_days
      (organization_id, day, request_count)
    select days.organization_id, days.day, days.requests
    from days
    -- Not those of an organization that was deleted meanwhile.
    join public.organizations on organizations.id = days.organization_id
    order by days.organization_id, days.day
    on conflict (organization_id, day) do update
    set request_count = usage_days.request_count + excluded.request_count
  )
  select coalesce(sum(days.requests), 0) into v_count from days;
  return v_count;
end;
$$;

comment on function private.count_requests() is
  'Part of the tick: adds the requests since the last turn to their days.';

-- Measures organizations that were in use today, or yesterday and not since midnight: those whose
-- last measurement is ten minutes old, some at each turn. Returns how many.
create function private.measure_usage()
returns integer
language plpgsql
volatile
security definer -- the ledger, the queue and all tables are counted
set search_path = ''
as $$
declare
  v_today constant date := now() at time zone 'UTC';
  v_count integer;
begin
  -- Calls of models make a day too, and so do jobs, though nobody asked for anything.
  insert into public.organization_usage_days (organization_id, day)
  select active.organization_id, v_today
  from (
    select model_usage_months.organization_id
    from private.model_usage_months
    where model_usage_months.month = date_trunc('month', v_today)::date
      and (
        model_usage_months.reserved_usd > 0
        or exists (
          select
          from public.ai_agent_tasks
          where ai_agent_tasks.organization_id = model_usage_months.organization_id
            and ai_agent_tasks.created_at >= v_today::timestamp at time zone 'UTC'
        )
      )
  ) as active
  order by active.organization_id
  on conflict do nothing;

  with due as materialized (
    select usage_days.organization_id, usage_days.day
    from public.organization_usage_days as usage_days
    where usage_days.day between v_today - 1 and v_today
      and (
        usage_days.measured_at is null
        or usage_days.measured_at < now() - interval '10 minutes'
      )
      -- Yesterday is measured once more after it ended, and then no more.
      and (
        usage_days.day = v_today
        or usage_days.measured_at is null
        or usage_days.measured_at < (v_today::timestamp at time zone 'UTC')
      )
    order by usage_days.measured_at nulls first
    limit 20
    for no key update skip locked
  )
  update public.organization_usage_days as usage_days
  set
    model_call_count = calls.calls,
    model_cost_usd = calls.cost_usd,
    peak_jobs_in_flight = greatest(
      usage_days.peak_jobs_in_flight, private.jobs_in_flight(due.organization_id)
    ),
    row_count = private.count_organization_rows(due.organization_id),
    storage_bytes = private.organization_storage_bytes(due.organization_id),
    measured_at = now()
  from due
  cross join lateral (
    select count(*) as calls, coalesce(sum(ai_agent_tasks.cost_usd), 0) as cost_usd
    from public.ai_agent_tasks
    where ai_agent_tasks.organization_id = due.organization_id
      and ai_agent_tasks.created_at >= due.day::timestamp at time zone 'UTC'
      and ai_agent_tasks.created_at < (due.day + 1)::timestamp at time zone 'UTC'
  ) as calls
  where usage_days.organization_id = due.organization_id
    and usage_days.day = due.day;

  get diagnostics v_count = row_count;
  return v_count;
end;
$$;

comment on function private.measure_usage() is
  'Part of the tick: measures costs, jobs, rows and bytes of organizations that are in use.';

-- What organizations use now. Each number is null for whoever holds no quotas.read there.
create function private.organization_usage_now(p_organization_id uuid)
returns table (
  requests_this_minute bigint,
  jobs_in_flight bigint,
  storage_bytes bigint,
  row_count bigint,
  model_cost_usd numeric,
  model_cost_reserved_usd numeric
)
language plpgsql
stable
security definer -- counters, queue and Storage are closed to people
set search_path = ''
as $$
begin
  if (select auth.role()) is distinct from 'service_role'
    and not coalesce(p_organization_id = any (private.organizations_with('quotas.read')), false)
  then
    return;
  end if;

  return query
  select
    (
      select sum(request_windows.request_count)
      from private.request_windows
      where request_windows.organization_id = p_organization_id
        and request_windows.minute = date_trunc('minute', now())
    ),
    (select count(*) from private.jobs where jobs.organization_id = p_organization_id),
    private.organization_storage_bytes(p_organization_id),
    coalesce(
      (
        select row_counters.row_count + coalesce(
          (
            select sum(row_changes.change)
            from private.row_changes
            where row_changes.organization_id = p_organization_id
          ),
          0
        )::bigint
        from private.row_counters
        where row_counters.organization_id = p_organization_id
      ),
      (
        select usage_days.row_count
        from public.organization_usage_days as usage_days
        where usage_days.organization_id = p_organization_id
          and usage_days.row_count is not null
        order by usage_days.day desc
        limit 1
      )
    ),
    coalesce(usage_months.spent_usd, 0),
    coalesce(usage_months.reserved_usd, 0)
  from (values (date_trunc('month', now() at time zone 'UTC')::date)) as this (month)
  left join private.model_usage_months as usage_months
    on usage_months.organization_id = p_organization_id
    and usage_months.month = this.month;
end;
$$;

comment on function private.organization_usage_now(uuid) is
  'What an organization uses now, for the view organization_usage. No row without quotas.read.';

create view public.organization_usage
with (security_invoker = true) as
select
  organization_quotas.organization_id,
  usage.requests_this_minute,
  organization_quotas.requests_per_minute_limit,
  usage.jobs_in_flight,
  organization_quotas.jobs_in_flight_limit,
  usage.storage_bytes,
  organization_quotas.storage_bytes_limit,
  usage.row_count,
  organization_quotas.rows_limit,
  usage.model_cost_usd,
  usage.model_cost_reserved_usd,
  organization_quotas.monthly_model_cost_limit_usd
from public.organization_quotas
cross join lateral private.organization_usage_now(organization_quotas.organization_id) as usage;

comment on view public.organization_usage is
  'What an organization uses now, beside its limits (null: none). requests_this_minute is counted '
  'only under a limit; row_count is exact under one, else as of the last measurement. Costs are of '
  'this calendar month (UTC).';

grant select on public.organization_usage to authenticated, service_role;

-- The days from p_from to p_to (default: the last 30, today included), also those without a row.
-- Needs quotas.read. Errors: PT400 usage_range_invalid; PT403 permission_denied.
create function private.organization_usage_by_day(
  p_organization_id uuid,
  p_from date default null,
  p_to date default null
)
returns table (
  day date,
  request_count bigint,
  model_call_count bigint,
  model_cost_usd numeric,
  peak_jobs_in_flight bigint,
  row_count bigint,
  storage_bytes bigint
)
language plpgsql
stable
security definer -- the service may not ask private.organizations_with()
set search_path = ''
as $$
declare
  v_to constant date := coalesce(p_to, (now() at time zone 'UTC')::date);
  v_from constant date := coalesce(p_from, v_to - 29);
  v_days constant integer :=
    case when isfinite(v_from) and isfinite(v_to) then v_to - v_from + 1 end;
begin
  if (select auth.role()) is distinct from 'service_role'
    and not coalesce(p_organization_id = any (private.organizations_with('quotas.read')), false)
  then
    raise sqlstate 'PT403' using
      message = 'You may not see the usage of this organization',
      detail = 'permission_denied',
      hint = 'It takes the permission quotas.read.';
  elsif coalesce(v_days, 0) not between 1 and 400 then
    raise sqlstate 'PT400' using
      message = 'Usage is read for 1 to 400 days, from the first to the last',
      detail = 'usage_range_invalid',
      hint = 'Check p_from and p_to.';
  end if;

  return query
  select
    days.day::date,
    coalesce(usage_days.request_count, 0),
    coalesce(usage_days.model_call_count, 0),
    coalesce(usage_days.model_cost_usd, 0),
    coalesce(usage_days.peak_jobs_in_flight, 0),
    usage_days.row_count,
    usage_days.storage_bytes
  from generate_series(v_from::timestamp, v_to::timestamp, '1 day') as days (day)
  left join public.organization_usage_days as usage_days
    on usage_days.organization_id = p_organization_id
    and usage_days.day = days.day::date
  order by days.day;
end;
$$;

create function public.organization_usage_by_day(
  p_organization_id uuid,
  p_from date default null,
  p_to date default null
)
returns table (
  day date,
  request_count bigint,
  model_call_count bigint,
  model_cost_usd numeric,
  peak_jobs_in_flight bigint,
  row_count bigint,
  storage_bytes bigint
)
language sql
stable
security invoker
set search_path = ''
as $$
  select * from private.organization_usage_by_day(p_organization_id, p_from, p_to);
$$;

comment on function public.organization_usage_by_day(uuid, date, date) is
  'What an organization used on each day (UTC) from p_from to p_to, at most 400; by default the '
  'last 30. row_count and storage_bytes are null on days that were not measured. Needs '
  'quotas.read. Errors: permission_denied, usage_range_invalid.';

grant execute on function
  private.organization_usage_now(uuid),
  private.organization_usage_by_day(uuid, date, date),
  public.organization_usage_by_day(uuid, date, date)
to authenticated, service_role;

insert into private.tick_parts (name, place, function_name) values
  ('requests_counted', 900, 'count_requests'),
  ('usage_measured', 910, 'measure_usage');
