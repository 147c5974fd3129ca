-- Which tables count towards organization_quotas.rows_limit, and whose writers towards
-- requests_per_minute_limit: all that belong to an organization, but those that the system fills by
-- itself.

do $$
declare
  v_table regclass;
begin
  for v_table in
    select tenant_tables.table_id
    from private.tenant_tables()
    where tenant_tables.schema_name = 'public'
      and tenant_tables.table_name not in (
        -- They grow with every write, people's or not, and have a retention of their own.
        'audit_logs',
        'audit_seals',
        'audit_archives',
        -- One row an organization, and one a day.
        'organization_quotas',
        'organization_usage_days'
      )
  loop
    perform private.enable_row_quota(v_table);
  end loop;
end;
$$;
