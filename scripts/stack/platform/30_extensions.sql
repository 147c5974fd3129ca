-- What Supabase has switched on from the start.

create extension if not exists pgcrypto with schema extensions;
create extension if not exists "uuid-ossp" with schema extensions;

-- On Supabase a migration may create these two; on a bare Postgres that would take a superuser,
-- so they wait here and the migration's `if not exists` finds them.
do $$
declare
  v_name text;
begin
  for v_name in
    select name from pg_catalog.pg_available_extensions where name in ('pg_trgm', 'vector')
  loop
    execute format('create extension if not exists %I with schema extensions', v_name);
  end loop;
end;
$$;
