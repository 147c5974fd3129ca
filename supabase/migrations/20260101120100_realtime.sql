-- Realtime: what a frontend follows live. Realtime sends a row to whom the select policy of its
-- table lets read it.

alter publication supabase_realtime
  add table public.chat_messages, public.agent_task_runs, public.agent_task_run_steps;
