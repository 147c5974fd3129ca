-- Organization transfers: an organization on its way into an archive, or out of one.
-- A row is what people see and follow live; the function organization-transfer does the work, as a
-- job of the queue "transfers" found by its dedupe key: the id of the transfer.

insert into public.permissions (key, description)
values ('organizations.export', 'Export all of the organization, whatever else one may see.');

insert into public.role_permissions (role_id, permission_key)
select roles.id, 'organizations.export'
from public.roles
where roles.organization_id is null
  and roles.name in ('owner', 'admin');

create table public.organization_transfers (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid references public.organizations (id) on delete cascade,
  kind text not null,
  status text not null default 'pending',
  progress_percent integer not null default 0,
  current_table text,
  tables jsonb not null default '{}',
  result jsonb,
  name text,
  slug text,
  archive_path text,
  archive_bytes bigint,
  archive_sha256 text,
  error_message text,
  requested_by_user_id uuid references public.profiles (id) on delete set null,
  started_at timestamptz,
  completed_at timestamptz,
  expires_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint organization_transfers_kind_check check (kind in ('export', 'import')),
  constraint organization_transfers_status_check check (
    status in ('pending', 'running', 'completed', 'failed', 'cancelled')
  ),
  constraint organization_transfers_progress_percent_check check (
    progress_percent between 0 and 100
  ),
  constraint organization_transfers_tables_check check (jsonb_typeof(tables) = 'object'),
  constraint organization_transfers_export_has_organization_check check (
    kind = 'import' or organization_id is not null
  ),
  constraint organization_transfers_end_is_dated_check check (
    (status in ('completed', 'failed', 'cancelled')) = (completed_at is not null)
  )
);

comment on table public.organization_transfers is
  'An export of an organization into an archive, or an import of one. Written by the engine alone; '
  'followed live through Realtime.';
comment on column public.organization_transfers.organization_id is
  'Null for an import until it is completed: the organization is not there before.';
comment on column public.organization_transfers.current_table is 'What is being worked on.';
comment on column public.organization_transfers.tables is
  'How many rows, by the name of the table.';
comment on column public.organization_transfers.result is
  'What a completed import came to: rows by table, what was left out, which secrets to set anew '
  'and who was invited.';
comment on column public.organization_transfers.name is
  'Of an import: the name that the organization gets instead of its own.';
comment on column public.organization_transfers.slug is
  'Of an import: the slug that the organization gets instead of its own.';
comment on column public.organization_transfers.archive_path is
  'In the bucket exports, or imports. Null once the archive has been removed.';
comment on column public.organization_transfers.archive_sha256 is 'Of the whole archive, in hex.';
comment on column public.organization_transfers.expires_at is 'When the archive is removed.';

create index organization_transfers_organization_id_created_at_idx
  on public.organization_transfers (organization_id, created_at desc);
create index organization_transfers_requested_by_user_id_idx
  on public.organization_transfers (requested_by_user_id);
create index organization_transfers_expires_at_idx
  on public.organization_transfers (expires_at)
  where archive_path is not null;
create index organization_transfers_unfinished_idx
  on public.organization_transfers (created_at)
  where status in ('pending', 'running');
-- One export of an organization, and one import of a person, at a time.
create unique index organization_transfers_unfinished_export_key
  on public.organization_transfers (organization_id)
  where kind = 'export' and status in ('pending', 'running');
create unique index organization_transfers_unfinished_import_key
  on public.organization_transfers (requested_by_user_id)
  where kind = 'import' and status in ('pending', 'running');

create trigger _900_touch_updated_at
  before update on public.organization_transfers
  for each row
  execute function private.touch_updated_at();

alter table public.organization_transfers enable row level security;

create policy select_exporter on public.organization_transfers
  for select
  to authenticated
  using (
    organization_id = any ((select private.organizations_with('organizations.export'))::uuid[])
    or organization_id is null and requested_by_user_id = (select auth.uid())
  );

grant select on public.organization_transfers to authenticated, service_role;
-- No insert, update or delete, not for the service either: a transfer and its job are made and
-- ended together.

