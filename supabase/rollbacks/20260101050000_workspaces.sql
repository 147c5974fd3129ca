drop table public.workspaces;
drop function private.workspaces_with(text);
drop type public.workspace_member_role;
