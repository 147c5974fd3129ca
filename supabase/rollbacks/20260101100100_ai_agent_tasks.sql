drop function public.organization_model_usage(uuid);
drop function public.finish_model_call(uuid, text, integer, integer, integer, integer, text);
drop function public.begin_model_call(
  uuid, uuid, text, text, integer, integer, uuid, uuid, uuid, integer
);
drop function private.organization_model_usage(uuid);
drop function private.release_abandoned_model_calls();
drop function private.finish_model_call(uuid, text, integer, integer, integer, integer, text);
drop function private.begin_model_call(
  uuid, uuid, text, text, integer, integer, uuid, uuid, uuid, integer
);
drop function private.model_call_cost(numeric, numeric, integer, integer);
drop function private.request_correlation_id();
drop table private.model_usage_months;
drop table public.ai_agent_tasks;
