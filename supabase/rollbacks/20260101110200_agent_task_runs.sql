-- The jobs of the runs go with them.
delete from private.jobs where jobs.queue = 'tasks';
delete from private.dead_jobs where dead_jobs.queue = 'tasks';
drop table public.agent_task_runs;
drop function private.forget_deleted_task_runs();
drop function private.remove_task_run_jobs(uuid[], boolean);
