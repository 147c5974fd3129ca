drop table public.role_permissions;
drop table public.roles;
drop function private.keep_role_in_use();
drop function private.hold_role_ceiling();
drop function private.protect_system_role();
drop function private.permissions_of_role(uuid);
drop function private.permissions_in(uuid);
