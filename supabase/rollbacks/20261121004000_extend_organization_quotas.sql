-- Takes back 20261121004000_extend_organization_quotas.sql. The four limits are lost.

alter table public.organization_quotas
  drop column requests_per_minute_limit,
  drop column jobs_in_flight_limit,
  drop column storage_bytes_limit,
  drop column rows_limit;
