alter publication supabase_realtime
  drop table public.chat_messages, public.agent_task_runs, public.agent_task_run_steps;
