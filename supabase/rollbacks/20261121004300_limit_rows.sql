-- Takes back 20261121004300_limit_rows.sql: rows are not counted any more.

delete from private.tick_parts where tick_parts.name = 'row_counters_settled';

do $$
declare
  v_table regclass;
begin
  for v_table in
    select distinct pg_trigger.tgrelid::regclass
    from pg_catalog.pg_trigger
    where pg_trigger.tgname in ('_850_count_inserted', '_850_count_deleted')
      and pg_trigger.tgparentid = 0
  loop
    perform private.disable_row_quota(v_table);
  end loop;
end;
$$;

drop trigger _510_start_row_counter on public.organization_quotas;
drop trigger _500_keep_row_counter on public.organization_quotas;
drop function private.keep_row_counter();
drop function private.settle_row_counters();
drop function private.count_organization_rows(uuid);
drop function private.disable_row_quota(regclass);
drop function private.enable_row_quota(regclass);

drop table private.row_changes;
drop table private.row_counters;
drop function private.hold_row_quota();
drop function private.count_rows();
drop function private.charge_update();
