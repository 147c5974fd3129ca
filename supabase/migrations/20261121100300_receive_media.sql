-- Receiving media: objects meet their rows. A row is made first and its object awaited, or an
-- object is uploaded first and a row inserted for it. What arrives, and what is uploaded over it
-- later, is taken up here and handed to processing.
--
-- The engine looks often for what is waited for, and now and then at everything: Storage tells
-- nobody. Whoever does not want to wait calls public.confirm_media_upload().
--
-- A claimed object belongs to the owner of its medium, whoever uploaded it, so that nobody keeps a
-- right to it past the row.

-- When it was looked last. One row.
create table private.media_looks (
  id boolean primary key default true,
  compared_at timestamptz not null default '-infinity',
  swept_at timestamptz not null default '-infinity',

  constraint media_looks_id_check check (id)
);

comment on table private.media_looks is
  'When all media were last compared with their objects, and Storage was last swept.';

insert into private.media_looks default values;

-- Another upload is another version, also of the same bytes.
create function private.object_version(p_object storage.objects)
returns text
language sql
stable
security invoker
set search_path = ''
as $$
  select coalesce(
    p_object.version,
    p_object.metadata ->> 'eTag',
    extract(epoch from p_object.updated_at)::text,
    ''
  );
$$;

comment on function private.object_version(storage.objects) is
  'What tells one upload of an object from the next.';

create function private.request_processing(p_media_ids uuid[])
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  if cardinality(p_media_ids) > 0
    -- Processing comes in a later file.
    and to_regprocedure('private.request_media_indexing(uuid[])') is not null
  then
    execute 'select private.request_media_indexing($1)' using p_media_ids;
  end if;
end;
$$;

comment on function private.request_processing(uuid[]) is 'Hands media to processing.';

-- Takes up the objects of some media, where they are there in a version that was not taken up yet,
-- and has them processed. Nobody but its owner puts an object under a personal medium. Returns the
-- media that got one.
create function private.receive_media(p_media_ids uuid[])
returns uuid[]
language plpgsql
volatile
security definer -- nobody is granted to write these columns
set search_path = ''
as $$
declare
  v_received uuid[];
begin
  -- Whoever deletes an organization locks it before its media.
  perform
  from public.organizations
  where organizations.id in (
    select media_library.organization_id
    from public.media_library
    where media_library.id = any (p_media_ids)
  )
  order by organizations.id
  for key share;

  with arrived as (
    select
      media_library.id,
      objects.id as object_id,
      private.object_version(objects) as version,
      (objects.metadata ->> 'size')::bigint as size,
      media_library.user_id
    from public.media_library
    join storage.objects
      on objects.bucket_id = media_library.bucket
      and objects.name = media_library.storage_path
    where media_library.id = any (p_media_ids)
      and media_library.object_version is distinct from private.object_version(objects)
      and (
        media_library.visibility = 'organization'
        or objects.owner_id is null
        or objects.owner_id = media_library.user_id::text
      )
    order by media_library.id
    for no key update of media_library
  ), received as (
    update public.media_library
    set
      object_version = arrived.version,
      uploaded_at = now(),
      upload_expires_at = null,
      file_size = least(coalesce(arrived.size, media_library.file_size), 52428800),
      -- That of a new version is not known before it was read.
      checksum = case when media_library.uploaded_at is null then media_library.checksum end,
      processing_status = case
        when arrived.size > 52428800 then 'failed'
        else 'uploaded'
      end::public.processing_status,
      processing_percent = 0,
      processing_error = case
        when arrived.size > 52428800 then 'The file has more than 50 MiB. Split it.'
      end
    from arrived
    where media_library.id = arrived.id
    returning media_library.id, arrived.size
  ), handed_over as (
    update storage.objects
    set owner = arrived.user_id, owner_id = arrived.user_id::text
    from arrived
    where objects.id = arrived.object_id
      and objects.owner_id is distinct from arrived.user_id::text
  )
  select array_agg(received.id) filter (where received.size is null or received.size <= 52428800)
  into v_received
  from received;

  perform private.request_processing(v_received);
  return coalesce(v_received, '{}');
