-- Takes back 20261121090000_count_rows.sql: no table counts towards rows_limit.

do $$
declare
  v_table regclass;
begin
  for v_table in
    select tenant_tables.table_id from private.tenant_tables()
  loop
    perform private.disable_row_quota(v_table);
  end loop;
end;
$$;
