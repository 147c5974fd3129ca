drop function public.stored_object_names(text, text, integer);
drop function private.stored_object_names(text, text, integer);
drop trigger _900_remove_folders on public.profiles;
drop trigger _900_remove_folders on public.organizations;
drop function private.remove_folders_of_users();
drop function private.remove_folders_of_organizations();
drop function private.remove_stored_folder(text, text);
delete from private.queue_workers where queue = 'storage';
