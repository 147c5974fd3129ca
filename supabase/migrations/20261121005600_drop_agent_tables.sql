-- Tables that an agent brought along, agent_data.agent_<its id without hyphens>_<name>, go with it.

-- At the end of the transaction: until then the deletion that led here may be using them, and a
-- table in use cannot be dropped. Their rows are gone by then, by their foreign keys.
create function private.drop_agent_tables()
returns trigger
language plpgsql
volatile
security definer -- tables belong to who deployed them
set search_path = ''
as $$
declare
  v_table regclass;
begin
  for v_table in
    select pg_class.oid::regclass
    from pg_catalog.pg_class
    where pg_class.relnamespace = 'agent_data'::regnamespace
      and pg_class.relkind in ('r', 'p')
      and starts_with(pg_class.relname, format('agent_%s_', replace(old.id::text, '-', '')))
  loop
    execute format('drop table if exists %s cascade', v_table);
  end loop;

  return null;
end;
$$;

comment on function private.drop_agent_tables() is
  'Constraint trigger: drops the tables of an agent that was deleted.';

create constraint trigger _900_drop_agent_tables
  after delete on public.agents
  deferrable initially deferred
  for each row
  execute function private.drop_agent_tables();
