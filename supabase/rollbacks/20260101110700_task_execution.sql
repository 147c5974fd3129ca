drop function public.fail_task_run_step(bigint, bigint, uuid, text, boolean, integer);
drop function public.complete_task_run_step(
  bigint, bigint, uuid, jsonb, integer, integer, numeric
);
drop function public.start_task_run_step(bigint, bigint, uuid);
drop function public.start_task_run(bigint, bigint);
drop function private.fail_lost_task_runs();
drop function private.fail_task_run_step(bigint, bigint, uuid, text, boolean, integer);
drop function private.complete_task_run_step(
  bigint, bigint, uuid, jsonb, integer, integer, numeric
);
drop function private.post_task_result(public.agent_task_runs, text);
drop function private.can_write_in_channel(uuid, uuid);
drop function private.start_task_run_step(bigint, bigint, uuid);
drop function private.find_task_run_step(uuid, uuid);
drop function private.start_task_run(bigint, bigint);
drop function private.task_run_obstacle(public.agent_task_runs);
drop function private.finish_task_run(public.agent_task_runs, text, text);
drop function private.mirror_task_run_steps(uuid, uuid);
drop function private.hold_task_run(bigint, bigint);
