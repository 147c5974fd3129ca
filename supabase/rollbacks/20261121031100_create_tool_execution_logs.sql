delete from private.tick_parts where name = 'tool_calls_closed';
drop function private.close_abandoned_tool_calls();
drop function private.loggable_document(jsonb);
delete from private.transfer_rules where table_name = 'tool_execution_logs';
drop table public.tool_execution_logs;
