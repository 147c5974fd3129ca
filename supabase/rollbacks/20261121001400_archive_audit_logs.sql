-- Takes back 20261121001400_archive_audit_logs.sql: audit logs stay. What was archived stays in
-- Storage, and with it the bucket; an empty one goes.

delete from private.tick_parts
where tick_parts.name in ('audit_archives_enqueued', 'audit_partitions_dropped');
delete from private.queue_workers where queue_workers.queue = 'audit';
delete from private.jobs where jobs.queue = 'audit';

drop function public.is_audit_archive_orphaned(text);
drop function public.complete_audit_archive(bigint, bigint, text, text, bigint, bigint, bigint);
drop function public.read_audit_archive_page(bigint, bigint, bigint, bigint);
drop function public.start_audit_archive(bigint, bigint);
drop function private.drop_audit_partitions();
drop function private.is_audit_archive_orphaned(text);
drop function private.judge_audit_seals(uuid, date, bigint);
drop function private.complete_audit_archive(bigint, bigint, text, text, bigint, bigint, bigint);
drop function private.read_audit_archive_page(bigint, bigint, bigint, bigint);
drop function private.start_audit_archive(bigint, bigint);
drop function private.enqueue_audit_archives(interval);
drop table private.audit_retention_looks;

create or replace function private.audit_month_is_archived(
  p_organization_id uuid,
  p_created_at timestamptz
)
returns boolean
language sql
stable
security invoker
set search_path = ''
as $$
  select false;
$$;

drop policy select_member on storage.objects;
drop function private.readable_storage_folders();
drop table private.storage_readers;

-- Hosted Storage refuses deletes by SQL unless they are meant.
select set_config('storage.allow_delete_query', 'true', true);
delete from storage.buckets
where buckets.id = 'audit-archives'
  and not exists (select from storage.objects where objects.bucket_id = buckets.id);

drop table public.audit_archives;
alter table public.organization_quotas drop column audit_retention_months;
