-- Roles of Supabase's Postgres image.
-- Roles belong to the cluster, and other databases may use them: only what is missing is written.

do $$
begin
  if to_regrole('supabase_admin') is null then
    create role supabase_admin login superuser createdb createrole replication bypassrls;
  end if;
  if to_regrole('postgres') is null then
    create role postgres login createdb createrole replication bypassrls;
  end if;
  if to_regrole('anon') is null then
    create role anon nologin noinherit;
  end if;
  if to_regrole('authenticated') is null then
    create role authenticated nologin noinherit;
  end if;
  if to_regrole('service_role') is null then
    create role service_role nologin noinherit bypassrls;
  end if;
  if to_regrole('authenticator') is null then
    create role authenticator login noinherit;
  end if;
  if to_regrole('supabase_auth_admin') is null then
    create role supabase_auth_admin login noinherit createrole;
  end if;
  if to_regrole('supabase_storage_admin') is null then
    create role supabase_storage_admin login noinherit createrole;
  end if;
  -- Supabase lets postgres put policies on storage.objects by an extension (supautils). Here a
  -- role that owns those two tables and nothing else does it.
  if to_regrole('supabase_storage_tables') is null then
    create role supabase_storage_tables nologin noinherit;
  end if;
end;
$$;

do $$
declare
  v_grant record;
begin
  for v_grant in
    select granted, member
    from (
      values
        ('anon', 'authenticator'),
        ('authenticated', 'authenticator'),
        ('service_role', 'authenticator'),
        ('authenticator', 'supabase_storage_admin'),
        ('anon', 'postgres'),
        ('authenticated', 'postgres'),
        ('service_role', 'postgres'),
        ('authenticator', 'postgres'),
        ('pg_monitor', 'postgres'),
        ('pg_read_all_data', 'postgres'),
        ('pg_signal_backend', 'postgres'),
        ('supabase_storage_tables', 'postgres'),
        ('supabase_storage_tables', 'supabase_storage_admin')
    ) as wanted (granted, member)
    where not exists (
      select
      from pg_catalog.pg_auth_members
      where roleid = to_regrole(wanted.granted)
        and pg_auth_members.member = to_regrole(wanted.member)
    )
  loop
    execute format('grant %I to %I', v_grant.granted, v_grant.member);
  end loop;
end;
$$;

do $$
declare
  v_setting record;
begin
  for v_setting in
    select role_name, setting, value
    from (
      values
        ('postgres', 'search_path', '"$user", public, extensions'),
        ('anon', 'statement_timeout', '''3s'''),
        ('authenticated', 'statement_timeout', '''8s'''),
        ('authenticator', 'statement_timeout', '''8s''')
    ) as wanted (role_name, setting, value)
    where not exists (
      select
      from pg_catalog.pg_db_role_setting, unnest(setconfig) as config
      where setrole = to_regrole(wanted.role_name)
        and setdatabase = 0
        and config like wanted.setting || '=%'
    )
  loop
    execute format('alter role %I set %I = %s', v_setting.role_name, v_setting.setting, v_setting.value);
  end loop;
end;
$$;

-- On Supabase, postgres writes the settings that PostgREST reads from the role it logs in with
-- (supautils lets it). By itself, Postgres wants the admin option and a grant on the setting.
do $$
begin
  if not exists (
    select
    from pg_catalog.pg_auth_members
    where roleid = 'authenticator'::regrole
      and member = 'postgres'::regrole
      and admin_option
  ) and not (select rolsuper from pg_catalog.pg_roles where rolname = 'postgres') then
    grant authenticator to postgres with admin option;
  end if;
  if not has_parameter_privilege('postgres', 'pgrst.db_pre_request', 'set') then
    grant set on parameter pgrst.db_pre_request to postgres;
  end if;
end;
$$;
