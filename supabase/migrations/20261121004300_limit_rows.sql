-- Rows of an organization, over the tables that its people fill. They are counted only where there
-- is a limit, by triggers that private.enable_row_quota() puts on a table.
--
-- A statement leaves how many rows it added or removed as a row of private.row_changes. What people
-- add is judged at the end of their transaction: the counter is the last lock that it takes, and is
-- held only for the commit, so no more than the limit get through and nobody waits for long. What
-- is removed, and what the engine and the service add for the organization, is never refused; the
-- tick adds it to the counter.

create table private.row_counters (
  organization_id uuid primary key
    references public.organization_quotas (organization_id) on delete cascade,
  row_count bigint not null,
  counted_at timestamptz not null default now()
);

comment on table private.row_counters is
  'How many rows an organization has, for those that have a limit. private.row_changes is on top.';
comment on column private.row_counters.counted_at is 'When the rows themselves were last counted.';

create table private.row_changes (
  id bigint generated always as identity primary key,
  organization_id uuid not null
    references private.row_counters (organization_id) on delete cascade,
  change bigint not null,
  is_limited boolean not null
);

comment on table private.row_changes is 'What is not in the counter yet.';
comment on column private.row_changes.is_limited is
  'Added by a person: judged and taken into the counter before their transaction ends.';

create index row_changes_organization_id_idx on private.row_changes (organization_id);

create function private.count_rows()
returns trigger
language plpgsql
volatile
security definer -- writers have no grant on the counters
set search_path = ''
as $$
begin
  -- Where nobody has a limit, these two looks are all.
  if exists (select from private.request_windows) and (select auth.role()) = 'authenticated' then
    perform private.charge_writer(written.organization_id)
    from (
      select distinct changed.organization_id
      from changed
      where changed.organization_id is not null
    ) as written;
  end if;

  if exists (select from private.row_counters) then
    insert into private.row_changes (organization_id, change, is_limited)
    select
      row_counters.organization_id,
      count(*) * case tg_op when 'INSERT' then 1 else -1 end,
      tg_op = 'INSERT' and coalesce((select auth.role()) = 'authenticated', false)
    from changed
    join private.row_counters on row_counters.organization_id = changed.organization_id
    group by row_counters.organization_id
    order by row_counters.organization_id;
  end if;
  return null;
end;
$$;

comment on function private.count_rows() is
  'Trigger _850_count_inserted, _850_count_deleted: notes how many rows of organizations with a '
  'limit came or went, and charges the request to them.';

-- Updates change no count, but are requests all the same.
create function private.charge_update()
returns trigger
language plpgsql
volatile
security definer -- writers have no grant on the counters
set search_path = ''
as $$
begin
  if exists (select from private.request_windows)
    and new.organization_id is not null
    and (select auth.role()) = 'authenticated'
  then
    perform private.charge_writer(new.organization_id);
  end if;
  return new;
end;
$$;

comment on function private.charge_update() is
  'Trigger _150_charge_update: charges a request to the organization whose rows it changes.';

-- Errors: PT429 rows_quota_reached.
create function private.hold_row_quota()
returns trigger
language plpgsql
volatile
security definer -- writers have no grant on the counters
set search_path = ''
as $$
declare
  v_count bigint;
  v_limit bigint;
begin
  select row_counters.row_count
  into v_count
  from private.row_counters
  where row_counters.organization_id = new.organization_id
  for no key update;

  -- The limit was lifted meanwhile.
  if not found then
    return null;
  end if;

  delete from private.row_changes where row_changes.id = new.id;

  -- The lock is held: nobody takes these into the counter now.
  select
    organization_quotas.rows_limit,
    v_count + new.change + coalesce(
      (
        select sum(row_changes.change)
        from private.row_changes
        where row_changes.organization_id = new.organization_id
          and not row_changes.is_limited
      ),
      0
    )
  into v_limit, v_count
  from public.organization_quotas
  where organization_quotas.organization_id = new.organization_id;

  if v_count > v_limit then
    raise sqlstate 'PT429' using
      message = format('The limit of rows is %s, and this would make %s', v_limit, v_count),
      detail = 'rows_quota_reached',
      hint = 'Try again when rows were deleted or rows_limit was raised.';
  end if;

  update private.row_counters
  set row_count = row_counters.row_count + new.change
  where row_counters.organization_id = new.organization_id;
  return null;
end;
$$;

comment on function private.hold_row_quota() is
  'Constraint trigger at the end of a transaction: takes what a person added into the counter, or '
  'refuses it with PT429 rows_quota_reached.';

create constraint trigger _500_hold_row_quota
  after insert on private.row_changes
  deferrable initially deferred
  for each row
  when (new.is_limited)
  execute function private.hold_row_quota();

