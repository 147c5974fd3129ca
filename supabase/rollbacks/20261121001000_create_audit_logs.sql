-- Takes back 20261121001000_create_audit_logs.sql: nothing is written down any more, and what was
-- is gone.
do $$
declare
  v_table regclass;
begin
  for v_table in
    select distinct pg_trigger.tgrelid::regclass
    from pg_catalog.pg_trigger
    where pg_trigger.tgname like '\_800\_audit\_%'
  loop
    perform private.disable_audit(v_table);
  end loop;
end;
$$;

drop trigger _920_remove_late_audit_logs on public.organizations;
drop trigger _910_remove_audit_logs on public.organizations;
drop function private.remove_audit_logs();
drop function private.record_audit_event(uuid, text, text, text, jsonb, text);
drop function private.disable_audit(regclass);
drop function private.enable_audit(regclass, text, text[], text[]);
drop function private.audit_delete();
drop function private.audit_update();
drop function private.audit_insert();
drop function private.audit_context();
drop type private.audit_context;
drop function private.redact_credentials(jsonb, text[]);
drop function private.suspicion_pattern(boolean);
drop function private.credential_text_pattern();
drop function private.credential_key_pattern();
delete from private.tick_parts where tick_parts.name = 'audit_partitions_made';
drop function private.create_audit_partitions();
drop function private.create_default_audit_partition();
drop function private.create_audit_partition(text, text, text);
drop table public.audit_logs;
drop function private.keep_audit_logs();
drop function private.audit_month_is_archived(uuid, timestamptz);
drop table private.audit_unsealed;
