-- Four more limits of an organization beside its model budget: requests per minute, jobs in flight,
-- storage and rows. Each is null, and so without limit, until someone who holds quotas.manage sets
-- it; what counts and refuses is in the migrations after this one.

alter table public.organization_quotas
  add column requests_per_minute_limit integer,
  add column jobs_in_flight_limit integer,
  add column storage_bytes_limit bigint,
  add column rows_limit bigint,
  add constraint organization_quotas_requests_per_minute_limit_check check (
    requests_per_minute_limit >= 0
  ),
  add constraint organization_quotas_jobs_in_flight_limit_check check (jobs_in_flight_limit >= 0),
  add constraint organization_quotas_storage_bytes_limit_check check (storage_bytes_limit >= 0),
  add constraint organization_quotas_rows_limit_check check (rows_limit >= 0);

comment on column public.organization_quotas.requests_per_minute_limit is
  'Requests that may write, and calls of edge functions, in one minute of the clock. Null is '
  'without limit, 0 is none.';
comment on column public.organization_quotas.jobs_in_flight_limit is
  'Jobs that wait or are worked on at the same time. Null is without limit, 0 is none.';
comment on column public.organization_quotas.storage_bytes_limit is
  'Size of the objects in the folders of the organization, over all buckets. Null is without '
  'limit, 0 is none.';
comment on column public.organization_quotas.rows_limit is
  'Rows of the organization in the tables that its people fill. Null is without limit, 0 is none.';

-- The few organizations that have such a limit are found without reading all of them.
create index organization_quotas_jobs_in_flight_limit_idx
  on public.organization_quotas (organization_id)
  where jobs_in_flight_limit is not null;

grant update (
  requests_per_minute_limit, jobs_in_flight_limit, storage_bytes_limit, rows_limit
) on public.organization_quotas to authenticated;
