drop function public.finish_tool_call(uuid, text, jsonb, text);
drop function public.begin_tool_call(
  uuid, text, jsonb, uuid, text, uuid, uuid, uuid, uuid, text
);
drop function public.list_agent_capabilities(uuid, uuid);
drop function public.authorize_tool_call(uuid, uuid, text, uuid);
drop function private.loggable_error(text);
drop function private.finish_tool_call(uuid, text, jsonb, text);
drop function private.begin_tool_call(
  uuid, text, jsonb, uuid, text, uuid, uuid, uuid, uuid, text
);
drop function private.list_agent_capabilities(uuid, uuid);
drop function private.authorize_tool_call(uuid, uuid, text, uuid);
drop function private.judge_tool_call(uuid, uuid, text, uuid);
drop type private.tool_call_verdict;
