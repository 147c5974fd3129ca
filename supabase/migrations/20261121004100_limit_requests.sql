-- Requests per minute. PostgREST runs private.check_request() before each request, in the
-- transaction of the request; edge functions charge through public.consume_request().
--
-- What counts is what may write: inserts, updates, deletes, and calls of volatile functions. Reads
-- run in read-only transactions, where nothing can be counted. A request that fails leaves nothing
-- behind, its count included.
--
-- A request is charged to the organization of its header x-organization-id when the caller is an
-- active member there, else to the one the caller works in. Naming one and writing in another does
-- not help: writing rows is charged to their organization, too (20261121004300_limit_rows.sql). The
-- service role is not charged: functions name the organization they act for.
--
-- Without a limit, counting is one row appended to a table that writes no WAL, which the tick folds
-- into the day. With a limit, it takes a lock, so that no more than the limit pass, and
-- spreads the locks, so that requests seldom wait for each other.

-- One row per request, until the tick has counted it.
create unlogged table private.request_tallies (
  id bigint generated always as identity primary key,
  organization_id uuid not null,
  counted_at timestamptz not null default now()
);

comment on table private.request_tallies is
  'Requests that private.count_requests() has not added to their day yet. Without a foreign key, '
  'whose check every request would pay for.';

-- The minute of an organization that has a limit, in 16 parts. Each part has its share of the
-- limit, so the sum cannot pass it, and requests that run at once take different parts.
create table private.request_windows (
  organization_id uuid not null
    references public.organization_quotas (organization_id) on delete cascade,
  part smallint not null,
  minute timestamptz not null default '-infinity',
  request_count integer not null default 0,

  primary key (organization_id, part)
) with (fillfactor = 50);

comment on table private.request_windows is
  'Requests in the current minute of organizations that have a limit, in 16 parts.';

create function private.keep_request_windows()
returns trigger
language plpgsql
volatile
security definer -- the counters are in private
set search_path = ''
as $$
begin
  if new.requests_per_minute_limit is null then
    delete from private.request_windows
    where request_windows.organization_id = new.organization_id;
  else
    insert into private.request_windows (organization_id, part)
    select new.organization_id, part
    from generate_series(0, 15) as part
    on conflict do nothing;
  end if;
  return null;
end;
$$;

comment on function private.keep_request_windows() is
  'Trigger: an organization has counters of its minute while it has a limit. A changed limit is '
  'exact from the next minute on.';

create trigger _500_keep_request_windows
  after update of requests_per_minute_limit on public.organization_quotas
  for each row
  when (old.requests_per_minute_limit is distinct from new.requests_per_minute_limit)
  execute function private.keep_request_windows();

create trigger _510_start_request_windows
  after insert on public.organization_quotas
  for each row
  when (new.requests_per_minute_limit is not null)
  execute function private.keep_request_windows();

-- The uncounted requests of an organization go with it. What others are just adding, the tick
-- drops.
create function private.remove_request_tallies()
returns trigger
language plpgsql
volatile
security definer -- the counters are in private
set search_path = ''
as $$
begin
  delete from private.request_tallies where request_tallies.organization_id = old.id;
  return null;
end;
$$;

comment on function private.remove_request_tallies() is
  'Trigger: removes the uncounted requests of an organization that was deleted.';

create trigger _900_remove_request_tallies
  after delete on public.organizations
  for each row
  execute function private.remove_request_tallies();

-- Takes one request out of the minute of an organization. Whoever holds locks already must not wait
-- for one here, and is refused instead.
-- Errors: PT429 requests_quota_reached.
create function private.take_request(
  p_organization_id uuid,
  p_limit integer,
  p_may_wait boolean default true
)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  v_minute constant timestamptz := date_trunc('minute', now());
  -- What a part has of the limit; the first parts have one more.
  v_share constant integer := p_limit / 16;
  v_more constant integer := p_limit % 16;
  v_wanted smallint;
  v_part smallint;
begin
  loop
    -- A locked part that turns out to be full is let go of with the block: whoever waits for a part
    -- must hold none.
    begin
      if v_wanted is null then
        select request_windows.part
        into v_part
        from private.request_windows
        where request_windows.organization_id = p_organization_id
          and v_share + (request_windows.part < v_more)::integer
            > case when request_windows.minute < v_minute then 0 else request_count end
        order by request_windows.part
        limit 1
        for no key update skip locked;
      else
        select request_windows.part
        into v_part
        from private.request_windows
        where request_windows.organization_id = p_organization_id
          and request_windows.part = v_wanted
          and v_share + (request_windows.part < v_more)::integer
            > case when request_windows.minute < v_minute then 0 else request_count end
        for no key update;
      end if;

      if v_part is null then
        raise sqlstate 'PT429' using
          message = 'No free part of the minute has room',
          detail = 'requests_quota_reached',
          hint = 'Look for one that somebody holds.';
      end if;

      update private.request_windows
      set
        minute = greatest(request_windows.minute, v_minute),
        request_count = case
          when request_windows.minute < v_minute then 1
          else request_windows.request_count + 1
        end
      where request_windows.organization_id = p_organization_id
        and request_windows.part = v_part;
      return;
    exception
      when sqlstate 'PT429' then null;
    end;

    -- One that has room unless its holder takes it; at random, so that not all wait for the same.
    select request_windows.part
    into v_wanted
    from private.request_windows
    where request_windows.organization_id = p_organization_id
      and v_share + (request_windows.part < v_more)::integer
        > case when request_windows.minute < v_minute then 0 else request_count end
    order by random()
    limit 1;

    if v_wanted is null then
      raise sqlstate 'PT429' using
        message = format('The limit of %s requests per minute is reached', p_limit),
        detail = 'requests_quota_reached',
        hint = format(
          'Try again in %s seconds, or have requests_per_minute_limit raised.',
          greatest(1, ceil(extract(epoch from v_minute + interval '1 minute' - clock_timestamp())))
        );
    elsif not p_may_wait then
      raise sqlstate 'PT429' using
        message = 'The last requests of this minute are just being made',
        detail = 'requests_quota_reached',
        hint = 'Try again in 1 seconds, naming the organization in the header x-organization-id.';
    end if;
  end loop;
