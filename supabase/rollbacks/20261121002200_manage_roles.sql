-- Takes back 20261121002200_manage_roles.sql.

drop function public.delete_role(uuid, uuid);
drop function private.delete_role(uuid, uuid);
drop function public.set_role_permissions(uuid, text[]);
drop function private.set_role_permissions(uuid, text[]);
drop function private.require_managed_role(uuid);
drop function public.create_role(uuid, text, text, text[], text);
drop function private.create_role(uuid, text, text, text[], text);
