-- Takes back 20261121030600_confirm_connections.sql: a consent is a connection at once. Those that
-- nobody confirmed go.
delete from private.tick_parts where name = 'unconfirmed_connections_removed';
drop function private.expire_connection_confirmations();
drop function public.confirm_connection(uuid, text);
drop function private.confirm_connection(uuid, text);
drop function public.save_oauth_connection(
  uuid, uuid, uuid, text, text, text[], integer, text, text, text, text, uuid, jsonb, text
);
drop function private.save_oauth_connection(
  uuid, uuid, uuid, text, text, text[], integer, text, text, text, text, uuid, jsonb, text
);

delete from public.user_integration_credentials
where user_integration_credentials.connection_status = 'unconfirmed';
drop table private.connection_confirmations;

alter table public.user_integration_credentials
  drop constraint user_integration_credentials_connection_status_check,
  add constraint user_integration_credentials_connection_status_check check (
    connection_status in ('active', 'expired', 'error', 'disconnected', 'revoked')
  );

comment on column public.user_integration_credentials.connection_status is
  'active; expired: the provider takes its tokens no longer; error: it takes new ones neither; '
  'disconnected by its owner; revoked at the provider. All but active need to be connected anew.';

create or replace function private.save_connection(
  p_connection public.user_integration_credentials,
  p_access_token text,
  p_refresh_token text
)
returns jsonb
language plpgsql
volatile
security definer -- nobody is granted to write connections, and Vault is closed to API roles
set search_path = ''
as $$
declare
  v_new public.user_integration_credentials := p_connection;
  v_old public.user_integration_credentials;
begin
  if coalesce(p_access_token, '') = '' then
    raise sqlstate 'PT400' using
      message = 'A connection without a token is none',
      detail = 'token_invalid',
      hint = 'Pass what the provider gave. Nothing was changed.';
  end if;

  select user_integration_credentials.*
  into v_old
  from public.user_integration_credentials
  where user_integration_credentials.organization_id = v_new.organization_id
    and user_integration_credentials.user_id = v_new.user_id
    and user_integration_credentials.service_provider_id = v_new.service_provider_id
    and case
      when v_new.id is not null then user_integration_credentials.id = v_new.id
      else user_integration_credentials.account_id = v_new.account_id
    end
  for no key update;

  if v_new.id is not null and v_old.id is null then
    perform private.raise_connection_not_found();
  elsif v_old.account_id <> v_new.account_id then
    raise sqlstate 'PT409' using
      message = 'That is another account than the one connected here',
      detail = 'connection_account_differs',
      hint = 'Sign in there as before, or make a connection of its own.';
  end if;

  v_new.id := coalesce(v_old.id, gen_random_uuid());
  v_new.visibility := coalesce(v_new.visibility, v_old.visibility, 'personal');
  v_new.account_id := coalesce(v_new.account_id, v_old.account_id);
  v_new.account_name := coalesce(left(nullif(btrim(v_new.account_name), ''), 500),
    v_old.account_name);
  v_new.connection_name := left(
    coalesce(
      nullif(btrim(v_new.connection_name), ''),
      v_old.connection_name,
      v_new.account_name,
      (
        select service_providers.display_name
        from public.service_providers
        where service_providers.id = v_new.service_provider_id
      )
    ),
    200
  );
  v_new.vault_access_token_id := private.keep_connection_secret(
    v_new.id, v_new.organization_id, 'access_token', v_old.vault_access_token_id, p_access_token
  );
  v_new.vault_refresh_token_id := private.keep_connection_secret(
    v_new.id, v_new.organization_id, 'refresh_token', v_old.vault_refresh_token_id, p_refresh_token
  );

  if v_old.id is null then
    insert into public.user_integration_credentials
      (
        id, organization_id, user_id, service_provider_id, credential_type,
        vault_access_token_id, vault_refresh_token_id, connection_name, connection_metadata,
        visibility, account_id, account_name, scopes_granted, token_expires_at
      )
    values (
      v_new.id, v_new.organization_id, v_new.user_id, v_new.service_provider_id,
      v_new.credential_type, v_new.vault_access_token_id, v_new.vault_refresh_token_id,
      v_new.connection_name, v_new.connection_metadata, v_new.visibility, v_new.account_id,
      v_new.account_name, v_new.scopes_granted, v_new.token_expires_at
    )
    returning * into v_new;
  else
    update public.user_integration_credentials
    set
      vault_access_token_id = v_new.vault_access_token_id,
      vault_refresh_token_id = v_new.vault_refresh_token_id,
      connection_name = v_new.connection_name,
      connection_status = 'active',
      connection_metadata = v_new.connection_metadata,
      visibility = v_new.visibility,
      account_id = v_new.account_id,
      account_name = v_new.account_name,
      scopes_granted = v_new.scopes_granted,
      token_version = user_integration_credentials.token_version + 1,
      token_expires_at = v_new.token_expires_at,
      last_error = null
    where user_integration_credentials.id = v_old.id
    returning * into v_new;

    -- A lease on the tokens from before is void, and so is what was known of them.
    delete from private.token_refreshes where token_refreshes.connection_id = v_old.id;
  end if;

  return private.describe_connection(v_new);
end;
$$;

create or replace function private.connection_credential(p_connection_id uuid)
returns jsonb
language plpgsql
volatile
security definer -- Vault is closed to API roles; only service_role may execute this
set search_path = ''
as $$
declare
  v_credential jsonb;
  v_owner_is_active boolean;
