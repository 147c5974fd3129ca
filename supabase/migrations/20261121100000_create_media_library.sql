-- The media library: one row per medium, a file that an organization's agents may learn from.
-- The bytes are in Storage, in the bucket media-library under <organization>/<medium>/<file name>;
-- what the row says of them is kept by the engine, what it is called and for is the people's.
--
-- A medium is the organization's to read, or personal: its owner's alone, whatever others hold.
-- What is personal goes with its owner's place in the organization; what is shared stays behind.

create type public.processing_status as enum (
  'uploaded', 'processing', 'completed', 'failed', 'archived'
);
create type public.processing_log_status as enum ('started', 'completed', 'failed', 'skipped');
create type public.assignment_type as enum (
  'training', 'reference', 'context', 'sop', 'knowledge_base'
);

-- What may be uploaded. That a file is what it is called is found out when it is read.
create table private.media_types (
  file_type text primary key,
  extensions text[] not null,

  constraint media_types_file_type_check check (file_type ~ '^[a-z]+/[a-z0-9.+-]+$'),
  constraint media_types_extensions_check check (extensions <> '{}')
);

comment on table private.media_types is 'The types of files that the media library takes.';
comment on column private.media_types.extensions is
  'How the name of such a file ends, in lower case and without the dot; the usual one first.';

insert into private.media_types (file_type, extensions) values
  ('application/pdf', '{pdf}'),
  ('application/vnd.openxmlformats-officedocument.wordprocessingml.document', '{docx}'),
  ('application/vnd.openxmlformats-officedocument.presentationml.presentation', '{pptx}'),
  ('application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', '{xlsx}'),
  ('application/vnd.oasis.opendocument.text', '{odt}'),
  ('text/html', '{html,htm,xhtml}'),
  ('text/markdown', '{md,markdown}'),
  ('text/plain', '{txt,text,log}'),
  ('text/csv', '{csv}'),
  ('application/json', '{json}'),
  ('message/rfc822', '{eml}'),
  ('image/png', '{png}'),
  ('image/jpeg', '{jpg,jpeg}'),
  ('image/webp', '{webp}'),
  ('image/gif', '{gif}');

create table public.media_library (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null default private.current_organization_id()
    references public.organizations (id) on delete cascade,
  user_id uuid default auth.uid() references public.profiles (id) on delete set null,
  file_name text not null,
  display_name text not null,
  file_type text not null,
  file_size bigint not null,
  storage_path text not null,
  bucket text not null default 'media-library',
  category text,
  description text,
  tags text[] not null default '{}',
  visibility text not null default 'organization',
  checksum text,
  duplicate_of_media_id uuid,
  object_version text,
  uploaded_at timestamptz,
  upload_expires_at timestamptz,
  processing_status public.processing_status not null default 'uploaded',
  processing_percent smallint not null default 0,
  processing_error text,
  processed_at timestamptz,
  generation integer not null default 0,
  chunk_count integer not null default 0,
  page_count integer,
  language text,
  embedding_model text,
  embedding_dimensions integer,
  assigned_agents_count integer not null default 0,
  file_url text generated always as (
    '/storage/v1/object/authenticated/' || bucket || '/' || storage_path
  ) stored,
  is_archived boolean not null default false,
  archived_at timestamptz,
  status_before_archive public.processing_status,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint media_library_id_organization_id_key unique (id, organization_id),
  constraint media_library_storage_path_key unique (storage_path),
  constraint media_library_user_id_organization_id_fkey foreign key (user_id, organization_id)
    references public.organization_members (user_id, organization_id) on delete set null (user_id),
  constraint media_library_duplicate_of_media_id_fkey
    foreign key (duplicate_of_media_id, organization_id)
    references public.media_library (id, organization_id)
    on delete set null (duplicate_of_media_id),
  -- What Storage takes as the name of an object.
  constraint media_library_file_name_check check (
    file_name ~ '^[A-Za-z0-9_!.*''() &$@=;:+,?-]+$'
    and char_length(file_name) between 1 and 200
    and file_name !~ '^\.{1,2}$'
  ),
  constraint media_library_display_name_check check (char_length(display_name) between 1 and 200),
  constraint media_library_file_type_check check (char_length(file_type) between 1 and 200),
  constraint media_library_file_size_check check (file_size between 0 and 52428800),
  constraint media_library_bucket_check check (bucket = 'media-library'),
  constraint media_library_storage_path_check check (
    storage_path = organization_id::text || '/' || id::text || '/' || file_name
  ),
  constraint media_library_category_check check (char_length(category) between 1 and 100),
  constraint media_library_description_check check (char_length(description) <= 5000),
  constraint media_library_tags_check check (
    cardinality(tags) <= 50
    and array_position(tags, null) is null
    and char_length(array_to_string(tags, '')) <= 2500
    and array_position(tags, '') is null
  ),
  constraint media_library_visibility_check check (visibility in ('organization', 'personal')),
  constraint media_library_checksum_check check (checksum ~ '^[0-9a-f]{64}$'),
  constraint media_library_duplicate_is_another_check check (duplicate_of_media_id <> id),
  constraint media_library_processing_percent_check check (processing_percent between 0 and 100),
  constraint media_library_processing_error_check check (
    char_length(processing_error) between 1 and 2000
  ),
  constraint media_library_generation_check check (generation >= 0),
  constraint media_library_chunk_count_check check (chunk_count >= 0),
  constraint media_library_page_count_check check (page_count >= 0),
  constraint media_library_language_check check (char_length(language) between 1 and 35),
  constraint media_library_embedding_model_check check (
    char_length(embedding_model) between 1 and 200
  ),
  constraint media_library_embedding_dimensions_check check (embedding_dimensions > 0),
  constraint media_library_assigned_agents_count_check check (assigned_agents_count >= 0),
  constraint media_library_archived_has_its_status_check check (
    is_archived = (processing_status = 'archived')
    and is_archived = (archived_at is not null)
    and is_archived = (status_before_archive is not null)
  ),
  -- There is an object, or it is waited for.
  constraint media_library_object_is_there_or_due_check check (
    uploaded_at is not null or upload_expires_at is not null
  )
);

