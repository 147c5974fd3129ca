-- Takes back 20261121001200_create_audit_seals.sql: audit logs wait for a seal again.

delete from private.tick_parts where tick_parts.name = 'audit_logs_sealed';

drop function public.verify_audit_chain(uuid);
drop function private.verify_audit_chain(uuid);
drop function private.require_audit_permission(uuid, text[]);
drop function private.seal_audit_logs(integer);
drop function private.seal_audit_batch(integer, uuid[]);
drop function private.audit_seal_text(
  uuid, bigint, date, bigint[], timestamptz, timestamptz, bytea, bytea, timestamptz
);
drop function private.audit_log_text(public.audit_logs);
drop function private.audit_time_text(timestamptz);
drop trigger _500_create_audit_chain on public.organizations;
drop function private.create_audit_chain();
alter table private.audit_unsealed reset (
  autovacuum_vacuum_threshold,
  autovacuum_vacuum_scale_factor,
  autovacuum_vacuum_cost_delay
);
drop table private.audit_chains;
drop table public.audit_seals;
drop function private.keep_audit_seals();
