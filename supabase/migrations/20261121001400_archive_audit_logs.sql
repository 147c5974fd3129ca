-- Archiving audit logs: a month that is past its organization's retention moves, with its seals, as
-- compressed lines of JSON to Storage, and only then leaves the database. The function
-- audit-archiver carries the bytes; what is gone and when is decided here.
--
-- A month goes in parts of whole seals, so that no part is too large for one object or one
-- transaction, and a row that was sealed late has its way out, too. The seals stay, so the chain
-- still verifies, and what was found wrong with the rows on their way out stays with them.

alter table public.organization_quotas
  add column audit_retention_months integer not null default 24,
  add constraint organization_quotas_audit_retention_months_check check (
    audit_retention_months between 1 and 120
  );

comment on column public.organization_quotas.audit_retention_months is
  'How many whole months audit logs stay in the database before they are archived to Storage.';

grant update (audit_retention_months) on public.organization_quotas to authenticated;

create table public.audit_archives (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  month date not null,
  part integer not null,
  path text not null,
  sha256 text not null,
  byte_count bigint not null,
  row_count bigint not null,
  seal_count bigint not null,
  first_sequence bigint not null,
  last_sequence bigint not null,
  first_row_at timestamptz not null,
  last_row_at timestamptz not null,
  created_at timestamptz not null default now(),

  constraint audit_archives_pkey primary key (organization_id, month, part),
  constraint audit_archives_path_key unique (path),
  constraint audit_archives_path_check check (starts_with(path, organization_id || '/')),
  constraint audit_archives_sha256_check check (sha256 ~ '^[0-9a-f]{64}$')
);

comment on table public.audit_archives is
  'Objects in the bucket audit-archives that hold audit logs which left the database.';
comment on column public.audit_archives.part is
  'The place among the archives of the month, from 1.';
comment on column public.audit_archives.sha256 is 'Of the object as it is stored, compressed.';
comment on column public.audit_archives.row_count is 'Audit logs in it.';
comment on column public.audit_archives.seal_count is
  'Seals in it: each line of a seal follows the lines of its rows. SHA-256 of a line is what the '
  'seal, and the next seal, say it is.';
comment on column public.audit_archives.first_sequence is
  'The first of its seals. Seals of other months may lie between them.';

create trigger _110_keep_all
  before truncate on public.audit_archives
  for each statement
  execute function private.keep_audit_seals();

-- An archive is never changed, and goes with its organization: the seals' guard says the same.
create trigger _100_keep
  before update or delete on public.audit_archives
  for each row
  execute function private.keep_audit_seals();

alter table public.audit_archives enable row level security;

create policy select_auditor on public.audit_archives
  for select
  to authenticated
  using (organization_id = any ((select private.organizations_with('audit.read'))::uuid[]));

grant select on public.audit_archives to authenticated, service_role;
-- No write for anyone: public.complete_audit_archive() records what it has checked.

insert into storage.buckets (id, name, public)
values ('audit-archives', 'audit-archives', false)
-- There still, when this was taken back and archives were in it.
on conflict (id) do nothing;

-- Who reads what in Storage: the permission that opens an organization's folder of a bucket.
create table private.storage_readers (
  bucket text primary key,
  permission_key text not null references public.permissions (key) on delete cascade
);

comment on table private.storage_readers is
  'The permission that it takes to read an organization''s folder in a bucket of Storage.';

create index storage_readers_permission_key_idx on private.storage_readers (permission_key);

insert into private.storage_readers (bucket, permission_key)
values ('audit-archives', 'audit.export');

-- The folders of organizations that the caller may read, as '<bucket>/<organization id>'.
create function private.readable_storage_folders()
returns text[]
language plpgsql
stable
security definer -- the table is private
set search_path = ''
as $$
begin
  return array(
    select storage_readers.bucket || '/' || readable.organization_id
    from private.storage_readers
    cross join lateral unnest(private.organizations_with(storage_readers.permission_key))
      as readable (organization_id)
  );