alter publication supabase_realtime add table public.organization_transfers;

insert into private.queue_workers (queue, function_name)
values ('transfers', 'organization-transfer');

-- The rows of a transfer between the database and its worker. Unlogged: a crash costs a repeated
-- step, and no transfer pays for the log.
create unlogged table private.transfer_chunks (
  transfer_id uuid not null,
  table_name text not null,
  chunk integer not null,
  row_count integer not null,
  lines text not null,

  constraint transfer_chunks_pkey primary key (transfer_id, table_name, chunk)
);

comment on table private.transfer_chunks is
  'The rows of a transfer on their way, as lines of JSON: at most 1000 rows, about 1 MB each.';

create unlogged table private.transfer_tables (
  transfer_id uuid not null,
  table_name text not null,
  place integer not null,
  columns jsonb not null,
  row_count bigint not null,
  chunk_count integer not null,

  constraint transfer_tables_pkey primary key (transfer_id, table_name)
);

comment on table private.transfer_tables is
  'The tables of a transfer on its way: columns as [{"name", "type"}].';

create unlogged table private.transfer_manifests (
  transfer_id uuid not null,
  manifest jsonb not null,

  constraint transfer_manifests_pkey primary key (transfer_id)
);

comment on table private.transfer_manifests is
  'What the archives of imports under way say of them.';

create function private.forget_transfer_rows(p_transfer_id uuid)
returns void
language plpgsql
volatile
security definer -- no role has a grant on tables in private
set search_path = ''
as $$
begin
  delete from private.transfer_chunks where transfer_chunks.transfer_id = p_transfer_id;
  delete from private.transfer_tables where transfer_tables.transfer_id = p_transfer_id;
  delete from private.transfer_manifests where transfer_manifests.transfer_id = p_transfer_id;
end;
$$;

-- Nothing of an organization or a person is on its way any more when they are gone.
create function private.forget_deleted_transfer()
returns trigger
language plpgsql
volatile
security definer -- whoever deletes the organization cannot reach tables in private
set search_path = ''
as $$
begin
  perform private.forget_transfer_rows(old.id);
  return null;
end;
$$;

comment on function private.forget_deleted_transfer() is
  'Trigger: removes the rows of a transfer that were on their way when it was deleted.';

create trigger _500_forget_rows
  after delete on public.organization_transfers
  for each row
  execute function private.forget_deleted_transfer();

create function private.drop_transfer_of_nobody()
returns trigger
language plpgsql
volatile
security definer -- nobody is granted to delete transfers
set search_path = ''
as $$
begin
  delete from public.organization_transfers where organization_transfers.id = new.id;
  return null;
end;
$$;

comment on function private.drop_transfer_of_nobody() is
  'Trigger: an import that came to nothing goes with the person who asked for it.';

create trigger _510_drop_transfer_of_nobody
  after update of requested_by_user_id on public.organization_transfers
  for each row
  when (new.requested_by_user_id is null and new.organization_id is null)
  execute function private.drop_transfer_of_nobody();

-- What a leased job of the queue works on: the row as JSON, locked, with "kind" as the job has it
-- and "table" where it is. Null when it is gone or over. Raises PT409 lease_lost.
create function private.hold_transfer(p_job_id bigint, p_lease_token bigint)
returns jsonb
language plpgsql
volatile
security definer -- no role has a grant on the queue's tables
set search_path = ''
as $$
declare
  v_job constant private.jobs := private.hold_lease(p_job_id, p_lease_token);
  v_table constant text := case
    when v_job.kind = 'export_personal_data' then 'personal_data_exports'
    else 'organization_transfers'
  end;
  v_transfer jsonb;
begin
  execute format(
    'select to_jsonb(transfer) from public.%I as transfer where transfer.id = $1 '
    'and transfer.status in (''pending'', ''running'') for update',
    v_table
  )
  into v_transfer
  using (v_job.payload ->> 'transfer_id')::uuid;

  return v_transfer || jsonb_build_object('kind', v_job.kind, 'table', v_table);
