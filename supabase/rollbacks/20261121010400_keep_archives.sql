delete from private.tick_parts where name in ('archives_expired', 'transfers_failed');
drop function private.fail_lost_transfers();
drop function private.fail_lost_transfers_of(text);
drop function private.expire_archives();
drop policy delete_archive on storage.objects;
drop policy insert_archive on storage.objects;
delete from private.storage_readers where bucket = 'exports';

-- Hosted Storage refuses deletes by SQL unless they are meant. A bucket with objects stays: they go
-- through the Storage API alone.
select set_config('storage.allow_delete_query', 'true', true);
delete from storage.buckets
where buckets.id in ('exports', 'imports')
  and not exists (select from storage.objects where objects.bucket_id = buckets.id);