end;
$$;

comment on function private.readable_storage_folders() is
  'The folders in Storage that the caller may read. For policies.';

grant execute on function private.readable_storage_folders() to authenticated;

-- One policy for all buckets, as each command and role has one. A person reads what is below
-- users/<their id>/, whatever the bucket.
create policy select_member on storage.objects
  for select
  to authenticated
  using (
    bucket_id || '/' || split_part(name, '/', 1)
      = any ((select private.readable_storage_folders())::text[])
    or starts_with(name, 'users/' || (select auth.uid()) || '/')
  );
-- No other policy for archives: the service alone puts them there.

insert into private.queue_workers (queue, function_name) values ('audit', 'audit-archiver');

-- Rows may leave only after an archive that their time falls into was recorded.
create or replace function private.audit_month_is_archived(
  p_organization_id uuid,
  p_created_at timestamptz
)
returns boolean
language sql
stable
security invoker
set search_path = ''
as $$
  select exists (
    select
    from public.audit_archives
    where audit_archives.organization_id = p_organization_id
      and audit_archives.month = date_trunc('month', p_created_at at time zone 'UTC')::date
      and p_created_at between audit_archives.first_row_at and audit_archives.last_row_at
  );
$$;

-- When retention was looked at last, so that not every turn of the engine asks for every
-- organization. One row.
create table private.audit_retention_looks (
  id boolean primary key default true,
  looked_at timestamptz not null default '-infinity',

  constraint audit_retention_looks_id_check check (id)
);

comment on table private.audit_retention_looks is 'When it was last looked for months to archive.';

insert into private.audit_retention_looks default values;

-- A part of the tick. Enqueues a job for the oldest month of each organization that is past its
-- retention; the next one follows when it is through. A job that died is tried again after a day.
create function private.enqueue_audit_archives(p_pause interval default '10 minutes')
returns integer
language plpgsql
volatile
security definer -- no role has a grant on the queue's tables
set search_path = ''
as $$
declare
  v_this_month constant date := date_trunc('month', now() at time zone 'UTC')::date;
begin
  perform
  from private.audit_retention_looks
  where audit_retention_looks.looked_at <= now() - p_pause
  for update skip locked;

  if not found then
    return 0;
  end if;

  update private.audit_retention_looks set looked_at = now();

  return (
    select coalesce(
      private.enqueue_jobs(
        p_queue => 'audit',
        p_kind => 'archive_audit_month',
        p_payloads => array_agg(jsonb_build_object('month', due.month)),
        p_organization_ids => array_agg(due.organization_id),
        p_dedupe_keys => array_agg(format('archive %s %s', due.organization_id, due.month))
      ),
      0
    )
    from (
      select organization_quotas.organization_id, to_char(oldest.month, 'YYYY-MM') as month
      from public.organization_quotas
      cross join lateral (
        select audit_seals.month
        from public.audit_seals
        where audit_seals.organization_id = organization_quotas.organization_id
          and audit_seals.archive_path is null
          and audit_seals.month < v_this_month
            - make_interval(months => organization_quotas.audit_retention_months)
        order by audit_seals.month
        limit 1
      ) as oldest
    ) as due
    where not exists (
      select
      from private.dead_jobs
      where dead_jobs.organization_id = due.organization_id
        and dead_jobs.queue = 'audit'
        and dead_jobs.payload ->> 'month' = due.month
        and dead_jobs.died_at > now() - interval '1 day'
    )
  );
end;
$$;

comment on function private.enqueue_audit_archives(interval) is
  'Enqueues jobs for months of audit logs past their retention, at most once in a while; returns '
  'how many.';

-- What a worker says while it holds the lease of a month. Errors of all: PT409 lease_lost.