comment on table public.media_library is 'A medium: one file of the media library.';
comment on column public.media_library.user_id is
  'The owner. Null when they left; then knowledge.manage reaches it.';
comment on column public.media_library.file_name is
  'The last part of the object''s path, in the characters that Storage takes.';
comment on column public.media_library.display_name is 'What people call it; by default the name.';
comment on column public.media_library.file_size is
  'In bytes: what the uploader says, then what arrived.';
comment on column public.media_library.storage_path is
  '<organization>/<medium>/<file name>; filled in when it is left out.';
comment on column public.media_library.visibility is
  'organization: for all who hold knowledge.read; personal: for its owner alone.';
comment on column public.media_library.checksum is
  'SHA-256 of the bytes, in hex: what the uploader says until it was computed from the object.';
comment on column public.media_library.duplicate_of_media_id is
  'An older medium with the same checksum that the owner of this one may read.';
comment on column public.media_library.object_version is
  'The version of the object that was last taken up; another one is a new version of the medium.';
comment on column public.media_library.uploaded_at is
  'When the object that is there arrived; null while it is still waited for.';
comment on column public.media_library.upload_expires_at is
  'Until when an object is waited for; a medium that never had one is deleted then.';
comment on column public.media_library.processing_percent is
  'How far the generation that is being built has come.';
comment on column public.media_library.processing_error is
  'Why it failed, as a sentence for the uploader.';
comment on column public.media_library.processed_at is
  'When the generation that agents read was completed.';
comment on column public.media_library.generation is
  'The generation of chunks that agents read; 0 while there is none.';
comment on column public.media_library.chunk_count is 'How many chunks that generation has.';
comment on column public.media_library.embedding_model is
  'What its chunks were embedded with; null where they are found by text alone.';
comment on column public.media_library.assigned_agents_count is
  'To how many agents it is assigned.';
comment on column public.media_library.file_url is
  'Where Storage serves it to who may read it, below the URL of the project.';
comment on column public.media_library.status_before_archive is
  'The status that restoring gives back, and that processing goes on to keep meanwhile.';

create index media_library_organization_id_created_at_id_idx
  on public.media_library (organization_id, created_at desc, id desc);
create index media_library_user_id_organization_id_idx
  on public.media_library (user_id, organization_id);
create index media_library_organization_id_checksum_idx
  on public.media_library (organization_id, checksum)
  where checksum is not null;
