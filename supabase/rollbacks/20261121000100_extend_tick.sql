-- Takes back 20261121000100_extend_tick.sql: the tick names its parts itself again.

drop function private.tenant_tables();

-- Returns {"leases_returned", "runs_failed", "calls_released", "runs_dispatched", "functions",
-- "errors"}. functions are the edge functions that have work. A part that fails is named in errors,
-- and does not keep the others from their turn.
create or replace function private.tick()
returns jsonb
language plpgsql
volatile
security definer -- the queue and the engine's tables are written by nobody else
set search_path = ''
as $$
declare
  v_done jsonb := jsonb_build_object();
  v_errors text[] := array[]::text[];
  v_part text;
  v_count integer;
begin
  foreach v_part in array array[
    'leases_returned', 'runs_failed', 'calls_released', 'runs_dispatched', 'tasks_ended'
  ] loop
    begin
      case v_part
        when 'leases_returned' then
          v_count := private.return_expired_leases();
        when 'runs_failed' then
          v_count := private.fail_lost_task_runs();
        when 'calls_released' then
          v_count := private.release_abandoned_model_calls();
        when 'runs_dispatched' then
          v_count := private.dispatch_due_tasks();
        when 'tasks_ended' then
          v_count := private.complete_tasks_past_their_end();
      end case;
      v_done := v_done || jsonb_build_object(v_part, v_count);
    exception
      when others then
        v_errors := v_errors || format('%s: %s', v_part, sqlerrm);
        raise warning 'tick: % failed: %', v_part, sqlerrm;
    end;
  end loop;

  return v_done || jsonb_build_object(
    'functions', (
      select coalesce(jsonb_agg(worker.function_name order by worker.function_name), '[]')
      from private.queues_with_work() as busy (queue)
      join (values ('tasks', 'task-runner')) as worker (queue, function_name)
        on worker.queue = busy.queue
    ),
    'errors', to_jsonb(v_errors)
  );
end;
$$;

drop table private.queue_workers;
drop table private.tick_parts;