-- The month to archive and the seals of it that are still here; null when there is nothing to do.
create function private.start_audit_archive(p_job_id bigint, p_lease_token bigint)
returns jsonb
language plpgsql
volatile
security definer -- no role has a grant on the queue's tables
set search_path = ''
as $$
declare
  v_job private.jobs := private.hold_lease(p_job_id, p_lease_token);
begin
  return (
    select case
      when count(*) > 0 then
        jsonb_build_object(
          'organization_id', v_job.organization_id,
          'month', v_job.payload ->> 'month',
          'seal_count', count(*),
          'row_count', sum(audit_seals.row_count)
        )
    end
    from public.audit_seals
    where audit_seals.organization_id = v_job.organization_id
      and audit_seals.month = (v_job.payload ->> 'month' || '-01')::date
      and audit_seals.archive_path is null
  );
end;
$$;

-- The lines after a place, up to a thousand rows or four megabytes: of each seal its rows, then the
-- seal. Null behind the last. through_sequence is the last seal that is whole by then.
create function private.read_audit_archive_page(
  p_job_id bigint,
  p_lease_token bigint,
  p_after_sequence bigint default 0,
  p_after_row_id bigint default null
)
returns jsonb
language plpgsql
volatile
security definer -- no role has a grant on the queue's tables
set search_path = ''
as $$
declare
  v_job private.jobs := private.hold_lease(p_job_id, p_lease_token);
  v_page jsonb;
begin
  with seals as materialized (
    select audit_seals.*
    from public.audit_seals
    where audit_seals.organization_id = v_job.organization_id
      and audit_seals.month = (v_job.payload ->> 'month' || '-01')::date
      and audit_seals.archive_path is null
      and (
        audit_seals.sequence > p_after_sequence
        or audit_seals.sequence = p_after_sequence and p_after_row_id is not null
      )
    order by audit_seals.sequence
    limit 1000
  ), sealed_rows as materialized (
    select
      seals.sequence,
      sealed.id,
      sealed.place = seals.row_count as is_last,
      seals.first_row_at,
      seals.last_row_at
    from seals
    cross join lateral unnest(seals.row_ids) with ordinality as sealed (id, place)
    where seals.sequence > p_after_sequence
      or sealed.id > p_after_row_id
    order by seals.sequence, sealed.id
    limit 1000
  ), logs as (
    select audit_logs.id, private.audit_log_text(audit_logs) as line
    from public.audit_logs
    where audit_logs.organization_id = v_job.organization_id
      and audit_logs.created_at between (select min(sealed_rows.first_row_at) from sealed_rows)
        and (select max(sealed_rows.last_row_at) from sealed_rows)
      and audit_logs.id in (select sealed_rows.id from sealed_rows)
  ), lines as (
    select
      sealed_rows.sequence,
      sealed_rows.id,
      sealed_rows.is_last,
      logs.line,
      sum(coalesce(octet_length(logs.line), 0)) over (
        order by sealed_rows.sequence, sealed_rows.id
        rows between unbounded preceding and 1 preceding
      ) as bytes_before
    from sealed_rows
    left join logs on logs.id = sealed_rows.id
  ), page as (
    select
      lines.sequence,
      lines.id,
      lines.is_last,
      lines.line,
      case
        when lines.is_last then
          private.audit_seal_text(
            seals.organization_id, seals.sequence, seals.month, seals.row_ids, seals.first_row_at,
            seals.last_row_at, seals.rows_hash, seals.previous_hash, seals.sealed_at
          )
      end as seal_line
    from lines
    join seals on seals.sequence = lines.sequence
    where coalesce(lines.bytes_before, 0) < 4000000
  )
  select jsonb_build_object(
    'sequence', (array_agg(page.sequence order by page.sequence desc, page.id desc))[1],
    'row_id', (array_agg(page.id order by page.sequence desc, page.id desc))[1],
    'through_sequence', max(page.sequence) filter (where page.is_last),
    'is_whole', bool_or(page.is_last and page.sequence = last.sequence),
    'row_count', count(page.line),
    'lines', string_agg(
      concat(page.line || chr(10), page.seal_line || chr(10)), '' order by page.sequence, page.id
    )
  )
  into v_page
  from page
  cross join (select max(page.sequence) as sequence from page) as last
  having count(*) > 0;

  return v_page;
