-- The bucket of the media library, and who reaches which of its objects: whoever reaches the row of
-- a medium, by the policies of that table.
--
-- Objects may come before their row: whoever adds media uploads below the organization under a new
-- id, and until a row claims it the object is theirs alone. Once claimed, an object is replaced by
-- those who may change the medium, and goes with its row.

insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
select
  'media-library',
  'media-library',
  false,
  52428800,
  -- What supabase-js says when it is told nothing.
  array_agg(media_types.file_type order by media_types.file_type) || '{text/plain;charset=UTF-8}'
from private.media_types
-- There still, when this was taken back and media were in it.
on conflict (id) do nothing;

-- The folders in which the caller adds media: their organizations' where they may read and write.
create function private.own_media_folders()
returns text[]
language plpgsql
stable
security definer -- memberships are read past their own policies
set search_path = ''
as $$
begin
  return array(
    select writable.organization_id::text
    from unnest(private.organizations_with('knowledge.write')) as writable (organization_id)
    where writable.organization_id = any (private.organizations_with('knowledge.read'))
  );
end;
$$;

comment on function private.own_media_folders() is
  'The organizations in which the caller adds media, as folders of the bucket. For policies.';

grant execute on function private.own_media_folders() to authenticated;

drop policy select_member on storage.objects;
drop policy insert_archive on storage.objects;
drop policy delete_archive on storage.objects;

-- One policy for all buckets, as each command and role has one. A person reads what is below
-- users/<their id>/, whatever the bucket.
create policy select_member on storage.objects
  for select
  to authenticated
  using (
    bucket_id || '/' || split_part(name, '/', 1)
      = any ((select private.readable_storage_folders())::text[])
    or starts_with(name, 'users/' || (select auth.uid()) || '/')
    or bucket_id = 'media-library'
    and (
      exists (
        select from public.media_library where media_library.storage_path = objects.name
      )
      or owner_id = (select auth.uid())::text
      and split_part(name, '/', 1) = any ((select private.own_media_folders())::text[])
    )
  );

create policy insert_member on storage.objects
  for insert
  to authenticated
  with check (
    case
      when bucket_id = 'imports' then
        (storage.foldername(name))[1] = 'users'
        and (storage.foldername(name))[2] = (select auth.uid())::text
      when bucket_id = 'media-library'
        and name ~ '^[0-9a-f-]{36}/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/[^/]+$'
      then
        split_part(name, '/', 1) = any ((select private.own_media_folders())::text[])
        -- A medium that is there takes its own file alone, from whoever may change it.
        and not exists (
          select
          from public.media_library
          where media_library.id = split_part(objects.name, '/', 2)::uuid
            and (
              media_library.storage_path = objects.name
              and (
                media_library.user_id = (select auth.uid())
                or media_library.visibility = 'organization'
                and media_library.organization_id = any (
                  (select private.organizations_with('knowledge.manage'))::uuid[]
                )
              )
            ) is not true
        )
      else false
    end
  );

-- What is claimed is replaced, as a new version; nothing is moved out of the library.
create policy update_member on storage.objects
  for update
  to authenticated
  using (
    bucket_id = 'media-library'
    and split_part(name, '/', 1) = any ((select private.own_media_folders())::text[])
    and exists (
      select
      from public.media_library
      where media_library.storage_path = objects.name
        and (
          media_library.user_id = (select auth.uid())
          or media_library.visibility = 'organization'
          and media_library.organization_id = any (
            (select private.organizations_with('knowledge.manage'))::uuid[]
          )
        )
    )
  )
  with check (
    bucket_id = 'media-library'
    and split_part(name, '/', 1) = any ((select private.own_media_folders())::text[])
    and exists (
      select
      from public.media_library
      where media_library.storage_path = objects.name
        and (
          media_library.user_id = (select auth.uid())
          or media_library.visibility = 'organization'
          and media_library.organization_id = any (
            (select private.organizations_with('knowledge.manage'))::uuid[]
          )
        )
    )
  );
-- Archives are not updated: what a worker is reading stays what it was.

create policy delete_member on storage.objects
  for delete
  to authenticated
  using (
    bucket_id = 'imports'
    and (storage.foldername(name))[1] = 'users'
    and (storage.foldername(name))[2] = (select auth.uid())::text
    -- Of the library only what no row claims: an object goes with its medium.
    or bucket_id = 'media-library'
    and owner_id = (select auth.uid())::text
    and split_part(name, '/', 1) = any ((select private.own_media_folders())::text[])
    and not exists (
      select from public.media_library where media_library.storage_path = objects.name
    )
  );