end;
$$;

comment on function private.receive_media(uuid[]) is
  'Takes up what arrived in Storage for some media, and has it processed; returns which got one.';

-- The object may be there before its row. Whoever inserts the row must have uploaded it, and not
-- so long ago that it is about to be swept away.
-- Errors: PT409 media_object_foreign, media_object_expired; PT413 media_too_large.
create function private.claim_media_object()
returns trigger
language plpgsql
volatile
security definer -- reads all of Storage
set search_path = ''
as $$
declare
  v_is_user constant boolean := coalesce((select auth.role()) = 'authenticated', false);
  v_object storage.objects;
begin
  -- Whoever may not write here learns nothing: the policy refuses them, after this.
  if v_is_user and (
    new.user_id is distinct from auth.uid()
    or new.organization_id is null
    or new.organization_id <> all (private.organizations_with('knowledge.write'))
  ) then
    return new;
  end if;

  select objects.*
  into v_object
  from storage.objects
  where objects.bucket_id = new.bucket
    and objects.name = new.storage_path;
  if v_object.id is null or new.uploaded_at is not null then
    return new;
  end if;

  if v_is_user and v_object.owner_id is distinct from auth.uid()::text then
    raise sqlstate 'PT409' using
      message = 'Somebody else uploaded that file',
      detail = 'media_object_foreign',
      hint = 'Upload the file under a new id, and insert that.';
  elsif v_object.created_at < now() - interval '23 hours' then
    raise sqlstate 'PT409' using
      message = 'That file was uploaded too long ago',
      detail = 'media_object_expired',
      hint = 'Insert the row within a day of the upload.';
  elsif (v_object.metadata ->> 'size')::bigint > 52428800 then
    raise sqlstate 'PT413' using
      message = 'A medium has at most 50 MiB',
      detail = 'media_too_large',
      hint = 'Split the file.';
  end if;

  new.object_version := private.object_version(v_object);
  new.file_size := coalesce((v_object.metadata ->> 'size')::bigint, new.file_size);
  new.uploaded_at := now();
  new.upload_expires_at := null;
  return new;
end;
$$;

comment on function private.claim_media_object() is
  'Trigger: takes up the object of a new medium when it is there already.';

create function private.process_claimed_media()
returns trigger
language plpgsql
volatile
security definer -- writers have no grant on the engine's tables
set search_path = ''
as $$
begin
  perform private.request_processing(
    array(select inserted.id from inserted where inserted.uploaded_at is not null)
  );
  return null;
end;
$$;

comment on function private.process_claimed_media() is
  'Trigger: has new media processed whose object was there already.';

-- What becomes personal belongs to its owner in Storage, too: a version that somebody else uploaded
-- may not have been taken up yet.
create function private.keep_personal_object()
returns trigger
language plpgsql
volatile
security definer -- nobody is granted to write objects of others
set search_path = ''
as $$
begin
  update storage.objects
  set owner = new.user_id, owner_id = new.user_id::text
  where objects.bucket_id = new.bucket
    and objects.name = new.storage_path
    and objects.owner_id is distinct from new.user_id::text;
  return null;
end;
$$;

comment on function private.keep_personal_object() is
  'Trigger: the object of a medium that becomes personal belongs to the medium''s owner.';

create trigger _130_claim_object
  before insert on public.media_library
  for each row
  execute function private.claim_media_object();

create trigger _600_process_claimed
  after insert on public.media_library
  referencing new table as inserted
  for each statement
  execute function private.process_claimed_media();

create trigger _610_keep_personal_object
  after update of visibility on public.media_library
  for each row
  when (new.visibility = 'personal' and old.visibility <> 'personal')
  execute function private.keep_personal_object();

-- A part of the tick: what is waited for, and once in a while whatever was uploaded over something.
-- Returns how many media got an object.
create function private.receive_arrived_media(p_pause interval default '5 minutes')
returns integer
language plpgsql
volatile
security definer -- the engine owns no tables
set search_path = ''
as $$
declare
  v_media_ids uuid[];
  v_ids uuid[];
  v_count integer := 0;