end;
$$;

-- Records an archive of all seals of the month up to p_through_sequence that are still here, and
-- lets their rows go. The object must be in Storage, in its full size, and hold as many rows as
-- there are. Returns how many rows went.
-- Errors: PT409 audit_archive_missing, audit_archive_incomplete.
create function private.complete_audit_archive(
  p_job_id bigint,
  p_lease_token bigint,
  p_path text,
  p_sha256 text,
  p_byte_count bigint,
  p_row_count bigint,
  p_through_sequence bigint
)
returns integer
language plpgsql
volatile
security definer -- nobody is granted to delete audit logs
set search_path = ''
as $$
declare
  v_job private.jobs := private.hold_lease(p_job_id, p_lease_token);
  v_month constant date := (v_job.payload ->> 'month' || '-01')::date;
  v_archive public.audit_archives;
  v_sequences bigint[];
  v_faults text[];
  v_count integer;
begin
  if not exists (
    select
    from storage.objects
    where objects.bucket_id = 'audit-archives'
      and objects.name = p_path
      and coalesce((objects.metadata ->> 'size')::bigint, p_byte_count) = p_byte_count
  ) then
    raise sqlstate 'PT409' using
      message = 'There is no such object in Storage, or it is not whole',
      detail = 'audit_archive_missing',
      hint = 'Upload the archive again, then complete it.';
  end if;

  -- What is wrong with the rows now can be found here for the last time.
  select
    array_agg(judged.sequence order by judged.sequence),
    array_agg(judged.fault order by judged.sequence),
    sum(judged.found_count),
    count(*),
    min(judged.sequence),
    max(judged.sequence),
    min(judged.first_row_at),
    max(judged.last_row_at)
  into
    v_sequences, v_faults, v_archive.row_count, v_archive.seal_count, v_archive.first_sequence,
    v_archive.last_sequence, v_archive.first_row_at, v_archive.last_row_at
  from private.judge_audit_seals(v_job.organization_id, v_month, p_through_sequence) as judged;

  if v_archive.row_count is distinct from p_row_count then
    raise sqlstate 'PT409' using
      message = format(
        'The archive holds %s rows where there are %s', p_row_count,
        coalesce(v_archive.row_count, 0)
      ),
      detail = 'audit_archive_incomplete',
      hint = 'Read the month again from its beginning.';
  end if;

  v_archive.part := 1 + (
    select count(*)
    from public.audit_archives
    where audit_archives.organization_id = v_job.organization_id
      and audit_archives.month = v_month
  );

  insert into public.audit_archives
    (
      organization_id, month, part, path, sha256, byte_count, row_count, seal_count,
      first_sequence, last_sequence, first_row_at, last_row_at
    )
  values (
    v_job.organization_id, v_month, v_archive.part, p_path, p_sha256, p_byte_count,
    v_archive.row_count, v_archive.seal_count, v_archive.first_sequence, v_archive.last_sequence,
    v_archive.first_row_at, v_archive.last_row_at
  );

  with gone as (
    select audit_seals.sequence, sealed.id
    from public.audit_seals
    cross join lateral unnest(audit_seals.row_ids) as sealed (id)
    where audit_seals.organization_id = v_job.organization_id
      and audit_seals.sequence = any (v_sequences)
  ), documents as (
    delete from private.audit_documents
    using gone
    where audit_documents.organization_id = v_job.organization_id
      and audit_documents.created_at between v_archive.first_row_at and v_archive.last_row_at
      and audit_documents.audit_log_id = gone.id
  )
  delete from public.audit_logs
  using gone
  where audit_logs.organization_id = v_job.organization_id
    and audit_logs.created_at between v_archive.first_row_at and v_archive.last_row_at
    and audit_logs.id = gone.id;

  get diagnostics v_count = row_count;

  update public.audit_seals
  set archive_path = p_path, archived_at = now(), archived_fault = judged.fault
  from unnest(v_sequences, v_faults) as judged (sequence, fault)
  where audit_seals.organization_id = v_job.organization_id
    and audit_seals.sequence = judged.sequence;

  -- Sealed in its turn: the chain itself says what an archive has to be.
  perform private.record_audit_event(
    v_job.organization_id,
    'audit.archived',
    'audit_archives',
    p_path,
    jsonb_build_object(
      'month', to_char(v_month, 'YYYY-MM'),
      'sha256', p_sha256,
      'row_count', v_archive.row_count,
      'first_sequence', v_archive.first_sequence,
      'last_sequence', v_archive.last_sequence
    )
  );

  return v_count;
