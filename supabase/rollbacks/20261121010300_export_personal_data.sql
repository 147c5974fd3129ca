drop function public.export_personal_data();
drop function private.export_personal_data();
drop function private.describe_person(uuid);
drop function private.snapshot_person(uuid, uuid);
delete from private.transfer_rules where table_name = 'personal_data_exports';
alter publication supabase_realtime drop table public.personal_data_exports;
drop table public.personal_data_exports;
