drop function public.unassign_media_from_agent(uuid, uuid);
drop function public.assign_media_to_agent(uuid, uuid, public.assignment_type);
drop function private.unassign_media_from_agent(uuid, uuid);
drop function private.assign_media_to_agent(uuid, uuid, public.assignment_type);
drop function private.open_agent_for_media(uuid);
drop function private.agent_media(uuid, uuid);
delete from private.transfer_rules where table_name = 'agent_media_assignments';
drop table public.agent_media_assignments;
drop function private.count_assigned_agents();