begin
  v_media_ids := array(
    select media_library.id
    from public.media_library
    join storage.objects
      on objects.bucket_id = media_library.bucket
      and objects.name = media_library.storage_path
    where media_library.upload_expires_at is not null
      and media_library.object_version is distinct from private.object_version(objects)
      -- What receive_media() passes by would take the place of others.
      and (
        media_library.visibility = 'organization'
        or objects.owner_id is null
        or objects.owner_id = media_library.user_id::text
      )
    limit 500
  );

  perform
  from private.media_looks
  where media_looks.compared_at <= now() - p_pause
  for update skip locked;

  if found then
    update private.media_looks set compared_at = now();
    v_media_ids := v_media_ids || array(
      select media_library.id
      from public.media_library
      join storage.objects
        on objects.bucket_id = 'media-library'
        and objects.name = media_library.storage_path
      where media_library.upload_expires_at is null
        -- The same in nearly all, so the function is called for few.
        and media_library.object_version is distinct from objects.version
        and media_library.object_version is distinct from private.object_version(objects)
        and (
          media_library.visibility = 'organization'
          or objects.owner_id is null
          or objects.owner_id = media_library.user_id::text
        )
      limit 500
    );
  end if;

  -- Each organization by itself, so that none waits for what fails in another.
  for v_ids in
    select array_agg(media_library.id)
    from public.media_library
    where media_library.id = any (v_media_ids)
    group by media_library.organization_id
  loop
    begin
      v_count := v_count + cardinality(private.receive_media(v_ids));
    exception
      when others then
        raise warning 'media cannot be received: %', sqlerrm;
    end;
  end loop;
  return v_count;
end;
$$;

comment on function private.receive_arrived_media(interval) is
  'Part of the tick: takes up objects that arrived; returns how many media got one.';

-- A part of the tick: media whose object never came go, and a new version that never came is no
-- longer waited for. Returns how many.
create function private.expire_media_uploads()
returns integer
language plpgsql
volatile
security definer -- the engine owns no tables
set search_path = ''
as $$
declare
  v_count integer;
begin
  with due as (
    select media_library.id, media_library.uploaded_at is null as is_empty
    from public.media_library
    where media_library.upload_expires_at < now()
    order by media_library.upload_expires_at
    limit 500
    for update skip locked
  ), gone as (
    delete from public.media_library
    using due
    where media_library.id = due.id
      and due.is_empty
    returning media_library.id
  ), kept as (
    update public.media_library
    set upload_expires_at = null
    from due
    where media_library.id = due.id
      and not due.is_empty
    returning media_library.id
  )
  select (select count(*) from gone) + (select count(*) from kept) into v_count;
  return v_count;
end;
$$;

comment on function private.expire_media_uploads() is
  'Part of the tick: ends waiting for objects that never came; returns for how many media.';

-- A part of the tick: objects that no row claimed for a day are removed. Returns how many.
create function private.sweep_media_objects(p_pause interval default '1 hour')
returns integer
language plpgsql
volatile
security definer -- reads all of Storage
set search_path = ''
as $$
declare
  v_name text;
  v_count integer := 0;
begin
  perform
  from private.media_looks
  where media_looks.swept_at <= now() - p_pause
  for update skip locked;

  if not found then
    return 0;
  end if;

  update private.media_looks set swept_at = now();

  for v_name in
    select objects.name
    from storage.objects
    where objects.bucket_id = 'media-library'
      and objects.created_at < now() - interval '24 hours'
      and not exists (
        select from public.media_library where media_library.storage_path = objects.name
      )
    limit 500
  loop
    perform private.remove_archive('media-library', v_name);
    v_count := v_count + 1;
  end loop;
  return v_count;
end;
$$;

comment on function private.sweep_media_objects(interval) is
  'Part of the tick: has objects removed that no medium claims; returns how many.';

insert into private.tick_parts (name, place, function_name)
values
  ('media_received', 300, 'receive_arrived_media'),
  ('media_uploads_expired', 301, 'expire_media_uploads'),
  ('media_objects_swept', 302, 'sweep_media_objects');

