-- Takes back 20261121004500_create_organization_usage_days.sql. What was used is forgotten.

delete from private.tick_parts
where tick_parts.name in ('requests_counted', 'usage_measured');

drop function public.organization_usage_by_day(uuid, date, date);
drop function private.organization_usage_by_day(uuid, date, date);
drop view public.organization_usage;
drop function private.organization_usage_now(uuid);
drop function private.measure_usage();
drop function private.count_requests();
drop table public.organization_usage_days;
