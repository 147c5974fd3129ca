-- Schemas and who may use them.

do $$
begin
  execute format('grant all on database %I to postgres', current_database());
end;
$$;

grant all on schema public to postgres;
grant usage on schema public to anon, authenticated, service_role;

create schema if not exists extensions authorization postgres;
grant usage on schema extensions to anon, authenticated, service_role;

create schema if not exists auth authorization supabase_auth_admin;
grant usage on schema auth to anon, authenticated, service_role, postgres;

create schema if not exists storage authorization supabase_storage_admin;
grant usage on schema storage
  to anon, authenticated, service_role, postgres, supabase_storage_tables;

create schema if not exists vault authorization supabase_admin;
grant usage on schema vault to postgres;

-- Whatever a migration makes in public is open to the API roles, until it takes that back.
alter default privileges for role postgres in schema public
  grant all on tables to anon, authenticated, service_role;
alter default privileges for role postgres in schema public
  grant all on functions to anon, authenticated, service_role;
alter default privileges for role postgres in schema public
  grant all on sequences to anon, authenticated, service_role;
alter default privileges for role supabase_admin in schema public
  grant all on tables to postgres, anon, authenticated, service_role;
alter default privileges for role supabase_admin in schema public
  grant all on functions to postgres, anon, authenticated, service_role;
alter default privileges for role supabase_admin in schema public
  grant all on sequences to postgres, anon, authenticated, service_role;
