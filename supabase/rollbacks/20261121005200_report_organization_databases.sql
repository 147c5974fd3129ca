drop function public.organization_database_info(uuid);
drop function private.organization_database_info(uuid);
drop function private.describe_organization_table(regclass, uuid);
