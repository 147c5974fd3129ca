drop function public.get_agent_integration_permissions(uuid);
drop function public.revoke_agent_integration_permission(uuid);
drop function public.grant_agent_integration_permission(uuid, uuid, text[], text, timestamptz);
drop function private.revoke_agent_integration_permission(uuid);
drop function private.grant_agent_integration_permission(uuid, uuid, text[], text, timestamptz);
drop function private.manages_agent(public.agents);
drop function private.scopes_with_implied(jsonb, jsonb);
delete from private.transfer_rules where table_name = 'agent_integration_permissions';
drop table public.agent_integration_permissions;
