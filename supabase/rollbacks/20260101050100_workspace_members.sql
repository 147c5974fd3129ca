drop trigger _300_clear_personal_workspace on public.organization_members;
drop function private.clear_personal_workspace();
drop trigger _500_seat_owner on public.workspaces;
drop function private.seat_workspace_owner();
drop table public.workspace_members;
drop function private.hold_place_ceiling();
drop function private.admit_active_member();
