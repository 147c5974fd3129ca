drop function private.dispatch_due_tasks(integer);
drop type private.task_plan;
drop function private.plan_task_occurrences(text, text, timestamptz, text, timestamptz);
