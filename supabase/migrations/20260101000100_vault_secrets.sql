-- Vault secrets: how the service keeps and reads secrets.
-- Rows elsewhere hold the id as text; the secret itself is in Supabase Vault alone. Only the secret
-- key reaches these functions: whoever may use a secret asks a function that uses it for them.

-- The row behind an id that came as text, or PT404 for anything that is not one.
create function private.find_vault_secret(p_vault_id text)
returns uuid
language plpgsql
stable
security definer -- vault.secrets is readable by its keeper alone
set search_path = ''
as $$
declare
  v_id uuid;
begin
  if p_vault_id ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then
    select secrets.id into v_id from vault.secrets where secrets.id = p_vault_id::uuid;
  end if;

  if v_id is null then
    raise sqlstate 'PT404' using
      message = 'No secret with that id in Vault',
      detail = 'vault_secret_not_found',
      hint = 'Pass the id that create_vault_secret returned; it may have been deleted since.';
  end if;

  return v_id;
end;
$$;

comment on function private.find_vault_secret(text) is
  'The id of an existing Vault secret. Raises PT404 vault_secret_not_found.';

create function private.create_vault_secret(p_secret text, p_name text, p_description text)
returns text
language plpgsql
volatile
security definer -- vault.create_secret is granted to its keeper alone
set search_path = ''
as $$
begin
  if coalesce(p_secret, '') = '' then
    raise sqlstate 'PT400' using
      message = 'Cannot keep an empty secret',
      detail = 'vault_secret_empty',
      hint = 'Pass the secret as p_secret.';
  end if;

  return vault.create_secret(p_secret, nullif(p_name, ''), coalesce(p_description, ''))::text;
exception
  when unique_violation then
    raise sqlstate 'PT409' using
      message = 'A secret of that name is in Vault already',
      detail = 'vault_secret_name_taken',
      hint = 'Choose another name, or change the secret with update_vault_secret.';
end;
$$;

create function private.vault_decrypt(p_vault_id text)
returns text
language plpgsql
stable
security definer -- vault.decrypted_secrets is readable by its keeper alone
set search_path = ''
as $$
declare
  v_id constant uuid := private.find_vault_secret(p_vault_id);
begin
  return (
    select decrypted_secrets.decrypted_secret
    from vault.decrypted_secrets
    where decrypted_secrets.id = v_id
  );
end;
$$;

create function private.update_vault_secret(p_vault_id text, p_secret text)
returns void
language plpgsql
volatile
security definer -- vault.update_secret is granted to its keeper alone
set search_path = ''
as $$
declare
  v_id constant uuid := private.find_vault_secret(p_vault_id);
begin
  if coalesce(p_secret, '') = '' then
    raise sqlstate 'PT400' using
      message = 'Cannot keep an empty secret',
      detail = 'vault_secret_empty',
      hint = 'Remove a secret with delete_vault_secret.';
  end if;

  perform vault.update_secret(v_id, p_secret);
end;
$$;

create function private.delete_vault_secret(p_vault_id text)
returns boolean
language plpgsql
volatile
security definer -- vault.secrets is writable by its keeper alone
set search_path = ''
as $$
begin
  delete from vault.secrets
  where secrets.id = private.find_vault_secret(p_vault_id);
  return true;
exception
  -- Deleting twice is fine: what was asked for is so.
  when sqlstate 'PT404' then
    return false;
end;
$$;

create function public.create_vault_secret(
  p_secret text,
  p_name text default null,
  p_description text default null
)
returns text
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.create_vault_secret(p_secret, p_name, p_description);
$$;

comment on function public.create_vault_secret(text, text, text) is
  'Keeps a secret in Vault and returns its id. Secret key only. Errors: vault_secret_empty, '
  'vault_secret_name_taken.';

create function public.vault_decrypt(vault_id text)
returns text
language sql
stable
security invoker
set search_path = ''
as $$
  select private.vault_decrypt(vault_id);
$$;

comment on function public.vault_decrypt(text) is
  'The secret behind a Vault id. Secret key only. Errors: vault_secret_not_found.';

create function public.update_vault_secret(p_vault_id text, p_secret text)
returns void
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.update_vault_secret(p_vault_id, p_secret);
$$;

comment on function public.update_vault_secret(text, text) is
  'Replaces a secret under its Vault id. Secret key only. Errors: vault_secret_empty, '
  'vault_secret_not_found.';

create function public.delete_vault_secret(p_vault_id text)
returns boolean
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.delete_vault_secret(p_vault_id);
$$;

comment on function public.delete_vault_secret(text) is
  'Removes a secret from Vault. False when there was none. Secret key only.';

grant execute on function
  private.create_vault_secret(text, text, text),
  private.vault_decrypt(text),
  private.update_vault_secret(text, text),
  private.delete_vault_secret(text),
  public.create_vault_secret(text, text, text),
  public.vault_decrypt(text),
  public.update_vault_secret(text, text),
  public.delete_vault_secret(text)
to service_role;
