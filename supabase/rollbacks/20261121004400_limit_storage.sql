-- Takes back 20261121004400_limit_storage.sql: Storage has no limit any more.

drop policy update_within_quota on storage.objects;
drop policy insert_within_quota on storage.objects;
drop function public.require_storage_room(uuid, bigint);
drop function private.full_storage_folders();
drop function private.require_storage_room(uuid, bigint);
drop function private.organization_storage_bytes(uuid);
