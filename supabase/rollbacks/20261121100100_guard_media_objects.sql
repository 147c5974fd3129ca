drop policy delete_member on storage.objects;
drop policy update_member on storage.objects;
drop policy insert_member on storage.objects;
drop policy select_member on storage.objects;
drop function private.own_media_folders();

create policy select_member on storage.objects
  for select
  to authenticated
  using (
    bucket_id || '/' || split_part(name, '/', 1)
      = any ((select private.readable_storage_folders())::text[])
    or starts_with(name, 'users/' || (select auth.uid()) || '/')
  );

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

-- Hosted Storage refuses deletes by SQL unless they are meant. A bucket with objects stays: they go
-- through the Storage API.
select set_config('storage.allow_delete_query', 'true', true);
delete from storage.buckets
where buckets.id = 'media-library'
  and not exists (select from storage.objects where objects.bucket_id = buckets.id);
