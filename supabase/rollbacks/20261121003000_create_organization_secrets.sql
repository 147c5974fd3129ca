-- Takes back 20261121003000_create_organization_secrets.sql: organizations keep no secrets.
drop function public.resolve_organization_secrets(uuid, text[]);
drop function public.delete_organization_secret(uuid);
drop function public.update_organization_secret(uuid, text, text);
drop function public.rotate_organization_secret(uuid, text);
drop function public.create_organization_secret(uuid, text, text, text);
drop function private.resolve_organization_secrets(uuid, text[]);
drop function private.delete_organization_secret(uuid);
drop function private.update_organization_secret(uuid, text, text);
drop function private.rotate_organization_secret(uuid, text);
drop function private.create_organization_secret(uuid, text, text, text);
drop function private.refuse_secret_row(text);
drop function private.check_secret_value(text);
drop function private.open_organization_secret(uuid);
drop function private.require_management_of_secrets(uuid);
-- The rows go first, so that their trigger takes the values out of Vault.
delete from private.organization_secret_values;
drop table private.organization_secret_values;
drop function private.delete_organization_secret_value();
drop table public.organization_secrets;
