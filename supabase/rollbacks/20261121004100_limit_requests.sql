-- Takes back 20261121004100_limit_requests.sql. Requests are not counted any more.

do $setting$
declare
  v_scope text;
begin
  foreach v_scope in array array[format('in database %I', current_database()), ''] loop
    begin
      -- Only what is ours: another hook may have taken its place.
      if exists (
        select
        from pg_catalog.pg_db_role_setting
        where pg_db_role_setting.setrole = to_regrole('authenticator')
          and 'pgrst.db_pre_request=private.check_request' = any (pg_db_role_setting.setconfig)
          and pg_db_role_setting.setdatabase = case when v_scope = '' then 0 else (
            select pg_database.oid
            from pg_catalog.pg_database
            where pg_database.datname = current_database()
          ) end
      ) then
        execute format('alter role authenticator %s reset pgrst.db_pre_request', v_scope);
      end if;
    exception
      when insufficient_privilege or reserved_name then
        raise warning 'pgrst.db_pre_request still names private.check_request: %', sqlerrm;
    end;
  end loop;
end;
$setting$;

notify pgrst, 'reload config';

drop function public.consume_request(uuid);
drop function private.check_request();
drop function private.consume_request(uuid);
drop function private.charge_writer(uuid);
drop function private.take_request(uuid, integer, boolean);

drop trigger _900_remove_request_tallies on public.organizations;
drop function private.remove_request_tallies();
drop trigger _510_start_request_windows on public.organization_quotas;
drop trigger _500_keep_request_windows on public.organization_quotas;
drop function private.keep_request_windows();

drop table private.request_windows;
drop table private.request_tallies;