create function private.confirm_media_upload(p_media_id uuid)
returns public.media_library
language plpgsql
volatile
security definer -- nobody is granted to write what it takes up
set search_path = ''
as $$
declare
  v_medium public.media_library := private.open_medium(p_media_id);
begin
  perform private.receive_media(array[v_medium.id]);

  select media_library.*
  into v_medium
  from public.media_library
  where media_library.id = p_media_id;

  if v_medium.uploaded_at is null then
    raise sqlstate 'PT409' using
      message = 'The file of this medium has not arrived',
      detail = 'media_object_missing',
      hint = format('Upload it to %s in the bucket %s.', v_medium.storage_path, v_medium.bucket);
  end if;
  return v_medium;
end;
$$;

-- A name that Storage takes: without accents, with _ for what else it does not know. The end, by
-- which the type is told, stays.
create function private.storage_file_name(p_name text)
returns text
language sql
immutable
security invoker
set search_path = ''
as $$
  select case
    when cleaned.name ~ '^[._ ]*$' then 'file'
    when char_length(cleaned.name) <= 200 then cleaned.name
    else left(cleaned.name, 180) || right(cleaned.name, 20)
  end
  from (
    select btrim(
      regexp_replace(
        regexp_replace(normalize(coalesce(p_name, ''), nfkd), '[\u0300-\u036f]', '', 'g'),
        '[^A-Za-z0-9_!.*''() &$@=;:+,?-]+',
        '_',
        'g'
      )
    ) as name
  ) as cleaned;
$$;

comment on function private.storage_file_name(text) is
  'A file''s name as Storage takes it as the last part of a path.';

-- Makes the row of a medium that is about to be uploaded, or has a medium wait for a new version.
-- Size, type, room and duplicates are judged before a byte is sent.
create function private.create_media_upload(
  p_file_name text,
  p_file_type text,
  p_file_size bigint,
  p_organization_id uuid,
  p_checksum text,
  p_display_name text,
  p_category text,
  p_description text,
  p_tags text[],
  p_visibility text,
  p_media_id uuid,
  p_allow_duplicate boolean
)
returns public.media_library
language plpgsql
volatile
security definer -- nobody is granted to have a medium wait for a new version
set search_path = ''
as $$
declare
  v_name constant text := private.storage_file_name(p_file_name);
  v_type text := lower(btrim(split_part(coalesce(p_file_type, ''), ';', 1)));
  v_organization_id uuid := coalesce(p_organization_id, private.current_organization_id());
  v_medium public.media_library;
  v_duplicate_id uuid;
