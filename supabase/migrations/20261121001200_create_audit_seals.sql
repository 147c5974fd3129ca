-- Audit seals: batches of audit logs, hashed into one chain per organization, so that a log that
-- was altered, removed or slipped in later is found out, whoever did it.
--
-- Writers do not take part: they append to private.audit_unsealed, and the tick seals what it finds
-- there. A seal names its rows one by one, so a row whose transaction took long joins a later seal,
-- and a restored dump still verifies. Whoever can write everything can also forge everything: keep
-- the head's hash, which verify_audit_chain() returns, where they cannot reach it.

create table public.audit_seals (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  sequence bigint not null,
  month date not null,
  row_ids bigint[] not null,
  row_count integer not null,
  first_row_at timestamptz not null,
  last_row_at timestamptz not null,
  rows_hash bytea not null,
  previous_hash bytea,
  hash bytea not null,
  sealed_at timestamptz not null default now(),
  archive_path text,
  archived_at timestamptz,
  archived_fault text,

  constraint audit_seals_pkey primary key (organization_id, sequence),
  constraint audit_seals_row_count_check check (row_count = cardinality(row_ids)),
  constraint audit_seals_archived_at_check check (
    (archive_path is null) = (archived_at is null)
  ),
  constraint audit_seals_archived_fault_check check (
    archived_fault is null
    or archive_path is not null and archived_fault in ('row_missing', 'row_altered', 'row_added')
  )
);

comment on table public.audit_seals is
  'Batches of audit logs in the order they were sealed, each hashed with the one before.';
comment on column public.audit_seals.sequence is
  'The place in the organization''s chain: 1 and up, without gaps.';
comment on column public.audit_seals.month is
  'The month (UTC) of the rows; a seal never spans two, so that a month can be archived.';
comment on column public.audit_seals.row_ids is 'The ids of the sealed audit_logs, sorted.';
comment on column public.audit_seals.first_row_at is 'The earliest created_at of the rows.';
comment on column public.audit_seals.last_row_at is 'The latest created_at of the rows.';
comment on column public.audit_seals.rows_hash is
  'SHA-256 over the SHA-256 of each row''s text (private.audit_log_text), in the order of row_ids.';
comment on column public.audit_seals.previous_hash is
  'The hash of the seal before; null for the first.';
comment on column public.audit_seals.hash is
  'SHA-256 of the seal''s text (private.audit_seal_text), previous_hash included.';
comment on column public.audit_seals.archive_path is
  'The object in the bucket audit-archives that holds the rows; null while they are in audit_logs.';
comment on column public.audit_seals.archived_fault is
  'What was wrong with the rows when they were archived; null when nothing was.';

-- What the archiving looks for: months with rows that are still here.
create index audit_seals_organization_id_month_sequence_idx
  on public.audit_seals (organization_id, month, sequence)
  where archive_path is null;

-- Where each chain ends. The row is also the lock: whoever holds it is the only one who seals for
-- the organization.
create table private.audit_chains (
  organization_id uuid primary key references public.organizations (id) on delete cascade,
  sequence bigint not null default 0,
  hash bytea
);

comment on table private.audit_chains is
  'The last seal of each organization, so that a chain cut off at its end is found out.';

-- The queue of what is to be sealed is mostly dead rows; they are cleaned by their number.
alter table private.audit_unsealed set (
  autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_cost_delay = 0
);

create function private.create_audit_chain()
returns trigger
language plpgsql
volatile
security definer -- the table is private
set search_path = ''
as $$
begin
  insert into private.audit_chains (organization_id) values (new.id);
  return null;
end;
$$;

comment on function private.create_audit_chain() is
  'Trigger: begins the chain of a new organization.';

create trigger _500_create_audit_chain
  after insert on public.organizations
  for each row
  execute function private.create_audit_chain();

-- Organizations that were there before this table.
insert into private.audit_chains (organization_id)
select organizations.id
from public.organizations;

create function private.keep_audit_seals()
returns trigger
language plpgsql
volatile
security definer -- looks for organizations that the caller may not read
set search_path = ''
as $$
declare
  v_archive constant text[] := array['archive_path', 'archived_at', 'archived_fault'];