end;
$$;

-- Seals of a month that are still here, each with what is wrong with its rows.
create function private.judge_audit_seals(
  p_organization_id uuid,
  p_month date,
  p_through_sequence bigint
)
returns table (
  sequence bigint,
  first_row_at timestamptz,
  last_row_at timestamptz,
  found_count bigint,
  fault text
)
language sql
stable
security invoker
set search_path = ''
as $$
  with seals as materialized (
    select audit_seals.*
    from public.audit_seals
    where audit_seals.organization_id = p_organization_id
      and audit_seals.month = p_month
      and audit_seals.sequence <= p_through_sequence
      and audit_seals.archive_path is null
  ), logs as (
    select
      audit_logs.id,
      sha256(convert_to(private.audit_log_text(audit_logs), 'UTF8')) as hash
    from public.audit_logs
    where audit_logs.organization_id = p_organization_id
      and audit_logs.created_at between (select min(seals.first_row_at) from seals)
        and (select max(seals.last_row_at) from seals)
  ), sums as (
    select
      seals.sequence,
      count(logs.id) as found_count,
      sha256(coalesce(string_agg(logs.hash, '' order by sealed.id), '')) as rows_hash
    from seals
    cross join lateral unnest(seals.row_ids) as sealed (id)
    left join logs on logs.id = sealed.id
    group by seals.sequence
  )
  select
    seals.sequence,
    seals.first_row_at,
    seals.last_row_at,
    sums.found_count,
    case
      when sums.found_count < seals.row_count then 'row_missing'
      when sums.found_count > seals.row_count then 'row_added'
      when sums.rows_hash <> seals.rows_hash then 'row_altered'
    end
  from seals
  join sums on sums.sequence = seals.sequence;
$$;

comment on function private.judge_audit_seals(uuid, date, bigint) is
  'The seals of a month that are not archived yet, each with its fault; null when the rows hold.';

-- Whether an archive that a worker put into Storage belongs to nobody any more: its organization
-- went while it was made, after its folder was emptied.
create function private.is_audit_archive_orphaned(p_path text)
returns boolean
language sql
stable
security definer -- the service may not be asked to read organizations by text
set search_path = ''
as $$
  select not exists (
    select
    from public.organizations
    where organizations.id::text = split_part(p_path, '/', 1)
  );
$$;

-- A part of the tick, and its last: a partition of a past month without rows goes. That takes a
-- lock against every writer, so it is tried without waiting, and held only to the end of the turn.
create function private.drop_audit_partitions()
returns integer
language plpgsql
volatile
security definer -- the engine owns no tables
set search_path = ''
as $$
declare
  v_partition record;
  v_has_rows boolean;
  v_dropped integer := 0;