begin
  -- Browsers do not know every type.
  if v_type in ('', 'application/octet-stream') then
    v_type := coalesce(
      (
        select media_types.file_type
        from private.media_types
        where lower(substring(v_name from '\.([^.]+)$')) = any (media_types.extensions)
      ),
      'application/octet-stream'
    );
  end if;

  if p_media_id is not null then
    v_medium := private.open_medium(p_media_id);
    v_organization_id := v_medium.organization_id;
  elsif auth.uid() is null
    or v_organization_id is null
    or 'knowledge.write' <> all (private.permissions_in(v_organization_id))
  then
    raise sqlstate 'PT403' using
      message = 'You may not add media in this organization',
      detail = 'permission_denied',
      hint = 'It takes the permission knowledge.write.';
  end if;

  if p_file_size is null or p_file_size < 0 then
    raise sqlstate 'PT400' using
      message = 'The size of the file is missing',
      detail = 'media_size_invalid',
      hint = 'Pass it in bytes as p_file_size.';
  elsif p_file_size > 52428800 then
    raise sqlstate 'PT413' using
      message = 'A medium has at most 50 MiB',
      detail = 'media_too_large',
      hint = 'Split the file.';
  elsif v_medium.is_archived then
    raise sqlstate 'PT409' using
      message = 'The medium is archived',
      detail = 'media_archived',
      hint = 'Restore it with restore_media() first.';
  elsif v_medium.file_type <> v_type then
    raise sqlstate 'PT409' using
      message = format('The medium is of the type %s', v_medium.file_type),
      detail = 'media_type_differs',
      hint = 'A new version is of the same type; upload another type as a new medium.';
  end if;
  perform private.require_storage_room(v_organization_id, p_file_size);

  if p_checksum is not null and not coalesce(p_allow_duplicate, false) then
    select media_library.id
    into v_duplicate_id
    from public.media_library
    where media_library.organization_id = v_organization_id
      and media_library.checksum = lower(p_checksum)
      and media_library.uploaded_at is not null
      and media_library.organization_id = any (private.organizations_with('knowledge.read'))
      and (media_library.visibility = 'organization' or media_library.user_id = auth.uid())
    order by media_library.created_at, media_library.id
    limit 1;

    if v_duplicate_id is not null then
      raise sqlstate 'PT409' using
        message = 'The media library has this file already',
        detail = 'media_duplicate',
        hint = format('It is the medium %s. Or set allow_duplicate.', v_duplicate_id);
    end if;
  end if;

  if v_medium.id is not null then
    update public.media_library
    set upload_expires_at = now() + interval '24 hours'
    where media_library.id = v_medium.id
    returning media_library.* into v_medium;
  else
    insert into public.media_library
      (
        organization_id, user_id, file_name, display_name, file_type, file_size, checksum, category,
        description, tags, visibility
      )
    values (
      v_organization_id, auth.uid(), v_name,
      coalesce(nullif(btrim(p_display_name), ''), nullif(btrim(left(p_file_name, 200)), '')),
      v_type, p_file_size, lower(p_checksum), p_category, p_description,
      coalesce(p_tags, '{}'), coalesce(p_visibility, 'organization')
    )
    returning media_library.* into v_medium;
  end if;
  return v_medium;
exception
  when check_violation then
    raise sqlstate 'PT400' using
      message = 'The description of the medium is not valid',
      detail = 'media_invalid',
      hint = 'Names have up to 200 characters, categories 100; at most 50 tags; visibility is '
        'organization or personal; a checksum is SHA-256 in hex.';
end;
$$;

create function public.confirm_media_upload(p_media_id uuid)
returns public.media_library
language sql
volatile
security invoker
set search_path = ''
as $$
  select * from private.confirm_media_upload(p_media_id);
$$;

create function public.create_media_upload(
  p_file_name text,
  p_file_type text,
  p_file_size bigint,
  p_organization_id uuid default null,
  p_checksum text default null,
  p_display_name text default null,
  p_category text default null,
  p_description text default null,
  p_tags text[] default null,
  p_visibility text default null,
  p_media_id uuid default null,
  p_allow_duplicate boolean default false
)
returns public.media_library
language sql
volatile
security invoker
set search_path = ''
as $$
  select *
  from private.create_media_upload(
    p_file_name, p_file_type, p_file_size, p_organization_id, p_checksum, p_display_name,
    p_category, p_description, p_tags, p_visibility, p_media_id, p_allow_duplicate
  );
$$;

comment on function public.confirm_media_upload(uuid) is
  'Says that the file of a medium was uploaded, first or anew, so that it is taken up at once '
  'instead of with the next look. For its owner, and for knowledge.manage when it is shared. '
  'Errors: media_not_found, permission_denied, media_object_missing.';
comment on function public.create_media_upload(
  text, text, bigint, uuid, text, text, text, text, text[], text, uuid, boolean
) is
  'Makes a medium whose file is uploaded to its storage_path within a day; with p_media_id, has '
  'that one wait for a new version. media-upload-url calls it and adds a signed link. Errors: '
  'permission_denied, media_not_found, media_size_invalid, media_too_large, '
  'media_type_unsupported, media_type_differs, media_archived, media_duplicate (its hint names '
  'the medium), media_invalid, storage_quota_reached.';

grant execute on function
  private.confirm_media_upload(uuid),
  private.create_media_upload(
    text, text, bigint, uuid, text, text, text, text, text[], text, uuid, boolean
  ),
  public.confirm_media_upload(uuid),
  public.create_media_upload(
    text, text, bigint, uuid, text, text, text, text, text[], text, uuid, boolean
  )
to authenticated;
-- Confirming for others is the engine's, by its own look.
