-- Takes back 20261121003100_refuse_plain_credentials.sql: configurations hold what they are given.
drop trigger _310_keep_name_in_use on public.organization_secrets;
drop trigger _300_keep_secret_in_use on public.organization_secrets;
drop function private.keep_secret_in_use();
drop function private.places_of_references(uuid, text[]);

do $$
declare
  v_table regclass;
begin
  for v_table in select distinct guarded.table_id from private.guarded_columns() as guarded loop
    execute format('drop trigger _150_refuse_plain_credentials on %s', v_table);
  end loop;
end;
$$;

drop function private.guarded_columns();
drop function private.guard_configuration(regclass, text[]);
drop function private.refuse_plain_credentials();
drop function private.find_plain_credential(jsonb, text);
drop function private.text_at(jsonb, text);
drop function private.is_plain_credential(text, text);
drop function private.credential_suspicion(text);
drop function private.is_named_like(text, text);
drop function private.credential_pattern(text);
