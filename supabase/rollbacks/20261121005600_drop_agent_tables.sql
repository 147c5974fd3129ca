drop trigger _900_drop_agent_tables on public.agents;
drop function private.drop_agent_tables();