begin
  if tg_op = 'DELETE' then
    if not exists (
      select from public.organizations where organizations.id = old.organization_id
    ) then
      return old;
    end if;
  elsif tg_op = 'UPDATE' then
    if to_jsonb(old) ->> 'archive_path' is null
      and to_jsonb(new) - v_archive = to_jsonb(old) - v_archive
    then
      return new;
    end if;
  end if;

  raise sqlstate 'PT403' using
    message = 'Audit seals are append-only',
    detail = 'audit_append_only',
    hint = 'They go with their organization; only where their rows were archived is added once.';
end;
$$;

comment on function private.keep_audit_seals() is
  'Trigger: refuses to change or remove audit seals with PT403 audit_append_only, whoever asks.';

create trigger _100_keep
  before update or delete on public.audit_seals
  for each row
  execute function private.keep_audit_seals();

create trigger _110_keep_all
  before truncate on public.audit_seals
  for each statement
  execute function private.keep_audit_seals();

alter table public.audit_seals enable row level security;

create policy select_auditor on public.audit_seals
  for select
  to authenticated
  using (organization_id = any ((select private.organizations_with('audit.read'))::uuid[]));

grant select on public.audit_seals to authenticated, service_role;
-- No write for anyone: private.seal_audit_logs() seals, and archiving adds where the rows went.

