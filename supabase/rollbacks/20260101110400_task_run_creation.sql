drop function private.complete_tasks_past_their_end();
drop function private.complete_ended_tasks(uuid[]);
drop function private.continue_task(uuid);
drop function private.create_task_runs(uuid[], text, timestamptz[], jsonb, text, uuid, uuid);
drop function private.skip_open_task_run_steps(uuid[]);
drop function private.elapsed_ms(timestamptz);
drop function private.cancel_task_runs(uuid[], text);
