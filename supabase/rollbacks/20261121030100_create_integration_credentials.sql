-- Takes back 20261121030100_create_integration_credentials.sql: nobody connects accounts.
drop function public.rename_connection(uuid, text);
drop function public.set_connection_visibility(uuid, text);
drop function public.can_manage_connection(uuid);
drop function public.disconnect_service(uuid);
drop function public.revocation_credential(uuid);
drop function public.connection_credential(uuid);
drop function public.save_key_connection(
  uuid, uuid, uuid, jsonb, text, text, text, text, uuid, jsonb
);
drop function public.save_oauth_connection(
  uuid, uuid, uuid, text, text, text[], integer, text, text, text, text, uuid, jsonb
);
drop function private.rename_connection(uuid, text);
drop function private.set_connection_visibility(uuid, text);
drop function private.can_manage_connection(uuid);
drop function private.disconnect_service(uuid);
drop function private.revocation_credential(uuid);
drop function private.connection_credential(uuid);
drop function private.save_key_connection(
  uuid, uuid, uuid, jsonb, text, text, text, text, uuid, jsonb
);
drop function private.credential_fault(jsonb, jsonb);
drop function private.save_oauth_connection(
  uuid, uuid, uuid, text, text, text[], integer, text, text, text, text, uuid, jsonb
);
drop function private.require_provider(uuid, public.provider_type[]);
drop function private.save_connection(public.user_integration_credentials, text, text);
drop function private.keep_connection_secret(uuid, uuid, text, text, text);
drop function private.require_connecting_member(uuid, uuid);
drop function private.raise_connection_not_found();
drop function private.open_connection(uuid);
drop function private.manages_connection(public.user_integration_credentials);
drop function private.describe_connection(public.user_integration_credentials);
-- The rows go first, so that their trigger takes the tokens out of Vault.
delete from public.user_integration_credentials;
drop table private.token_refreshes;
drop table public.user_integration_credentials;
drop function private.withdraw_connection_grants();
drop function private.delete_connection_secrets();
delete from private.transfer_rules where table_name = 'user_integration_credentials';
drop type public.credential_type;