-- A time as texts carry it, whatever the session's time zone and date style.
create function private.audit_time_text(p_time timestamptz)
returns text
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  return to_char(p_time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
end;
$$;

-- A row as it is hashed and archived: every column, in jsonb's own order of keys. Nothing in it
-- depends on the session.
create function private.audit_log_text(p_log public.audit_logs)
returns text
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  return jsonb_build_object(
    'id', p_log.id,
    'organization_id', p_log.organization_id,
    'actor_type', p_log.actor_type,
    'actor_id', p_log.actor_id,
    'action', p_log.action,
    'resource_type', p_log.resource_type,
    'resource_id', p_log.resource_id,
    'old_values', p_log.old_values,
    'new_values', p_log.new_values,
    'severity', p_log.severity,
    'ip_address', p_log.ip_address::text,
    'user_agent', p_log.user_agent,
    'correlation_id', p_log.correlation_id,
    'created_at', to_char(p_log.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
  )::text;
end;
$$;

comment on function private.audit_log_text(public.audit_logs) is
  'An audit log as a line of JSON that is the same in every session: what is hashed and archived.';

create function private.audit_seal_text(
  p_organization_id uuid,
  p_sequence bigint,
  p_month date,
  p_row_ids bigint[],
  p_first_row_at timestamptz,
  p_last_row_at timestamptz,
  p_rows_hash bytea,
  p_previous_hash bytea,
  p_sealed_at timestamptz
)
returns text
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  return jsonb_build_object(
    'organization_id', p_organization_id,
    'sequence', p_sequence,
    'month', to_char(p_month, 'YYYY-MM'),
    'row_ids', p_row_ids,
    'first_row_at', private.audit_time_text(p_first_row_at),
    'last_row_at', private.audit_time_text(p_last_row_at),
    'rows_hash', encode(p_rows_hash, 'hex'),
    'previous_hash', encode(p_previous_hash, 'hex'),
    'sealed_at', private.audit_time_text(p_sealed_at)
  )::text;
end;
$$;

comment on function private.audit_seal_text(
  uuid, bigint, date, bigint[], timestamptz, timestamptz, bytea, bytea, timestamptz
) is 'A seal as a line of JSON that is the same in every session: what its hash is taken of.';

-- Seals up to p_limit rows that nobody else is sealing; sealed is how many left the queue. Nothing
-- here waits: an organization whose chain another ticker holds, or which is just being deleted,
-- keeps its rows for the next turn, and is added to those that are passed by.
create function private.seal_audit_batch(
  p_limit integer,
  inout passed uuid[],
  out taken integer,
  out sealed integer
)
language plpgsql
volatile
security definer -- nobody is granted to write seals
set search_path = ''
as $$
declare
  v_places tid[];
  v_ids bigint[];
  v_organization_ids uuid[];
  v_times timestamptz[];
  v_here uuid[];
  v_gone uuid[];
  v_held uuid[];
begin
  select
    array_agg(waiting.place),
    array_agg(waiting.audit_log_id),
    array_agg(waiting.organization_id),
    array_agg(waiting.created_at)
  into v_places, v_ids, v_organization_ids, v_times
  from (
    select
      audit_unsealed.ctid as place,
      audit_unsealed.audit_log_id,
      audit_unsealed.organization_id,
      audit_unsealed.created_at
    from private.audit_unsealed
    where audit_unsealed.organization_id <> all (passed)
    limit p_limit
    for update skip locked
  ) as waiting;

  taken := coalesce(cardinality(v_places), 0);
  sealed := 0;
  if taken = 0 then
    return;
  end if;

  -- The keys that the seals will refer to, so that no foreign key waits for a deletion.
  v_here := array(
    select organizations.id
    from public.organizations
    where organizations.id = any (v_organization_ids)
    for key share skip locked
  );

  -- A statement of its own: it sees the chains as their last holder left them.
  v_held := array(
    select audit_chains.organization_id
    from private.audit_chains
    where audit_chains.organization_id = any (v_here)
    for no key update skip locked
  );

  v_gone := array(
    select entry.organization_id
    from unnest(v_organization_ids) as entry (organization_id)
    where not exists (
      select from public.organizations where organizations.id = entry.organization_id
    )
  );

  with recursive batches as materialized (
    select
      entry.organization_id,
      entry.month,
      row_number() over (partition by entry.organization_id order by entry.month) as place,
      array_agg(entry.id order by entry.id) as row_ids,
      min(entry.created_at) as first_row_at,
      max(entry.created_at) as last_row_at,
      -- Of a row that was removed before it was sealed, the id stays and the hash is missing.
      sha256(coalesce(string_agg(log.hash, '' order by entry.id), '')) as rows_hash
    from (
      select
        given.id,
        given.organization_id,
        given.created_at,
        date_trunc('month', given.created_at at time zone 'UTC')::date as month
      from unnest(v_ids, v_organization_ids, v_times) as given (id, organization_id, created_at)
      where given.organization_id = any (v_held)
    ) as entry
    -- The limit keeps it a look-up by key for each row, however large the logs are.
    left join lateral (
      select sha256(convert_to(private.audit_log_text(audit_logs), 'UTF8')) as hash
      from public.audit_logs
      where audit_logs.organization_id = entry.organization_id
        and audit_logs.created_at = entry.created_at
        and audit_logs.id = entry.id
      limit 1
    ) as log on true
    group by entry.organization_id, entry.month
  ), chained as (
    select
      batches.*,
      audit_chains.sequence + 1 as sequence,
      audit_chains.hash as previous_hash,
      sha256(convert_to(private.audit_seal_text(
        batches.organization_id, audit_chains.sequence + 1, batches.month, batches.row_ids,
        batches.first_row_at, batches.last_row_at, batches.rows_hash, audit_chains.hash, now()
      ), 'UTF8')) as hash
    from batches
    join private.audit_chains on audit_chains.organization_id = batches.organization_id
    where batches.place = 1
    union all
    select
      batches.*,
      before.sequence + 1,
      before.hash,
      sha256(convert_to(private.audit_seal_text(
        batches.organization_id, before.sequence + 1, batches.month, batches.row_ids,
        batches.first_row_at, batches.last_row_at, batches.rows_hash, before.hash, now()
      ), 'UTF8'))
    from chained as before
    join batches
      on batches.organization_id = before.organization_id
      and batches.place = before.place + 1
  ), added as (
    insert into public.audit_seals
      (
        organization_id, sequence, month, row_ids, row_count, first_row_at, last_row_at, rows_hash,
        previous_hash, hash, sealed_at
      )
    select
      chained.organization_id, chained.sequence, chained.month, chained.row_ids,
      cardinality(chained.row_ids), chained.first_row_at, chained.last_row_at, chained.rows_hash,
      chained.previous_hash, chained.hash, now()
    from chained
    returning audit_seals.organization_id, audit_seals.sequence, audit_seals.hash
  )
  update private.audit_chains
  set sequence = head.sequence, hash = head.hash
  from (
    select distinct on (added.organization_id)
      added.organization_id, added.sequence, added.hash
    from added
    order by added.organization_id, added.sequence desc
  ) as head
  where audit_chains.organization_id = head.organization_id;

  -- What an organization that is gone left behind goes after it.
  if cardinality(v_gone) > 0 then
    delete from public.audit_logs where audit_logs.organization_id = any (v_gone);
  end if;

  delete from private.audit_unsealed
  where audit_unsealed.ctid = any (v_places)
    and (
      audit_unsealed.organization_id = any (v_held)
      or audit_unsealed.organization_id = any (v_gone)
    );

  get diagnostics sealed = row_count;

  passed := passed || array(
    select distinct entry.organization_id
    from unnest(v_organization_ids) as entry (organization_id)
    where entry.organization_id <> all (v_held)
      and entry.organization_id <> all (v_gone)
  );
end;
$$;

-- A part of the tick. A turn takes p_limit rows at most, in batches, and begins none after a
-- second: the rest is for the turns that follow.
create function private.seal_audit_logs(p_limit integer default 20000)
returns integer
language plpgsql
volatile
security definer -- nobody is granted to write seals
set search_path = ''
as $$
declare
  v_begun constant timestamptz := clock_timestamp();
  v_sealed integer := 0;
  v_passed uuid[] := array[]::uuid[];
  v_batch record;
begin
  while v_sealed < p_limit and clock_timestamp() < v_begun + interval '1 second' loop
    v_batch := private.seal_audit_batch(least(1000, p_limit - v_sealed), v_passed);
    exit when v_batch.taken = 0;
    v_sealed := v_sealed + v_batch.sealed;
    v_passed := v_batch.passed;
  end loop;
  return v_sealed;
end;
$$;

comment on function private.seal_audit_logs(integer) is
  'Seals the audit logs that wait for it; returns how many rows it took.';

insert into private.tick_parts (name, place, function_name)
values ('audit_logs_sealed', 110, 'seal_audit_logs');

-- What is needed to do something with an organization's audit trail. The service may everything.
create function private.require_audit_permission(
  p_organization_id uuid,
  p_permissions text[]
)
returns void
language plpgsql
stable
security definer -- memberships are read past their own policies
set search_path = ''
as $$
declare
  v_missing text;
begin
  if (select auth.role()) is not distinct from 'service_role' then
    return;
  end if;

  select needed.key
  into v_missing
  from unnest(p_permissions) as needed (key)
  where not coalesce(p_organization_id = any (private.organizations_with(needed.key)), false)
  limit 1;

  if found then
    raise sqlstate 'PT403' using
      message = 'You may not do that with the audit trail of this organization',
      detail = 'permission_denied',
      hint = format('It takes the permission %s.', v_missing);
  end if;
end;
$$;

-- Reads every seal of an organization and every row that is still here, and names the first seal
-- that does not hold. Of one seal, its place in the chain is judged before its rows.
create function private.verify_audit_chain(p_organization_id uuid)
returns table (
  is_valid boolean,
  broken_sequence bigint,
  broken_row_id bigint,
  reason text,
  head_sequence bigint,
  head_hash text,
  seal_count bigint,
  sealed_row_count bigint,
  archived_row_count bigint,
  unsealed_row_count bigint
)
language plpgsql
stable
security definer -- seals and rows are read past their policies, once the permissions are checked
set search_path = ''
as $$
declare
  v_chain private.audit_chains;
begin
  perform private.require_audit_permission(
    p_organization_id, array['audit.read', 'audit.export']
  );

  select audit_chains.* into v_chain
  from private.audit_chains
  where audit_chains.organization_id = p_organization_id;

  select
    count(*),
    coalesce(sum(audit_seals.row_count) filter (where audit_seals.archive_path is null), 0),
    coalesce(sum(audit_seals.row_count) filter (where audit_seals.archive_path is not null), 0)
  into seal_count, sealed_row_count, archived_row_count
  from public.audit_seals
  where audit_seals.organization_id = p_organization_id;

  select count(*)
  into unsealed_row_count
  from private.audit_unsealed
  where audit_unsealed.organization_id = p_organization_id;

  head_sequence := coalesce(v_chain.sequence, 0);
  head_hash := encode(v_chain.hash, 'hex');

  with seals as (
    select
      audit_seals.*,
      row_number() over (order by audit_seals.sequence) as place,
      lag(audit_seals.hash) over (order by audit_seals.sequence) as hash_before
    from public.audit_seals
    where audit_seals.organization_id = p_organization_id
  ), chain_faults as (
    select
      -- Behind a gap, the first seal that is missing.
      least(seals.sequence, seals.place) as sequence,
      case
        when seals.sequence <> seals.place then 'seal_missing'
        when seals.sequence > head_sequence then 'seal_added'
        when seals.hash is distinct from sha256(convert_to(private.audit_seal_text(
            seals.organization_id, seals.sequence, seals.month, seals.row_ids, seals.first_row_at,
            seals.last_row_at, seals.rows_hash, seals.previous_hash, seals.sealed_at
          ), 'UTF8'))
          or seals.sequence = head_sequence and seals.hash is distinct from v_chain.hash
        then 'seal_altered'
        when seals.previous_hash is distinct from seals.hash_before then 'seal_out_of_order'
        else seals.archived_fault
      end as fault
    from seals
    union all
    select coalesce(max(seals.place), 0) + 1, 'seal_missing'
    from seals
    having coalesce(max(seals.sequence), 0) < head_sequence
  ), sealed_rows as (
    select seals.sequence, sealed.id
    from seals
    cross join lateral unnest(seals.row_ids) as sealed (id)
    where seals.archive_path is null
  ), found_rows as (
    select
      audit_logs.id,
      audit_logs.created_at,
      sha256(convert_to(private.audit_log_text(audit_logs), 'UTF8')) as hash
    from public.audit_logs
    where audit_logs.organization_id = p_organization_id
  ), waiting_rows as (
    select audit_unsealed.audit_log_id as id, audit_unsealed.created_at
    from private.audit_unsealed
    where audit_unsealed.organization_id = p_organization_id
  ), sums as (
    select
      sealed_rows.sequence,
      count(*) as found_count,
      min(sealed_rows.id) filter (where found_rows.id is null) as missing_id,
      sha256(coalesce(string_agg(found_rows.hash, '' order by sealed_rows.id), '')) as rows_hash
    from sealed_rows
    left join found_rows on found_rows.id = sealed_rows.id
    group by sealed_rows.sequence
  ), faults as (
    select chain_faults.sequence, null::bigint as row_id, chain_faults.fault, 1 as weight
    from chain_faults
    where chain_faults.fault is not null
    union all
    select
      sums.sequence,
      sums.missing_id,
      case
        when sums.missing_id is not null then 'row_missing'
        when sums.found_count > seals.row_count then 'row_added'
        else 'row_altered'
      end,
      2
    from sums
    join seals on seals.sequence = sums.sequence
    where sums.missing_id is not null
      or sums.rows_hash <> seals.rows_hash
    union all
    -- In no seal, and not waiting for one: it was put there past every writer. It is reported with
    -- the seal that its time falls into.
    select
      coalesce(
        (
          select min(seals.sequence)
          from seals
          where stray.created_at between seals.first_row_at and seals.last_row_at
        ),
        head_sequence + 1
      ),
      stray.id,
      'row_added',
      3
    from (
      select found_rows.id, found_rows.created_at
      from found_rows
      where not exists (select from sealed_rows where sealed_rows.id = found_rows.id)
        and not exists (select from waiting_rows where waiting_rows.id = found_rows.id)
      order by found_rows.created_at, found_rows.id
      limit 1
    ) as stray
    union all
    -- The engine seals every few seconds; what waits for an hour is kept from it.
    select head_sequence + 1, min(waiting_rows.id), 'row_unsealed', 4
    from waiting_rows
    where waiting_rows.created_at < now() - interval '1 hour'
    having count(*) > 0
  )
  select faults.sequence, faults.row_id, faults.fault
  into broken_sequence, broken_row_id, reason
  from faults
  -- Rows that no seal covers come last: a broken seal leaves such rows behind, too.
  order by faults.weight > 2, faults.sequence, faults.weight
  limit 1;

  is_valid := reason is null;
  return next;
end;
$$;

create function public.verify_audit_chain(p_organization_id uuid)
returns table (
  is_valid boolean,
  broken_sequence bigint,
  broken_row_id bigint,
  reason text,
  head_sequence bigint,
  head_hash text,
  seal_count bigint,
  sealed_row_count bigint,
  archived_row_count bigint,
  unsealed_row_count bigint
)
language sql
stable
security invoker
set search_path = ''
-- The API takes it over for the call: a long trail is read longer than others' requests may last.
set statement_timeout = '120s'
as $$
  select * from private.verify_audit_chain(p_organization_id);
$$;

comment on function public.verify_audit_chain(uuid) is
  'Verifies the audit trail of an organization. One row: is_valid; broken_sequence, broken_row_id '
  'and reason of the first seal that does not hold (seal_missing, seal_altered, seal_out_of_order, '
  'seal_added, row_missing, row_altered, row_added, row_unsealed); head_sequence and head_hash, to '
  'be kept elsewhere; seal_count, sealed_row_count, archived_row_count, unsealed_row_count. Needs '
  'audit.read and audit.export. Errors: permission_denied.';

grant execute on function
  private.require_audit_permission(uuid, text[]),
  private.verify_audit_chain(uuid),
  public.verify_audit_chain(uuid)
to authenticated, service_role;
