-- Archives in Storage: where they lie, who reaches them, and when they go. Exports lie below the id
-- of their organization, or users/<id> for a person's own; archives to import below users/<id>.

insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
values
  ('exports', 'exports', false, null, '{application/zip}'),
  -- A worker holds the archive that it imports in its memory.
  ('imports', 'imports', false, 52428800, '{application/zip}')
-- There still, when this was taken back and archives were in them.
on conflict (id) do nothing;

-- The policy select_member opens the folders of organizations by this, and to everybody their own.
insert into private.storage_readers (bucket, permission_key)
values ('exports', 'organizations.export');

create policy insert_archive on storage.objects
  for insert
  to authenticated
  with check (
    bucket_id = 'imports'
    and (storage.foldername(name))[1] = 'users'
    and (storage.foldername(name))[2] = (select auth.uid())::text
  );

create policy delete_archive on storage.objects
  for delete
  to authenticated
  using (
    bucket_id = 'imports'
    and (storage.foldername(name))[1] = 'users'
    and (storage.foldername(name))[2] = (select auth.uid())::text
  );
-- No update: what a worker is reading stays what it was. Nobody but the service writes exports.

-- Has archives removed whose time is over, and all that lay for longer. Returns how many.
create function private.expire_archives()
returns integer
language plpgsql
volatile
security definer -- nobody else writes transfers or reads all of Storage
set search_path = ''
as $$
declare
  v_paths text[];
  v_bucket text;
  v_path text;
  v_count integer := 0;
begin
  with expired as (
    update public.organization_transfers
    set archive_path = null
    from (
      select organization_transfers.id, organization_transfers.archive_path
      from public.organization_transfers
      where organization_transfers.archive_path is not null
        and organization_transfers.expires_at < now()
      limit 100
      for update skip locked
    ) as old
    where organization_transfers.id = old.id
    returning old.archive_path
  ), expired_personal as (
    update public.personal_data_exports
    set archive_path = null
    from (
      select personal_data_exports.id, personal_data_exports.archive_path
      from public.personal_data_exports
      where personal_data_exports.archive_path is not null
        and personal_data_exports.expires_at < now()
      limit 100
      for update skip locked
    ) as old
    where personal_data_exports.id = old.id
    returning old.archive_path
  )
  select array_agg(gone.archive_path)
  into v_paths
  from (
    select expired.archive_path from expired
    union all
    select expired_personal.archive_path from expired_personal
  ) as gone;

  foreach v_path in array coalesce(v_paths, '{}') loop
    perform private.remove_archive('exports', v_path);
    v_count := v_count + 1;
  end loop;

  -- An upload that nobody imported, and what a worker left behind that never came to its end.
  for v_bucket, v_path in
    select objects.bucket_id, objects.name
    from storage.objects
    where objects.bucket_id in ('exports', 'imports')
      and objects.created_at < now() - interval '8 days'
      and not exists (
        select
        from public.organization_transfers
        where organization_transfers.archive_path = objects.name
          and organization_transfers.kind = 'import'
          and organization_transfers.status in ('pending', 'running')
      )
    limit 100
  loop
    perform private.remove_archive(v_bucket, v_path);
    v_count := v_count + 1;
  end loop;
  return v_count;
end;
$$;

-- Fails the transfers of a table whose job is not in the queue any more. Returns how many.
create function private.fail_lost_transfers_of(p_table text)
returns integer
language plpgsql
volatile
security definer -- transfers are written by nobody else
set search_path = ''
as $$
declare
  v_id uuid;
  v_count integer := 0;
begin
  for v_id in
    execute format(
      'select lost.id from public.%I as lost '
      'where lost.status in (''pending'', ''running'') and not exists ('
      'select from private.jobs where jobs.queue = ''transfers'' '
      'and jobs.dedupe_key = lost.id::text) limit 100 for update skip locked',
      p_table
    )
  loop
    perform private.end_transfer(
      p_table,
      v_id,
      'failed',
      coalesce(
        (
          select format(
            'It broke off after %s attempts: %s', dead_jobs.attempts, dead_jobs.last_error
          )
          from private.dead_jobs
          where dead_jobs.queue = 'transfers'
            and dead_jobs.payload ->> 'transfer_id' = v_id::text
          order by dead_jobs.id desc
          limit 1
        ),
        'It broke off: its job is gone from the queue.'
      )
    );
    v_count := v_count + 1;
  end loop;
  return v_count;
end;
$$;

-- Lets no transfer stay unfinished for ever, and forgets rows on their way that belong to none.
create function private.fail_lost_transfers()
returns integer
language plpgsql
volatile
security definer -- transfers are written by nobody else
set search_path = ''
as $$
declare
  v_count integer;
begin
  v_count := private.fail_lost_transfers_of('organization_transfers')
    + private.fail_lost_transfers_of('personal_data_exports');

  perform private.forget_transfer_rows(lost.transfer_id)
  from (select distinct transfer_tables.transfer_id from private.transfer_tables) as lost
  where not exists (
    select
    from private.jobs
    where jobs.queue = 'transfers'
      and jobs.dedupe_key = lost.transfer_id::text
  );
  return v_count;
end;
$$;

insert into private.tick_parts (name, place, function_name)
values
  ('archives_expired', 160, 'expire_archives'),
  ('transfers_failed', 161, 'fail_lost_transfers');
