-- Secrets stay in Vault; only the ways to them go.
drop function public.delete_vault_secret(text);
drop function public.update_vault_secret(text, text);
drop function public.vault_decrypt(text);
drop function public.create_vault_secret(text, text, text);
drop function private.delete_vault_secret(text);
drop function private.update_vault_secret(text, text);
drop function private.vault_decrypt(text);
drop function private.create_vault_secret(text, text, text);
drop function private.find_vault_secret(text);