begin
  select
    private.describe_connection(connection)
      || jsonb_build_object(
        'connection_id', connection.id,
        'status', connection.connection_status,
        'scopes', connection.scopes_granted,
        'provider_type', provider.provider_type,
        'provider_is_active', provider.is_active,
        'token_endpoint', provider.token_endpoint,
        'configuration_metadata', provider.configuration_metadata
      )
      || case connection.credential_type
        when 'oauth' then jsonb_build_object('access_token', access_token.decrypted_secret)
        else jsonb_build_object('credential', access_token.decrypted_secret::jsonb)
      end
      || jsonb_build_object('is_refreshable', connection.vault_refresh_token_id is not null),
    exists (
      select
      from public.organization_members
      where organization_members.organization_id = connection.organization_id
        and organization_members.user_id = connection.user_id
        and organization_members.status = 'active'
    )
  into v_credential, v_owner_is_active
  from public.user_integration_credentials as connection
  join public.service_providers as provider on provider.id = connection.service_provider_id
  left join vault.decrypted_secrets as access_token
    on access_token.id = connection.vault_access_token_id::uuid
  where connection.id = p_connection_id;

  if v_credential is null then
    perform private.raise_connection_not_found();
  elsif v_credential ->> 'status' in ('disconnected', 'revoked')
    or not (v_credential ->> 'provider_is_active')::boolean
    or not v_owner_is_active
  then
    raise sqlstate 'PT409' using
      message = 'The connection is not in use any more',
      detail = 'connection_not_active',
      hint = case
        when not v_owner_is_active then 'Its owner is suspended in the organization.'
        when v_credential ->> 'status' in ('disconnected', 'revoked') then
          'Its owner has to connect the account again.'
        else 'The service is switched off here.'
      end;
  end if;

  -- Seldom and without waiting, so that many callers do not stand in line.
  update public.user_integration_credentials
  set last_used_at = now()
  where user_integration_credentials.id in (
    select used.id
    from public.user_integration_credentials as used
    where used.id = p_connection_id
      and (used.last_used_at is null or used.last_used_at < now() - interval '10 minutes')
    for no key update skip locked
  );

  return v_credential;
end;
$$;

create function private.save_oauth_connection(
  p_user_id uuid,
  p_organization_id uuid,
  p_service_provider_id uuid,
  p_access_token text,
  p_refresh_token text,
  p_scopes text[],
  p_expires_in_seconds integer,
  p_account_id text,
  p_account_name text,
  p_connection_name text,
  p_visibility text,
  p_connection_id uuid,
  p_metadata jsonb
)
returns jsonb
language plpgsql
volatile
security definer -- nobody is granted to write connections, and Vault is closed to API roles
set search_path = ''
as $$
declare
  v_connection public.user_integration_credentials;
begin
  perform private.require_connecting_member(p_user_id, p_organization_id);
  perform private.require_provider(p_service_provider_id, 'oauth');

  v_connection.id := p_connection_id;
  v_connection.organization_id := p_organization_id;
  v_connection.user_id := p_user_id;
  v_connection.service_provider_id := p_service_provider_id;
  v_connection.credential_type := 'oauth';
  v_connection.connection_name := p_connection_name;
  v_connection.connection_metadata := coalesce(p_metadata, '{}');
  v_connection.visibility := p_visibility;
  v_connection.account_id := nullif(p_account_id, '');
  v_connection.account_name := p_account_name;
  v_connection.scopes_granted := to_jsonb(coalesce(p_scopes, '{}'));
  v_connection.token_expires_at := now() + make_interval(secs => p_expires_in_seconds);

  return private.save_connection(v_connection, p_access_token, nullif(p_refresh_token, ''));
end;
$$;

create function public.save_oauth_connection(
  p_user_id uuid,
  p_organization_id uuid,
  p_service_provider_id uuid,
  p_access_token text,
  p_refresh_token text default null,
  p_scopes text[] default '{}',
  p_expires_in_seconds integer default null,
  p_account_id text default null,
  p_account_name text default null,
  p_connection_name text default null,
  p_visibility text default null,
  p_connection_id uuid default null,
  p_metadata jsonb default '{}'
)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.save_oauth_connection(
    p_user_id, p_organization_id, p_service_provider_id, p_access_token, p_refresh_token, p_scopes,
    p_expires_in_seconds, p_account_id, p_account_name, p_connection_name, p_visibility,
    p_connection_id, p_metadata
  );
$$;

comment on function public.save_oauth_connection(
  uuid, uuid, uuid, text, text, text[], integer, text, text, text, text, uuid, jsonb
) is
  'Keeps the tokens that a provider gave a user: makes a connection, or renews that of the same '
  'account or p_connection_id, and returns it without them. Null leaves a refresh token, a name '
  'and a visibility there is; p_expires_in_seconds null is a token without end. Service only. '
  'Errors: permission_denied, provider_not_found, token_invalid, connection_not_found, '
  'connection_account_differs, plain_credential.';

grant execute on function
  private.save_oauth_connection(
    uuid, uuid, uuid, text, text, text[], integer, text, text, text, text, uuid, jsonb
  ),
  public.save_oauth_connection(
    uuid, uuid, uuid, text, text, text[], integer, text, text, text, text, uuid, jsonb
  )
to service_role;