end;
$$;

comment on function private.take_request(uuid, integer, boolean) is
  'Takes one request out of an organization''s minute, or refuses it with PT429 '
  'requests_quota_reached.';

-- Counts one request of an organization, or refuses it.
-- Errors: PT404 organization_not_found; PT429 requests_quota_reached.
create function private.consume_request(p_organization_id uuid)
returns void
language plpgsql
volatile
security definer -- the counters are in private
set search_path = ''
as $$
declare
  v_limit integer;
begin
  select organization_quotas.requests_per_minute_limit
  into v_limit
  from public.organization_quotas
  where organization_quotas.organization_id = p_organization_id;

  if not found then
    raise sqlstate 'PT404' using
      message = 'No organization with that id',
      detail = 'organization_not_found',
      hint = 'Check p_organization_id.';
  end if;

  if v_limit is not null then
    perform private.take_request(p_organization_id, v_limit);
  end if;
  insert into private.request_tallies (organization_id) values (p_organization_id);
  perform set_config('ensemble.charged_organizations', p_organization_id::text, true);
end;
$$;

-- Charges a request that writes rows of an organization with a limit, unless it is charged there
-- already.
-- Errors: PT429 requests_quota_reached.
create function private.charge_writer(p_organization_id uuid)
returns void
language plpgsql
volatile
security definer -- the counters are in private
set search_path = ''
as $$
declare
  v_charged constant text := coalesce(current_setting('ensemble.charged_organizations', true), '');
  v_limit integer;
begin
  if strpos(v_charged, p_organization_id::text) > 0 then
    return;
  end if;

  select organization_quotas.requests_per_minute_limit
  into v_limit
  from public.organization_quotas
  where organization_quotas.organization_id = p_organization_id;

  if v_limit is not null then
    perform private.take_request(p_organization_id, v_limit, p_may_wait => false);
    insert into private.request_tallies (organization_id) values (p_organization_id);
    perform set_config(
      'ensemble.charged_organizations', v_charged || ' ' || p_organization_id, true
    );
  end if;
end;
$$;

comment on function private.charge_writer(uuid) is
  'For triggers: charges a request to an organization with a limit whose rows it writes.';

-- Runs before every request of the API, as the caller's role.
-- Errors: PT429 requests_quota_reached.
create function private.check_request()
returns void
language plpgsql
volatile
security definer -- looks up memberships and writes counters
set search_path = ''
as $$
declare
  v_header text;
  v_organization_id uuid;
begin
  if current_setting('transaction_read_only') = 'on'
    or (select auth.role()) is distinct from 'authenticated'
    -- A limit that is too low must not keep anyone from raising it.
    or current_setting('request.path', true) = '/organization_quotas'
  then
    return;
  end if;

  v_header := nullif(current_setting('request.headers', true), '')::jsonb ->> 'x-organization-id';
  if v_header ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then
    select organization_members.organization_id
    into v_organization_id
    from public.organization_members
    where organization_members.organization_id = v_header::uuid
      and organization_members.user_id = (select auth.uid())
      and organization_members.status = 'active';
  end if;
  v_organization_id := coalesce(v_organization_id, private.current_organization_id());

  if v_organization_id is not null then
    perform private.consume_request(v_organization_id);
  end if;
end;
$$;

comment on function private.check_request() is
  'Before every request of the API (pgrst.db_pre_request): charges what may write to an '
  'organization of the caller. Error: requests_quota_reached.';

create function public.consume_request(p_organization_id uuid)
returns void
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.consume_request(p_organization_id);
$$;

comment on function public.consume_request(uuid) is
  'Counts one call of an edge function for the organization it acts for. Service only. Errors: '
  'organization_not_found, requests_quota_reached.';

grant execute on function private.check_request() to anon, authenticated, service_role;
-- Visitors too: PostgREST runs it in their name. For them it does nothing.
grant execute on function
  private.consume_request(uuid),
  public.consume_request(uuid)
to service_role;
-- Not authenticated: nobody may use up the minute of an organization in bulk.

-- PostgREST reads its settings from the role it logs in with, those of this database first.
-- Supabase lets postgres write them, as does the embedded stack; where that is refused, nothing is
-- charged before requests until a superuser runs:
--   alter role authenticator set pgrst.db_pre_request = 'private.check_request';
--   notify pgrst, 'reload config';
do $setting$
declare
  v_scope text;
begin
  foreach v_scope in array array[format('in database %I', current_database()), ''] loop
    begin
      execute format(
        'alter role authenticator %s set pgrst.db_pre_request = %L',
        v_scope, 'private.check_request'
      );
      return;
    exception
      when insufficient_privilege or reserved_name or undefined_object then
        raise warning 'Requests are not counted until pgrst.db_pre_request is set: %', sqlerrm;
    end;
  end loop;
end;
$setting$;

notify pgrst, 'reload config';