-- Counts the rows of a table towards the quota of their organizations from now on. For the
-- migration that creates the table.
create function private.enable_row_quota(p_table regclass)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  execute format(
    'create trigger _850_count_inserted
      after insert on %s
      referencing new table as changed
      for each statement
      execute function private.count_rows()',
    p_table
  );
  execute format(
    'create trigger _850_count_deleted
      after delete on %s
      referencing old table as changed
      for each statement
      execute function private.count_rows()',
    p_table
  );
  -- What the engine and the service change is told apart without calling the function.
  execute format(
    'create trigger _150_charge_update
      before update on %s
      for each row
      when (current_setting(''request.jwt.claims'', true) like ''%%"authenticated"%%'')
      execute function private.charge_update()',
    p_table
  );
end;
$$;

comment on function private.enable_row_quota(regclass) is
  'Counts a table''s rows towards organization_quotas.rows_limit, and charges requests that write '
  'them towards requests_per_minute_limit. The table has organization_id.';

create function private.disable_row_quota(p_table regclass)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  execute format('drop trigger if exists _850_count_inserted on %s', p_table);
  execute format('drop trigger if exists _850_count_deleted on %s', p_table);
  execute format('drop trigger if exists _150_charge_update on %s', p_table);
end;
$$;

comment on function private.disable_row_quota(regclass) is 'Takes enable_row_quota() back.';

-- The rows that an organization has in all counted tables. Stable, so that it counts what the
-- statement that asks sees.
create function private.count_organization_rows(p_organization_id uuid)
returns bigint
language plpgsql
stable
security definer -- counts in tables that the caller may not read
set search_path = ''
as $$
declare
  v_query constant text := (
    select string_agg(
      format('(select count(*) from %s where organization_id = $1)', pg_trigger.tgrelid::regclass),
      ' + '
    )
    from pg_catalog.pg_trigger
    where pg_trigger.tgname = '_850_count_inserted'
      and pg_trigger.tgparentid = 0
  );
  v_count bigint;
begin
  execute 'select ' || coalesce(v_query, '0') into v_count using p_organization_id;
  return v_count;
end;
$$;

comment on function private.count_organization_rows(uuid) is
  'How many rows an organization has in the tables that count towards its quota.';

create function private.keep_row_counter()
returns trigger
language plpgsql
volatile
security definer -- the counters are in private
set search_path = ''
as $$
begin
  if new.rows_limit is null then
    delete from private.row_counters
    where row_counters.organization_id = new.organization_id;
  else
    -- What others are just adding is not seen here: the tick counts again a minute later.
    insert into private.row_counters (organization_id, row_count, counted_at)
    values (
      new.organization_id,
      private.count_organization_rows(new.organization_id),
      now() - interval '59 minutes'
    )
    on conflict do nothing;
  end if;
  return null;
end;
$$;

comment on function private.keep_row_counter() is
  'Trigger: an organization has a counter of its rows while it has a limit.';

create trigger _500_keep_row_counter
  after update of rows_limit on public.organization_quotas
  for each row
  when (old.rows_limit is distinct from new.rows_limit)
  execute function private.keep_row_counter();

create trigger _510_start_row_counter
  after insert on public.organization_quotas
  for each row
  when (new.rows_limit is not null)
  execute function private.keep_row_counter();

-- Takes changes that were not to be refused into the counters, and counts the rows themselves again
-- where that is an hour ago. Counters that somebody holds have their turn later. Returns how many
-- counters it settled.
create function private.settle_row_counters()
returns integer
language plpgsql
volatile
security definer -- the counters are in private
set search_path = ''
as $$
declare
  v_counter private.row_counters;
  v_count integer := 0;
begin
  for v_counter in
    select row_counters.*
    from private.row_counters
    where row_counters.counted_at < now() - interval '1 hour'
      or exists (
        select
        from private.row_changes
        where row_changes.organization_id = row_counters.organization_id
      )
    order by row_counters.organization_id
    limit 100
    for no key update skip locked
  loop
    -- One statement, and so one look at the database: of a transaction that ends later, both the
    -- rows and the changes are still to come.
    with settled as (
      delete from private.row_changes
      where row_changes.organization_id = v_counter.organization_id
        and not row_changes.is_limited
      returning row_changes.change
    )
    update private.row_counters
    set
      row_count = case
        when v_counter.counted_at < now() - interval '1 hour'
        then private.count_organization_rows(v_counter.organization_id)
        else row_counters.row_count + (select coalesce(sum(settled.change), 0) from settled)
      end,
      counted_at = case
        when v_counter.counted_at < now() - interval '1 hour' then now()
        else v_counter.counted_at
      end
    where row_counters.organization_id = v_counter.organization_id;
    v_count := v_count + 1;
  end loop;
  return v_count;
end;
$$;

comment on function private.settle_row_counters() is
  'Part of the tick: brings the counters of rows up to date.';

-- Last of the tick, so that nothing waits while it holds counters.
insert into private.tick_parts (name, place, function_name)
values ('row_counters_settled', 920, 'settle_row_counters');
