drop trigger _500_create_quotas on public.organizations;
drop function private.create_quotas();
drop table public.organization_quotas;
