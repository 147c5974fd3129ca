drop table public.agents;
drop function public.can_run_agent(uuid);
drop function private.can_run_agent(uuid, uuid);
drop function private.agents_in_workspaces_with(text);
drop type public.agent_visibility;
