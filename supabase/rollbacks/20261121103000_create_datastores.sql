delete from private.transfer_rules where transfer_rules.table_name = 'datastores';
drop table public.agent_datastores;
drop table public.datastores;
drop function private.stop_imported_datastore(jsonb, uuid[]);
drop function private.guard_datastore_secret();
drop function private.check_datastore_config();
drop function private.datastore_place(public.datastore_type, jsonb);
drop function private.datastore_config_fault(public.datastore_type, jsonb);
drop type public.datastore_type;