end;
$$;

-- The id of the transfer that a leased job works on, without a lock. Raises PT409 lease_lost.
create function private.transfer_of_job(p_job_id bigint, p_lease_token bigint)
returns uuid
language plpgsql
stable
security definer -- no role has a grant on the queue's tables
set search_path = ''
as $$
declare
  v_id uuid;
begin
  select (jobs.payload ->> 'transfer_id')::uuid
  into v_id
  from private.jobs
  where jobs.id = p_job_id
    and jobs.lease_token = p_lease_token
    and p_lease_token > 0;

  if v_id is null then
    perform private.raise_lease_lost(p_job_id);
  end if;
  return v_id;
end;
$$;

-- Ends a transfer whatever becomes of its job.
create function private.end_transfer(
  p_table text,
  p_transfer_id uuid,
  p_status text,
  p_error text default null
)
returns void
language plpgsql
volatile
security definer -- transfers are written by nobody else
set search_path = ''
as $$
begin
  execute format(
    'update public.%I set status = $2, completed_at = now(), current_table = null, '
    'error_message = $3 where id = $1 and status in (''pending'', ''running'')',
    p_table
  )
  using p_transfer_id, p_status, left(p_error, 2000);

  perform private.forget_transfer_rows(p_transfer_id);
end;
$$;

-- Begins or goes on with the transfer of a leased job. Null when there is nothing to do: the job is
-- ended then. Whoever asked for an export must still be allowed to.
create function private.start_transfer(p_job_id bigint, p_lease_token bigint)
returns jsonb
language plpgsql
volatile
security definer -- transfers are written by nobody else
set search_path = ''
as $$
declare
  v_transfer constant jsonb := private.hold_transfer(p_job_id, p_lease_token);
begin
  if v_transfer is null then
    perform private.complete_job(p_job_id, p_lease_token);
    return null;
  elsif v_transfer ->> 'kind' = 'export_organization' and not exists (
    select
    from public.organization_members
    where organization_members.organization_id = (v_transfer ->> 'organization_id')::uuid
      and organization_members.user_id = (v_transfer ->> 'requested_by_user_id')::uuid
      and organization_members.status = 'active'
      and 'organizations.export' = any (organization_members.permissions)
  ) then
    perform private.end_transfer(
      v_transfer ->> 'table',
      (v_transfer ->> 'id')::uuid,
      'failed',
      'Whoever asked for the export may not export the organization any more.'
    );
    perform private.complete_job(p_job_id, p_lease_token);
    return null;
  end if;

  execute format(
    'update public.%I set status = ''running'', started_at = coalesce(started_at, now()) '
    'where id = $1',
    v_transfer ->> 'table'
  )
  using (v_transfer ->> 'id')::uuid;

  return jsonb_build_object(
    'id', v_transfer -> 'id',
    'kind', v_transfer -> 'kind',
    'organization_id', v_transfer -> 'organization_id',
    'user_id', coalesce(v_transfer -> 'requested_by_user_id', v_transfer -> 'user_id'),
    'archive_path', v_transfer -> 'archive_path'
  );
end;
$$;

create function private.report_transfer_progress(
  p_job_id bigint,
  p_lease_token bigint,
  p_progress_percent integer,
  p_current_table text default null
)
returns void
language plpgsql
volatile
security definer -- transfers are written by nobody else
set search_path = ''
as $$
declare
  v_transfer constant jsonb := private.hold_transfer(p_job_id, p_lease_token);
begin
  if v_transfer is null then
    raise sqlstate 'PT409' using
      message = 'The transfer is over',
      detail = 'transfer_over',
      hint = 'It was cancelled, or went with its organization.';
  end if;

  execute format(
    'update public.%I set progress_percent = $2, current_table = $3 where id = $1',
    v_transfer ->> 'table'
  )
  using
    (v_transfer ->> 'id')::uuid,
    least(greatest(p_progress_percent, 0), 100),
    left(p_current_table, 200);
end;
$$;

