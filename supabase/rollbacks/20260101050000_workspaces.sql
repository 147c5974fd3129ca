drop table public.workspaces;
drop function private.workspaces_with(text);
drop trigger _600_spread_updated_to_to_workspaces on public.role_permissions;
drop trigger _600_spread_updated_from_to_workspaces on public.role_permissions;
drop trigger _600_spread_deleted_to_workspaces on public.role_permissions;
drop trigger _600_spread_inserted_to_workspaces on public.role_permissions;
drop function private.spread_workspace_roles();
alter table public.permissions drop column workspace_roles;
drop type public.workspace_member_role;
