-- Consents of connections that went without being ended first: with their owner's place, their
-- organization, or because nobody confirmed them. Who disconnects has the consent taken back at the
-- provider; here nobody is left to do it, so a job does. Until then, at most a day, the tokens lie
-- in Vault under a name that leads back to nobody.

create table private.lost_consents (
  id uuid primary key default gen_random_uuid(),
  service_provider_id uuid not null references public.service_providers (id) on delete cascade,
  account_id text,
  vault_tokens_id uuid not null,
  created_at timestamptz not null default now(),

  constraint lost_consents_vault_tokens_id_key unique (vault_tokens_id)
);

comment on table private.lost_consents is
  'Consents to take back at their provider: their connection is gone.';
comment on column private.lost_consents.account_id is
  'Whose consent, by the provider''s own id: other connections may live by it.';
comment on column private.lost_consents.vault_tokens_id is
  'In Vault: {access_token, refresh_token} as JSON.';

create index lost_consents_service_provider_id_idx
  on private.lost_consents (service_provider_id);
create index lost_consents_created_at_idx on private.lost_consents (created_at);

create function private.delete_consent_tokens()
returns trigger
language plpgsql
volatile
security definer -- Vault is closed to API roles
set search_path = ''
as $$
begin
  delete from vault.secrets where secrets.id = old.vault_tokens_id;
  return null;
end;
$$;

comment on function private.delete_consent_tokens() is
  'Trigger: tokens leave Vault with the consent that they were kept for.';

create trigger _200_delete_tokens
  after delete on private.lost_consents
  for each row
  execute function private.delete_consent_tokens();

-- Runs before the tokens of the connection leave Vault.
create function private.keep_lost_consent()
returns trigger
language plpgsql
volatile
security definer -- whoever deletes the connection or its owner reaches neither Vault nor the queue
set search_path = ''
as $$
declare
  v_tokens jsonb;
  v_consent_id uuid;
begin
  select jsonb_build_object(
    'access_token', access_token.decrypted_secret,
    'refresh_token', refresh_token.decrypted_secret
  )
  into v_tokens
  from public.service_providers
  join vault.decrypted_secrets as access_token
    on access_token.id = old.vault_access_token_id::uuid
  left join vault.decrypted_secrets as refresh_token
    on refresh_token.id = old.vault_refresh_token_id::uuid
  where service_providers.id = old.service_provider_id
    and service_providers.revocation_endpoint is not null;

  if v_tokens is null then
    return null;
  end if;

  v_consent_id := gen_random_uuid();
  insert into private.lost_consents (id, service_provider_id, account_id, vault_tokens_id)
  values (
    v_consent_id,
    old.service_provider_id,
    old.account_id,
    vault.create_secret(v_tokens::text, 'consents/' || v_consent_id)
  );
  perform private.enqueue_job(
    p_queue => 'tokens',
    p_kind => 'revoke_consent',
    p_payload => jsonb_build_object('consent_id', v_consent_id),
    p_max_attempts => 10
  );
  return null;
end;
$$;

comment on function private.keep_lost_consent() is
  'Trigger: has the consent of a connection that goes in use taken back at its provider.';

create trigger _100_keep_consent
  after delete on public.user_integration_credentials
  for each row
  when (old.credential_type = 'oauth' and old.vault_access_token_id is not null)
  execute function private.keep_lost_consent();

-- What taking it back needs; null when it is gone.
create function private.lost_consent_credential(p_consent_id uuid)
returns jsonb
language sql
stable
security definer -- Vault is closed to API roles; only service_role may execute this
set search_path = ''
as $$
  select decrypted_secrets.decrypted_secret::jsonb || jsonb_build_object(
    'provider', provider.name,
    'revocation_endpoint', provider.revocation_endpoint,
    'configuration_metadata', provider.configuration_metadata,
    'is_account_shared', exists (
      select
      from public.user_integration_credentials as others
      join public.service_providers as their_provider
        on their_provider.id = others.service_provider_id
      where others.connection_status not in ('disconnected', 'revoked')
        and others.account_id = lost_consents.account_id
        and their_provider.configuration_metadata ->> 'client'
          = provider.configuration_metadata ->> 'client'
    )
  )
  from private.lost_consents
  join public.service_providers as provider on provider.id = lost_consents.service_provider_id
  join vault.decrypted_secrets on decrypted_secrets.id = lost_consents.vault_tokens_id
  where lost_consents.id = p_consent_id;
$$;

create function public.lost_consent_credential(p_consent_id uuid)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select private.lost_consent_credential(p_consent_id);
$$;

create function private.forget_lost_consent(p_consent_id uuid)
returns boolean
language sql
volatile
security definer -- no role has a grant on the table
set search_path = ''
as $$
  with forgotten as (
    delete from private.lost_consents
    where lost_consents.id = p_consent_id
    returning lost_consents.id
  )
  select exists (select from forgotten);
$$;

create function public.forget_lost_consent(p_consent_id uuid)
returns boolean
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.forget_lost_consent(p_consent_id);
$$;

comment on function public.lost_consent_credential(uuid) is
  'Tokens of a consent to take back at its provider: as revocation_credential; null when it is '
  'gone. Service only.';
comment on function public.forget_lost_consent(uuid) is
  'Deletes a consent that was taken back, with its tokens; whether there was one. Service only.';

-- The engine's part: a provider that was down for a day has had its chances.
create function private.forget_lost_consents()
returns integer
language plpgsql
volatile
security definer -- no role has a grant on the table
set search_path = ''
as $$
declare
  v_count integer;
begin
  delete from private.lost_consents
  where lost_consents.id in (
    select late.id
    from private.lost_consents as late
    where late.created_at < now() - interval '1 day'
    order by late.created_at
    limit 500
    for update skip locked
  );
  get diagnostics v_count = row_count;
  return v_count;
end;
$$;

comment on function private.forget_lost_consents() is
  'Deletes consents that could not be taken back within a day; returns how many.';

insert into private.tick_parts (name, place, function_name)
values ('lost_consents_forgotten', 191, 'forget_lost_consents');

grant execute on function
  private.lost_consent_credential(uuid),
  private.forget_lost_consent(uuid),
  public.lost_consent_credential(uuid),
  public.forget_lost_consent(uuid)
to service_role;
