alter table public.ai_agent_tasks drop constraint ai_agent_tasks_run_step_id_fkey;
drop table public.agent_task_run_steps;
