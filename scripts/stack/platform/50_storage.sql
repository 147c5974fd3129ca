-- Storage's part: its tables and path functions, as @supabase/lite makes them.

-- include storage.tables

do $$
declare
  v_function regprocedure;
begin
  alter table storage.buckets owner to supabase_storage_tables;
  alter table storage.objects owner to supabase_storage_tables;
  for v_function in
    select oid::regprocedure from pg_catalog.pg_proc where pronamespace = 'storage'::regnamespace
  loop
    execute format('alter function %s owner to supabase_storage_admin', v_function);
  end loop;
end;
$$;

grant all on storage.buckets, storage.objects
  to postgres, supabase_storage_admin, service_role, authenticated, anon;
