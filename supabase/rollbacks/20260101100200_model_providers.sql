drop function public.model_provider_settings(uuid);
drop function public.get_model_provider(uuid);
drop function public.remove_model_provider(uuid);
drop function public.set_model_provider(uuid, text, text, text, text);
drop function private.model_provider_settings(uuid);
drop function private.get_model_provider(uuid);
drop function private.remove_model_provider(uuid);
drop function private.set_model_provider(uuid, text, text, text, text);
drop function private.describe_model_provider(private.model_providers);
drop function private.require_permission_on_model_provider(uuid, text);
-- The rows go first, so that their trigger takes the keys out of Vault.
delete from private.model_providers;
drop table private.model_providers;
drop function private.delete_model_provider_secret();