begin
  for v_partition in
    select pg_class.oid::regclass as name
    from pg_catalog.pg_inherits
    join pg_catalog.pg_class on pg_class.oid = pg_inherits.inhrelid
    where pg_inherits.inhparent = 'public.audit_logs'::regclass
      and pg_class.relname ~ '^audit_logs_\d{6}$'
      and right(pg_class.relname, 6)
        < to_char(now() at time zone 'UTC' - interval '1 month', 'YYYYMM')
  loop
    execute format('select exists (select from %s)', v_partition.name) into v_has_rows;
    continue when v_has_rows;

    begin
      lock table public.audit_logs in access exclusive mode nowait;
      -- Somebody may have written between the look and the lock.
      execute format('select exists (select from %s)', v_partition.name) into v_has_rows;
      if not v_has_rows then
        execute format('drop table %s', v_partition.name);
        v_dropped := v_dropped + 1;
      end if;
    exception
      when lock_not_available then
        return v_dropped;
    end;
  end loop;

  return v_dropped;
end;
$$;

comment on function private.drop_audit_partitions() is
  'Drops partitions of audit_logs that are empty and past; returns how many.';

insert into private.tick_parts (name, place, function_name) values
  ('audit_archives_enqueued', 115, 'enqueue_audit_archives'),
  ('audit_partitions_dropped', 990, 'drop_audit_partitions');

create function public.start_audit_archive(p_job_id bigint, p_lease_token bigint)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.start_audit_archive(p_job_id, p_lease_token);
$$;

create function public.read_audit_archive_page(
  p_job_id bigint,
  p_lease_token bigint,
  p_after_sequence bigint default 0,
  p_after_row_id bigint default null
)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.read_audit_archive_page(
    p_job_id, p_lease_token, p_after_sequence, p_after_row_id
  );
$$;

create function public.complete_audit_archive(
  p_job_id bigint,
  p_lease_token bigint,
  p_path text,
  p_sha256 text,
  p_byte_count bigint,
  p_row_count bigint,
  p_through_sequence bigint
)
returns integer
language sql
volatile
security invoker
set search_path = ''
-- The API takes it over for the call: many rows go at once.
set statement_timeout = '60s'
as $$
  select private.complete_audit_archive(
    p_job_id, p_lease_token, p_path, p_sha256, p_byte_count, p_row_count, p_through_sequence
  );
$$;

create function public.is_audit_archive_orphaned(p_path text)
returns boolean
language sql
stable
security invoker
set search_path = ''
as $$
  select private.is_audit_archive_orphaned(p_path);
$$;

comment on function public.start_audit_archive(bigint, bigint) is
  'The month that a job of the queue audit archives: organization_id, month, and the seal_count '
  'and row_count that are still here; null when there is nothing to do. Service only. Errors: '
  'lease_lost.';
comment on function public.read_audit_archive_page(bigint, bigint, bigint, bigint) is
  'The next lines of the month: lines, row_count, and sequence and row_id to read on from; '
  'through_sequence is the last whole seal, is_whole says that the page ends with it. Null behind '
  'the last. Service only. Errors: lease_lost.';
comment on function public.complete_audit_archive(
  bigint, bigint, text, text, bigint, bigint, bigint
) is
  'Records an uploaded archive of the month''s seals up to p_through_sequence and lets their rows '
  'go; returns how many went. Service only. Errors: lease_lost, audit_archive_missing, '
  'audit_archive_incomplete.';
comment on function public.is_audit_archive_orphaned(text) is
  'Whether the organization of an archive is gone. Service only.';

grant execute on function
  private.start_audit_archive(bigint, bigint),
  private.read_audit_archive_page(bigint, bigint, bigint, bigint),
  private.complete_audit_archive(bigint, bigint, text, text, bigint, bigint, bigint),
  private.is_audit_archive_orphaned(text),
  public.start_audit_archive(bigint, bigint),
  public.read_audit_archive_page(bigint, bigint, bigint, bigint),
  public.complete_audit_archive(bigint, bigint, text, text, bigint, bigint, bigint),
  public.is_audit_archive_orphaned(text)
to service_role;