create index media_library_duplicate_of_media_id_organization_id_idx
  on public.media_library (duplicate_of_media_id, organization_id);
-- Those whose object is waited for.
create index media_library_upload_expires_at_idx
  on public.media_library (upload_expires_at)
  where upload_expires_at is not null;

-- What the row says of its file, made whole. Whoever may not write here is refused by the policy,
-- after this.
-- Errors: PT400 media_file_name_invalid, media_path_invalid; PT413 media_too_large; PT415
-- media_type_unsupported.
create function private.prepare_medium()
returns trigger
language plpgsql
volatile
security definer -- the types are in private
set search_path = ''
as $$
begin
  new.file_type := lower(btrim(split_part(new.file_type, ';', 1)));
  new.display_name := coalesce(nullif(btrim(new.display_name), ''), left(new.file_name, 200));
  new.storage_path := coalesce(
    new.storage_path,
    format('%s/%s/%s', new.organization_id, new.id, new.file_name)
  );
  if new.uploaded_at is null then
    new.upload_expires_at := coalesce(new.upload_expires_at, now() + interval '24 hours');
  end if;

  if coalesce(new.file_name, '') !~ '^[A-Za-z0-9_!.*''() &$@=;:+,?-]{1,200}$'
    or new.file_name ~ '^\.{1,2}$'
  then
    raise sqlstate 'PT400' using
      message = 'Storage does not take a file of that name',
      detail = 'media_file_name_invalid',
      hint = 'Use up to 200 unaccented letters, digits, spaces, dots and dashes as file_name, and '
        'any other name as display_name.';
  elsif new.storage_path
    is distinct from format('%s/%s/%s', new.organization_id, new.id, new.file_name)
  then
    raise sqlstate 'PT400' using
      message = 'The object of a medium lies under <organization>/<medium>/<file name>',
      detail = 'media_path_invalid',
      hint = 'Upload to that path and insert the same id, or leave storage_path out.';
  elsif not exists (
    select from private.media_types where media_types.file_type = new.file_type
  ) then
    raise sqlstate 'PT415' using
      message = format('The media library takes no files of type %s', left(new.file_type, 100)),
      detail = 'media_type_unsupported',
      hint = 'It takes PDF, Word, PowerPoint, Excel, OpenDocument text, HTML, Markdown, plain '
        'text, CSV, JSON, mail and images.';
  elsif new.file_size > 52428800 then
    raise sqlstate 'PT413' using
      message = 'A medium has at most 50 MiB',
      detail = 'media_too_large',
      hint = 'Split the file.';
  end if;
  return new;
end;
$$;

comment on function private.prepare_medium() is
  'Trigger: fills in the path and the name of a medium, and refuses what the library cannot take.';

-- Archived is a state of its own: what processing comes to meanwhile is kept for later.
create function private.keep_media_archive()
returns trigger
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  if new.is_archived and not old.is_archived then
    new.status_before_archive := new.processing_status;
    new.processing_status := 'archived';
    new.archived_at := now();
  elsif not new.is_archived and old.is_archived then
    new.processing_status := old.status_before_archive;
    new.status_before_archive := null;
    new.archived_at := null;
  elsif new.is_archived and new.processing_status <> 'archived' then
    new.status_before_archive := new.processing_status;
    new.processing_status := 'archived';
  end if;
  return new;
end;
$$;

comment on function private.keep_media_archive() is
  'Trigger: keeps the status of a medium while it is archived, and gives it back.';

-- Sets duplicate_of_media_id: the oldest medium with the same bytes that the owner may read.
create function private.find_media_duplicate()
returns trigger
language plpgsql
volatile
security definer -- whoever changes the medium may not see all others
set search_path = ''
as $$
begin
  new.duplicate_of_media_id := (
    select others.id
    from public.media_library as others
    where others.organization_id = new.organization_id
      and others.checksum = new.checksum
      and others.id <> new.id
      and (
        tg_op = 'INSERT'
        or (others.created_at, others.id) < (new.created_at, new.id)
      )
      and (others.visibility = 'organization' or others.user_id = new.user_id)
    order by others.created_at, others.id
    limit 1
  );
  return new;
end;
$$;

comment on function private.find_media_duplicate() is
  'Trigger: names the older medium that has the same checksum.';

