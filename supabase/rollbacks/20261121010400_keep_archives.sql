delete from private.tick_parts where name in ('archives_expired', 'transfers_failed');
drop function private.fail_lost_transfers();
drop function private.expire_archives();
drop policy delete_archive on storage.objects;
drop policy insert_archive on storage.objects;
delete from private.storage_readers where bucket = 'exports';
-- Their objects must be gone: they go through the Storage API alone.
delete from storage.buckets where id in ('exports', 'imports');