-- Ends the transfer and its job with a reason that its owner reads.
create function private.fail_transfer(p_job_id bigint, p_lease_token bigint, p_error text)
returns void
language plpgsql
volatile
security definer -- transfers are written by nobody else
set search_path = ''
as $$
declare
  v_transfer constant jsonb := private.hold_transfer(p_job_id, p_lease_token);
begin
  if v_transfer is not null then
    perform private.end_transfer(
      v_transfer ->> 'table', (v_transfer ->> 'id')::uuid, 'failed', p_error
    );
  end if;
  perform private.complete_job(p_job_id, p_lease_token);
end;
$$;

-- Its worker finds it over, and stops.
create function private.cancel_transfer(p_transfer_id uuid)
returns public.organization_transfers
language plpgsql
volatile
security definer -- transfers are written by nobody else
set search_path = ''
as $$
declare
  v_transfer public.organization_transfers;
begin
  select organization_transfers.*
  into v_transfer
  from public.organization_transfers
  where organization_transfers.id = p_transfer_id
    and (
      organization_transfers.organization_id = any (
        private.organizations_with('organizations.export')
      )
      or organization_transfers.organization_id is null
      and organization_transfers.requested_by_user_id = auth.uid()
    )
  for update;

  if v_transfer.id is null then
    raise sqlstate 'PT404' using
      message = 'No transfer with that id',
      detail = 'transfer_not_found',
      hint = 'Select from organization_transfers to see those you may cancel.';
  elsif v_transfer.completed_at is not null then
    raise sqlstate 'PT409' using
      message = format('The transfer is %s', v_transfer.status),
      detail = 'transfer_over',
      hint = 'Only a transfer that is pending or running can be cancelled.';
  end if;

  perform private.end_transfer('organization_transfers', p_transfer_id, 'cancelled');

  select organization_transfers.*
  into v_transfer
  from public.organization_transfers
  where organization_transfers.id = p_transfer_id;
  return v_transfer;
end;
$$;

create function public.start_transfer(p_job_id bigint, p_lease_token bigint)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.start_transfer(p_job_id, p_lease_token);
$$;

create function public.report_transfer_progress(
  p_job_id bigint,
  p_lease_token bigint,
  p_progress_percent integer,
  p_current_table text default null
)
returns void
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.report_transfer_progress(
    p_job_id, p_lease_token, p_progress_percent, p_current_table
  );
$$;

create function public.fail_transfer(p_job_id bigint, p_lease_token bigint, p_error text)
returns void
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.fail_transfer(p_job_id, p_lease_token, p_error);
$$;

create function public.cancel_transfer(p_transfer_id uuid)
returns public.organization_transfers
language sql
volatile
security invoker
set search_path = ''
as $$
  select * from private.cancel_transfer(p_transfer_id);
$$;

comment on function public.start_transfer(bigint, bigint) is
  'Begins or goes on with the transfer of a leased job: {id, kind, organization_id, user_id, '
  'archive_path}, or null when there is nothing to do and the job is ended. Service only. Errors: '
  'lease_lost.';
comment on function public.report_transfer_progress(bigint, bigint, integer, text) is
  'Says how far a leased transfer is. Service only. Errors: lease_lost, transfer_over.';
comment on function public.fail_transfer(bigint, bigint, text) is
  'Ends a leased transfer with a reason for its owner, and its job. Service only. Errors: '
  'lease_lost.';
comment on function public.cancel_transfer(uuid) is
  'Cancels an export or import that is not over. Needs organizations.export, or to have asked for '
  'the import. Errors: transfer_not_found, transfer_over.';

grant execute on function
  private.start_transfer(bigint, bigint),
  private.report_transfer_progress(bigint, bigint, integer, text),
  private.fail_transfer(bigint, bigint, text),
  public.start_transfer(bigint, bigint),
  public.report_transfer_progress(bigint, bigint, integer, text),
  public.fail_transfer(bigint, bigint, text)
to service_role;

grant execute on function private.cancel_transfer(uuid), public.cancel_transfer(uuid)
  to authenticated;