-- Nobody could reach what is personal without its person.
create function private.drop_medium_of_nobody()
returns trigger
language plpgsql
volatile
security definer -- whoever removes a member may not delete their personal media
set search_path = ''
as $$
begin
  delete from public.media_library where media_library.id = new.id;
  return null;
end;
$$;

comment on function private.drop_medium_of_nobody() is
  'Trigger: a personal medium goes with its owner''s place in the organization.';

-- The objects of an organization that goes are removed with its folder.
create function private.remove_folders_of_media()
returns trigger
language plpgsql
volatile
security definer -- no role has a grant on the queue's tables
set search_path = ''
as $$
begin
  perform private.remove_stored_folder(
    format('%s/%s', deleted.organization_id, deleted.id), deleted.bucket
  )
  from deleted
  where exists (
    select from public.organizations where organizations.id = deleted.organization_id
  );
  return null;
end;
$$;

comment on function private.remove_folders_of_media() is
  'Trigger: has the objects of deleted media removed.';

create trigger _100_prepare
  before insert on public.media_library
  for each row
  execute function private.prepare_medium();

create trigger _110_keep_archive
  before update of is_archived, processing_status on public.media_library
  for each row
  execute function private.keep_media_archive();

create trigger _120_find_duplicate
  before insert or update of checksum on public.media_library
  for each row
  when (new.checksum is not null)
  execute function private.find_media_duplicate();

create trigger _500_drop_medium_of_nobody
  after update of user_id on public.media_library
  for each row
  when (new.user_id is null and new.visibility = 'personal')
  execute function private.drop_medium_of_nobody();

create trigger _700_remove_folders
  after delete on public.media_library
  referencing old table as deleted
  for each statement
  execute function private.remove_folders_of_media();

create trigger _900_touch_updated_at
  before update on public.media_library
  for each row
  execute function private.touch_updated_at();

-- What the engine finds out about the file is nothing that a person did.
select private.enable_audit(
  'public.media_library',
  'id',
  '{}',
  '{duplicate_of_media_id,object_version,uploaded_at,upload_expires_at,processing_status,'
    'processing_percent,processing_error,processed_at,generation,chunk_count,page_count,language,'
    'embedding_model,embedding_dimensions,assigned_agents_count,status_before_archive}'
);
select private.enable_row_quota('public.media_library');

insert into private.transfer_rules (table_name, is_exported, is_imported, reason)
values ('media_library', true, false, 'Files stay where they are, so media are uploaded anew.');

alter table public.media_library enable row level security;

create policy select_reader on public.media_library
  for select
  to authenticated
  using (
    organization_id = any ((select private.organizations_with('knowledge.read'))::uuid[])
    and (visibility = 'organization' or user_id = (select auth.uid()))
  );

create policy insert_writer on public.media_library
  for insert
  to authenticated
  with check (
    user_id = (select auth.uid())
    and organization_id = any ((select private.organizations_with('knowledge.write'))::uuid[])
  );

create policy update_owner on public.media_library
  for update
  to authenticated
  using (
    user_id = (select auth.uid())
    and organization_id = any ((select private.organizations_with('knowledge.write'))::uuid[])
    or visibility = 'organization'
    and organization_id = any ((select private.organizations_with('knowledge.manage'))::uuid[])
  )
  with check (
    user_id = (select auth.uid())
    and organization_id = any ((select private.organizations_with('knowledge.write'))::uuid[])
    or visibility = 'organization'
    and organization_id = any ((select private.organizations_with('knowledge.manage'))::uuid[])
  );

create policy delete_owner on public.media_library
  for delete
  to authenticated
  using (
    user_id = (select auth.uid())
    and organization_id = any ((select private.organizations_with('knowledge.write'))::uuid[])
    or visibility = 'organization'
    and organization_id = any ((select private.organizations_with('knowledge.manage'))::uuid[])
  );

grant select, delete on public.media_library to authenticated, service_role;
grant insert (
  id, organization_id, user_id, file_name, display_name, file_type, file_size, storage_path, bucket,
  category, description, tags, visibility, checksum
) on public.media_library to authenticated, service_role;
-- What it is called and for. What the engine keeps is written by its functions alone, and a medium
-- stays where it is and whose it is.
grant update (display_name, category, description, tags, visibility, is_archived)
  on public.media_library to authenticated, service_role;

