drop function public.workspace_agents(uuid);
drop function private.agents_of_workspace(uuid);
