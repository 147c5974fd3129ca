-- The tick by tables: what a turn does and whom it wakes are rows, so that a later migration adds a
-- part of its own instead of rewriting private.tick().

create table private.tick_parts (
  name text primary key,
  place integer not null,
  function_name text not null,

  constraint tick_parts_place_key unique (place),
  constraint tick_parts_name_check check (name ~ '^[a-z][a-z_]*$'),
  constraint tick_parts_function_name_check check (function_name ~ '^[a-z][a-z_]*$')
);

comment on table private.tick_parts is
  'What a turn of the engine does, in the order of place.';
comment on column private.tick_parts.name is 'The key of the count in what tick() returns.';
comment on column private.tick_parts.function_name is
  'A function in private that works without arguments and returns how much it did.';

create table private.queue_workers (
  queue text primary key,
  function_name text not null,

  constraint queue_workers_function_name_check check (function_name ~ '^[a-z][a-z0-9-]*$')
);

comment on table private.queue_workers is 'Which edge function drains a queue.';

insert into private.tick_parts (name, place, function_name) values
  ('leases_returned', 10, 'return_expired_leases'),
  ('runs_failed', 20, 'fail_lost_task_runs'),
  ('calls_released', 30, 'release_abandoned_model_calls'),
  ('runs_dispatched', 40, 'dispatch_due_tasks'),
  ('tasks_ended', 50, 'complete_tasks_past_their_end');

insert into private.queue_workers (queue, function_name) values ('tasks', 'task-runner');

-- Returns how much each part did, by its name, with "functions": the edge functions that have work,
-- and "errors". A part that fails is named in errors, and does not keep the others from their turn.
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
  v_part private.tick_parts;
  v_count integer;
begin
  for v_part in select tick_parts.* from private.tick_parts order by tick_parts.place loop
    begin
      execute format('select private.%I()', v_part.function_name) into v_count;
      v_done := v_done || jsonb_build_object(v_part.name, v_count);
    exception
      when others then
        v_errors := v_errors || format('%s: %s', v_part.name, sqlerrm);
        raise warning 'tick: % failed: %', v_part.name, sqlerrm;
    end;
  end loop;

  return v_done || jsonb_build_object(
    'functions', (
      select coalesce(jsonb_agg(worker.function_name order by worker.function_name), '[]')
      from private.queues_with_work() as busy (queue)
      join private.queue_workers as worker on worker.queue = busy.queue
    ),
    'errors', to_jsonb(v_errors)
  );
end;
$$;

-- The tables whose rows belong to an organization: of the API and of agents, without partitions.
-- public.organizations itself is not among them.
create function private.tenant_tables()
returns table (table_id regclass, schema_name text, table_name text)
language sql
stable
security invoker
set search_path = ''
as $$
  select pg_class.oid::regclass, pg_namespace.nspname::text, pg_class.relname::text
  from pg_catalog.pg_class
  join pg_catalog.pg_namespace on pg_namespace.oid = pg_class.relnamespace
  join pg_catalog.pg_attribute
    on pg_attribute.attrelid = pg_class.oid
    and pg_attribute.attname = 'organization_id'
    and not pg_attribute.attisdropped
  where pg_namespace.nspname in ('public', 'agent_data')
    and pg_class.relkind in ('r', 'p')
    and not pg_class.relispartition
  order by pg_namespace.nspname, pg_class.relname;
$$;

comment on function private.tenant_tables() is
  'Every exposed table with an organization_id, for what works on all of an organization''s rows.';
