alter table public.user_preferences drop column current_organization_id;
drop table public.organizations;
drop function private.current_organization_id();
drop function private.organizations_with(text);
