delete from private.transfer_rules where transfer_rules.table_name = 'agent_mcp_connections';
drop trigger _320_keep_secret_of_mcp_connections on public.organization_secrets;
alter table public.tool_execution_logs drop constraint tool_execution_logs_mcp_connection_id_fkey;
drop table public.agent_mcp_connections;
drop function private.stop_imported_mcp_connection(jsonb, uuid[]);
drop function private.keep_secret_of_mcp_connections();
drop function private.begin_mcp_connection_anew();
drop function private.guard_mcp_secret();
drop function private.check_mcp_server_url();
