-- Model providers: an organization's own account at a provider, used instead of the operator's.
-- The key is one Vault secret, organizations/<id>/model_provider. It is written once, never read
-- back by people, and goes away with the row, so also with the organization.

create table private.model_providers (
  organization_id uuid primary key references public.organizations (id) on delete cascade,
  provider text not null,
  model text not null,
  base_url text,
  vault_secret_id uuid not null,
  set_by_user_id uuid references public.profiles (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint model_providers_provider_check check (provider in ('openai-compatible', 'anthropic')),
  constraint model_providers_model_check check (char_length(model) between 1 and 200),
  -- No credentials, query or fragment: those end up in logs. Which addresses may be reached is
  -- decided where the call is made, after the name has been resolved; plain http to this machine
  -- passes there in the embedded stack alone.
  constraint model_providers_base_url_check check (
    base_url
      ~ '^(https://[^\s/@?#]+|http://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?)(/[^\s@?#]*)?$'
    and char_length(base_url) <= 500
  )
);

comment on table private.model_providers is
  'The model provider an organization brings itself. Its key is in Vault.';

create index model_providers_set_by_user_id_idx on private.model_providers (set_by_user_id);

create function private.delete_model_provider_secret()
returns trigger
language plpgsql
volatile
security definer -- whoever deletes the organization cannot reach Vault
set search_path = ''
as $$
begin
  delete from vault.secrets where secrets.id = old.vault_secret_id;
  return old;
end;
$$;

create trigger _200_delete_secret
  after delete on private.model_providers
  for each row
  execute function private.delete_model_provider_secret();

create trigger _900_touch_updated_at
  before update on private.model_providers
  for each row
  execute function private.touch_updated_at();

-- Raises PT403 permission_denied unless the caller holds the permission there, or is the service.
create function private.require_permission_on_model_provider(
  p_organization_id uuid,
  p_permission text
)
returns void
language plpgsql
stable
security definer -- memberships are read past their own policies
set search_path = ''
as $$
begin
  if (select auth.role()) is distinct from 'service_role'
    and not coalesce(p_organization_id = any (private.organizations_with(p_permission)), false)
  then
    raise sqlstate 'PT403' using
      message = 'You may not do that with the model provider of this organization',
      detail = 'permission_denied',
      hint = format('It takes the permission %s.', p_permission);
  end if;
end;
$$;

-- What may be shown of a provider: everything but the key.
create function private.describe_model_provider(p_provider private.model_providers)
returns jsonb
language sql
immutable
security invoker
set search_path = ''
as $$
  select case
    when p_provider.organization_id is not null then
      jsonb_build_object(
        'organization_id', p_provider.organization_id,
        'provider', p_provider.provider,
        'model', p_provider.model,
        'base_url', p_provider.base_url,
        'updated_at', p_provider.updated_at
      )
  end;
$$;

-- Sets or replaces the provider. The key is always asked for anew: otherwise a new base URL would
-- make the old key travel to an address that its owner never agreed to.
-- Needs ai.manage. Errors: PT400 model_provider_invalid; PT403 permission_denied.
create function private.set_model_provider(
  p_organization_id uuid,
  p_provider text,
  p_model text,
  p_api_key text,
  p_base_url text default null
)
returns jsonb
language plpgsql
volatile
security definer -- the table is private and Vault is closed to API roles
set search_path = ''
as $$
declare
  v_problem text;
  v_base_url constant text := nullif(rtrim(btrim(p_base_url), '/'), '');
  v_provider private.model_providers;
begin
  perform private.require_permission_on_model_provider(p_organization_id, 'ai.manage');

  v_problem := case
    when p_provider is null or p_provider not in ('openai-compatible', 'anthropic') then
      'p_provider is openai-compatible or anthropic'
    when p_model is null or char_length(btrim(p_model)) not between 1 and 200 then
      'p_model has 1 to 200 characters'
    when p_api_key is null or char_length(p_api_key) not between 1 and 4000
      or p_api_key ~ '[^[:print:]]|\s'
    then
      'p_api_key has 1 to 4000 printable characters without spaces'
    when v_base_url is not null
      and (
        v_base_url
          !~ '^(https://[^\s/@?#]+|http://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?)(/[^\s@?#]*)?$'
        or char_length(v_base_url) > 500
      )
    then
      'p_base_url is an https URL of at most 500 characters without credentials, query or fragment'
  end;

  if v_problem is not null then
    raise sqlstate 'PT400' using
      message = 'Cannot set the model provider: ' || v_problem,
      detail = 'model_provider_invalid',
      hint = 'Correct that parameter and call again. Nothing was changed.';
  end if;

  -- Two callers at once would both create the secret of that name.
  perform from public.organizations where organizations.id = p_organization_id for no key update;

  select model_providers.* into v_provider
  from private.model_providers
  where model_providers.organization_id = p_organization_id;

  if v_provider.organization_id is null then
    insert into private.model_providers (
      organization_id, provider, model, base_url, vault_secret_id, set_by_user_id
    )
    values (
      p_organization_id, p_provider, btrim(p_model), v_base_url,
      vault.create_secret(
        p_api_key,
        format('organizations/%s/model_provider', p_organization_id),
        'API key of the model provider that the organization brings itself'
      ),
      (select auth.uid())
    )
    returning model_providers.* into v_provider;
  else
    perform vault.update_secret(v_provider.vault_secret_id, p_api_key);

    update private.model_providers
    set
      provider = p_provider,
      model = btrim(p_model),
      base_url = v_base_url,
      set_by_user_id = (select auth.uid())
    where model_providers.organization_id = p_organization_id
    returning model_providers.* into v_provider;
  end if;

  return private.describe_model_provider(v_provider);
end;
$$;

-- Removes the provider and its key; the operator's is used again. Returns whether there was one.
-- Needs ai.manage. Errors: PT403 permission_denied.
create function private.remove_model_provider(p_organization_id uuid)
returns boolean
language plpgsql
volatile
security definer -- the table is private
set search_path = ''
as $$
begin
  perform private.require_permission_on_model_provider(p_organization_id, 'ai.manage');

  delete from private.model_providers where model_providers.organization_id = p_organization_id;
  return found;
end;
$$;

-- The provider without its key, or null. Needs ai.read. Errors: PT403 permission_denied.
create function private.get_model_provider(p_organization_id uuid)
returns jsonb
language plpgsql
stable
security definer -- the table is private
set search_path = ''
as $$
begin
  perform private.require_permission_on_model_provider(p_organization_id, 'ai.read');

  return (
    select private.describe_model_provider(model_providers)
    from private.model_providers
    where model_providers.organization_id = p_organization_id
  );
end;
$$;

-- For the functions that call models: the provider with its key, or null. Service only.
create function private.model_provider_settings(p_organization_id uuid)
returns jsonb
language sql
stable
security definer -- Vault is closed to API roles; only service_role may execute this
set search_path = ''
as $$
  select jsonb_build_object(
    'provider', model_providers.provider,
    'base_url', model_providers.base_url,
    'api_key', decrypted_secrets.decrypted_secret,
    'model', model_providers.model
  )
  from private.model_providers
  join vault.decrypted_secrets on decrypted_secrets.id = model_providers.vault_secret_id
  where model_providers.organization_id = p_organization_id;
$$;

create function public.set_model_provider(
  p_organization_id uuid,
  p_provider text,
  p_model text,
  p_api_key text,
  p_base_url text default null
)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.set_model_provider(
    p_organization_id, p_provider, p_model, p_api_key, p_base_url
  );
$$;

create function public.remove_model_provider(p_organization_id uuid)
returns boolean
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.remove_model_provider(p_organization_id);
$$;

create function public.get_model_provider(p_organization_id uuid)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select private.get_model_provider(p_organization_id);
$$;

create function public.model_provider_settings(p_organization_id uuid)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select private.model_provider_settings(p_organization_id);
$$;

comment on function public.set_model_provider(uuid, text, text, text, text) is
  'Sets the organization''s own model provider; its key goes to Vault and is never read back. '
  'Needs ai.manage. Errors: model_provider_invalid, permission_denied.';
comment on function public.remove_model_provider(uuid) is
  'Removes the organization''s own model provider and its key. Needs ai.manage. Errors: '
  'permission_denied.';
comment on function public.get_model_provider(uuid) is
  'The organization''s own model provider without its key: organization_id, provider, model, '
  'base_url, updated_at; null when there is none. Needs ai.read. Errors: permission_denied.';
comment on function public.model_provider_settings(uuid) is
  'The organization''s own model provider with its key: provider, base_url, api_key, model; null '
  'when there is none. Service only.';

grant execute on function
  private.set_model_provider(uuid, text, text, text, text),
  private.remove_model_provider(uuid),
  private.get_model_provider(uuid),
  public.set_model_provider(uuid, text, text, text, text),
  public.remove_model_provider(uuid),
  public.get_model_provider(uuid)
to authenticated, service_role;

grant execute on function
  private.model_provider_settings(uuid),
  public.model_provider_settings(uuid)
to service_role;
