-- Cleaning Storage: objects that must go are removed through the Storage API by the function
-- storage-cleaner, never by SQL, which would leave the files behind. A job of the queue "storage"
-- names a bucket and a folder; everything below it goes.
-- An organization's objects lie below <organization id>/, a person's below users/<user id>/, in
-- every bucket. When either is deleted, each bucket gets a job.

insert into private.queue_workers (queue, function_name) values ('storage', 'storage-cleaner');

-- Has everything below a folder removed, in one bucket or in all. Returns how many jobs that takes.
-- Errors: PT400 storage_folder_invalid.
create function private.remove_stored_folder(p_folder text, p_bucket text default null)
returns integer
language plpgsql
volatile
security definer -- no role has a grant on the queue's tables
set search_path = ''
as $$
begin
  -- An empty name would be the whole bucket.
  if coalesce(p_folder, '') !~ '^[^/]+(/[^/]+)*$' then
    raise sqlstate 'PT400' using
      message = 'Cannot empty a folder without a name',
      detail = 'storage_folder_invalid',
      hint = 'Name a folder, such as <organization id> or users/<user id>.';
  end if;

  return (
    select coalesce(
      private.enqueue_jobs(
        p_queue => 'storage',
        p_kind => 'remove_objects',
        p_payloads => array_agg(
          jsonb_build_object('bucket', buckets.id, 'prefix', p_folder || '/') order by buckets.id
        ),
        p_max_attempts => 20,
        p_dedupe_keys => array_agg(
          left(format('%s/%s/', buckets.id, p_folder), 255) order by buckets.id
        )
      ),
      0
    )
    from storage.buckets
    where p_bucket is null
      or buckets.id = p_bucket
  );
end;
$$;

comment on function private.remove_stored_folder(text, text) is
  'Enqueues the removal of all objects below a folder, in one bucket or in all; returns the number '
  'of jobs. Raises storage_folder_invalid.';

create function private.remove_folders_of_organizations()
returns trigger
language plpgsql
volatile
security definer -- no role has a grant on the queue's tables
set search_path = ''
as $$
begin
  perform private.remove_stored_folder(deleted.id::text) from deleted;
  return null;
end;
$$;

comment on function private.remove_folders_of_organizations() is
  'Trigger: has the objects of deleted organizations removed.';

create function private.remove_folders_of_users()
returns trigger
language plpgsql
volatile
security definer -- no role has a grant on the queue's tables
set search_path = ''
as $$
begin
  perform private.remove_stored_folder('users/' || deleted.id) from deleted;
  return null;
end;
$$;

comment on function private.remove_folders_of_users() is
  'Trigger: has the objects of deleted users removed.';

create trigger _900_remove_folders
  after delete on public.organizations
  referencing old table as deleted
  for each statement
  execute function private.remove_folders_of_organizations();

-- A profile goes with its user.
create trigger _900_remove_folders
  after delete on public.profiles
  referencing old table as deleted
  for each statement
  execute function private.remove_folders_of_users();

-- The names of some objects below a folder, for the cleaner: the Storage API lists one level of
-- folders at a time, and this any depth.
create function private.stored_object_names(p_bucket text, p_prefix text, p_limit integer)
returns text[]
language plpgsql
stable
security definer -- the schema storage is closed to API roles
set search_path = ''
as $$
declare
  v_names text[];
begin
  if coalesce(p_prefix, '') !~ '^[^/]+(/[^/]+)*/$' then
    raise sqlstate 'PT400' using
      message = 'Cannot list a folder without a name',
      detail = 'storage_folder_invalid',
      hint = 'Pass the folder with a slash at its end.';
  end if;

  -- With the pattern as a literal, so that the index over names serves it.
  execute format(
    'select array(select objects.name from storage.objects '
    'where objects.bucket_id = $1 and objects.name like %L limit $2)',
    regexp_replace(p_prefix, '([%_\\])', '\\\1', 'g') || '%'
  )
  into v_names
  using p_bucket, least(greatest(p_limit, 1), 1000);
  return v_names;
end;
$$;

create function public.stored_object_names(
  p_bucket text,
  p_prefix text,
  p_limit integer default 1000
)
returns text[]
language sql
stable
security invoker
set search_path = ''
as $$
  select private.stored_object_names(p_bucket, p_prefix, p_limit);
$$;

comment on function public.stored_object_names(text, text, integer) is
  'Names of up to p_limit (at most 1000) objects below a folder of a bucket, at any depth. Secret '
  'key only. Errors: storage_folder_invalid.';

grant execute on function
  private.stored_object_names(text, text, integer),
  public.stored_object_names(text, text, integer)
to service_role;
