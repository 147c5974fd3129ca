drop function public.create_media_upload(
  text, text, bigint, uuid, text, text, text, text, text[], text, uuid, boolean
);
drop function public.confirm_media_upload(uuid);
drop function private.create_media_upload(
  text, text, bigint, uuid, text, text, text, text, text[], text, uuid, boolean
);
drop function private.storage_file_name(text);
drop function private.confirm_media_upload(uuid);
delete from private.tick_parts
where name in ('media_received', 'media_uploads_expired', 'media_objects_swept');
drop function private.sweep_media_objects(interval);
drop function private.expire_media_uploads();
drop function private.receive_arrived_media(interval);
drop trigger _610_keep_personal_object on public.media_library;
drop trigger _600_process_claimed on public.media_library;
drop trigger _130_claim_object on public.media_library;
drop function private.keep_personal_object();
drop function private.process_claimed_media();
drop function private.claim_media_object();
drop function private.receive_media(uuid[]);
drop function private.request_processing(uuid[]);
drop function private.object_version(storage.objects);
drop table private.media_looks;