alter publication supabase_realtime add table public.media_library;

-- Whether a user may read a medium, whoever asks. For what works in a user's name.
create function private.can_read_medium(p_media_id uuid, p_user_id uuid)
returns boolean
language plpgsql
stable
security definer -- asked about users other than the caller
set search_path = ''
as $$
begin
  return exists (
    select
    from public.media_library
    join public.organization_members
      on organization_members.organization_id = media_library.organization_id
    where media_library.id = p_media_id
      and organization_members.user_id = p_user_id
      and organization_members.status = 'active'
      and 'knowledge.read' = any (organization_members.permissions)
      and (media_library.visibility = 'organization' or media_library.user_id = p_user_id)
  );
end;
$$;

comment on function private.can_read_medium(uuid, uuid) is
  'Whether a user may read a medium. False for one that does not exist.';

create function private.raise_media_not_found()
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  raise sqlstate 'PT404' using
    message = 'No medium with that id',
    detail = 'media_not_found',
    hint = 'Select from media_library to see those you can read.';
end;
$$;

comment on function private.raise_media_not_found() is 'Raises PT404 media_not_found.';

-- A medium that the caller may change, locked.
create function private.open_medium(p_media_id uuid)
returns public.media_library
language plpgsql
volatile
security definer -- locks rows in columns that nobody is granted to write
set search_path = ''
as $$
declare
  v_is_service constant boolean := coalesce((select auth.role()) = 'service_role', false);
  v_medium public.media_library;
begin
  if not v_is_service and not private.can_read_medium(p_media_id, auth.uid()) then
    perform private.raise_media_not_found();
  end if;

  select media_library.*
  into v_medium
  from public.media_library
  where media_library.id = p_media_id;

  -- Before the lock: whoever may not change it keeps nobody waiting.
  if not v_is_service and v_medium.id is not null and not (
    v_medium.user_id is not distinct from auth.uid()
    and 'knowledge.write' = any (private.permissions_in(v_medium.organization_id))
    or v_medium.visibility = 'organization'
    and 'knowledge.manage' = any (private.permissions_in(v_medium.organization_id))
  ) then
    raise sqlstate 'PT403' using
      message = 'You may not change this medium',
      detail = 'permission_denied',
      hint = 'It takes to be its owner, or the permission knowledge.manage.';
  end if;

  -- Whoever deletes the organization locks it before its media.
  perform
  from public.organizations
  where organizations.id = v_medium.organization_id
  for key share;

  select media_library.*
  into v_medium
  from public.media_library
  where media_library.id = p_media_id
  for no key update;

  if v_medium.id is null then
    perform private.raise_media_not_found();
  end if;
  return v_medium;
end;
$$;

comment on function private.open_medium(uuid) is
  'Locks a medium that the caller may change. Raises media_not_found, permission_denied.';

-- Doing it twice is fine.
create function private.set_media_archived(p_media_id uuid, p_is_archived boolean)
returns public.media_library
language plpgsql
volatile
security definer -- returns the row as it became, to who may change it
set search_path = ''
as $$
declare
  v_medium public.media_library := private.open_medium(p_media_id);
begin
  if v_medium.is_archived <> p_is_archived then
    update public.media_library
    set is_archived = p_is_archived
    where media_library.id = v_medium.id
    returning media_library.* into v_medium;
  end if;
  return v_medium;
end;
$$;

create function public.archive_media(p_media_id uuid)
returns public.media_library
language sql
volatile
security invoker
set search_path = ''
as $$
  select * from private.set_media_archived(p_media_id, true);
$$;

create function public.restore_media(p_media_id uuid)
returns public.media_library
language sql
volatile
security invoker
set search_path = ''
as $$
  select * from private.set_media_archived(p_media_id, false);
$$;

comment on function public.archive_media(uuid) is
  'Puts a medium aside: agents find it no longer, nothing of it is lost. For its owner, and for '
  'knowledge.manage when it is shared. Errors: media_not_found, permission_denied.';
comment on function public.restore_media(uuid) is
  'Takes archive_media() back; the medium has the status again that it had. Errors: '
  'media_not_found, permission_denied.';

grant execute on function
  private.set_media_archived(uuid, boolean),
  public.archive_media(uuid),
  public.restore_media(uuid)
to authenticated, service_role;
