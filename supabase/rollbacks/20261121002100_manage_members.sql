-- Takes back 20261121002100_manage_members.sql.

drop function public.transfer_ownership(uuid, uuid);
drop function private.transfer_ownership(uuid, uuid);
drop function public.leave_organization(uuid);
drop function private.leave_organization(uuid);
drop function public.remove_member(uuid, uuid);
drop function private.remove_member(uuid, uuid);
drop function public.reactivate_member(uuid, uuid);
drop function private.reactivate_member(uuid, uuid);
drop function public.suspend_member(uuid, uuid);
drop function private.suspend_member(uuid, uuid);
drop function public.set_member_permissions(uuid, uuid, text[], text[]);
drop function private.set_member_permissions(uuid, uuid, text[], text[]);
drop function public.set_member_role(uuid, uuid, uuid);
drop function private.set_member_role(uuid, uuid, uuid);
drop function private.require_managed_member(uuid, uuid);
drop function private.require_known_permissions(text[]);
