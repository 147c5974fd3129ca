-- Connections: accounts of people at service providers, for agents to work with. A row says that
-- there is a connection; its tokens or keys are in Vault alone, and the ids that lead there are
-- granted to nobody.
-- A connection is its owner's, within one organization. By their choice the others of the
-- organization may use it: they see that it is there, never what it holds. It goes with the
-- owner's place in the organization.

create type public.credential_type as enum ('oauth', 'api_key', 'smtp');

create table public.user_integration_credentials (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  user_id uuid not null references public.profiles (id) on delete cascade,
  service_provider_id uuid not null references public.service_providers (id) on delete cascade,
  credential_type public.credential_type not null,
  vault_access_token_id text,
  vault_refresh_token_id text,
  encrypted_access_token text,
  encrypted_refresh_token text,
  connection_name text not null,
  connection_status text not null default 'active',
  connection_metadata jsonb not null default '{}',
  visibility text not null default 'personal',
  account_id text,
  account_name text,
  scopes_granted jsonb not null default '[]',
  token_version integer not null default 1,
  token_expires_at timestamptz,
  last_used_at timestamptz,
  last_error text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint user_integration_credentials_id_organization_id_key unique (id, organization_id),
  constraint user_integration_credentials_user_id_organization_id_fkey
    foreign key (user_id, organization_id)
    references public.organization_members (user_id, organization_id) on delete cascade,
  constraint user_integration_credentials_vault_access_token_id_key unique (vault_access_token_id),
  constraint user_integration_credentials_vault_refresh_token_id_key
    unique (vault_refresh_token_id),
  constraint user_integration_credentials_vault_ids_are_ids_check check (
    concat_ws(' ', vault_access_token_id, vault_refresh_token_id)
      ~ '^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}( |$))*$'
  ),
  -- Deprecated: what is secret is in Vault.
  constraint user_integration_credentials_encrypted_access_token_check check (
    encrypted_access_token is null
  ),
  constraint user_integration_credentials_encrypted_refresh_token_check check (
    encrypted_refresh_token is null
  ),
  constraint user_integration_credentials_connection_name_check check (
    char_length(connection_name) between 1 and 200
  ),
  constraint user_integration_credentials_connection_status_check check (
    connection_status in ('active', 'expired', 'error', 'disconnected', 'revoked')
  ),
  -- What is disconnected holds nothing any more.
  constraint user_integration_credentials_ended_is_empty_check check (
    case
      when connection_status in ('disconnected', 'revoked')
      then vault_access_token_id is null and vault_refresh_token_id is null
      else vault_access_token_id is not null
    end
  ),
  constraint user_integration_credentials_connection_metadata_check check (
    jsonb_typeof(connection_metadata) = 'object'
  ),
  constraint user_integration_credentials_visibility_check check (
    visibility in ('personal', 'organization')
  ),
  constraint user_integration_credentials_account_id_check check (
    char_length(account_id) between 1 and 500
  ),
  constraint user_integration_credentials_account_name_check check (
    char_length(account_name) between 1 and 500
  ),
  constraint user_integration_credentials_scopes_granted_check check (
    jsonb_typeof(scopes_granted) = 'array'
  ),
  constraint user_integration_credentials_token_version_check check (token_version >= 1),
  constraint user_integration_credentials_last_error_check check (
    char_length(last_error) between 1 and 500
  )
);

comment on table public.user_integration_credentials is
  'A connection: an account of a person at a service provider. Its tokens are in Vault.';
comment on column public.user_integration_credentials.vault_access_token_id is
  'In Vault: the access token, or the JSON of what an API key or SMTP connection consists of. '
  'Granted to nobody.';
comment on column public.user_integration_credentials.vault_refresh_token_id is
  'In Vault: the refresh token, where there is one. Granted to nobody.';
comment on column public.user_integration_credentials.encrypted_access_token is
  'Deprecated: always null.';
comment on column public.user_integration_credentials.encrypted_refresh_token is
  'Deprecated: always null.';
comment on column public.user_integration_credentials.connection_status is
  'active; expired: the provider takes its tokens no longer; error: it takes new ones neither; '
  'disconnected by its owner; revoked at the provider. All but active need to be connected anew.';
comment on column public.user_integration_credentials.connection_metadata is
  'What is good to know of the account beside its name, as the guild of a Discord bot.';
comment on column public.user_integration_credentials.visibility is
  'personal: for the owner and their own agents; organization: others may use it, and see that it '
  'is there.';
comment on column public.user_integration_credentials.account_id is
  'Who it is at the provider, by the provider''s own id; null where a key does not tell.';
comment on column public.user_integration_credentials.scopes_granted is
  'The scopes that were really granted, as the provider names them.';
comment on column public.user_integration_credentials.token_version is
  'Counts the tokens it has had. Whoever replaces them says which ones they saw.';
comment on column public.user_integration_credentials.token_expires_at is
  'When the access token ends; null when it does not.';
comment on column public.user_integration_credentials.last_used_at is
  'When a function last asked for its tokens, to ten minutes.';
comment on column public.user_integration_credentials.last_error is
  'Why it needs to be connected anew, or why refreshing failed last, in a few words.';

create index user_integration_credentials_organization_id_created_at_id_idx
  on public.user_integration_credentials (organization_id, created_at desc, id desc);
create index user_integration_credentials_user_id_organization_id_idx
  on public.user_integration_credentials (user_id, organization_id);
create index user_integration_credentials_service_provider_id_idx
  on public.user_integration_credentials (service_provider_id);
-- Connecting the same account again renews the connection there is.
create unique index user_integration_credentials_account_key
  on public.user_integration_credentials
    (organization_id, user_id, service_provider_id, account_id)
  where account_id is not null;
-- Those whose tokens end, for refreshing ahead.
create index user_integration_credentials_token_expires_at_idx
  on public.user_integration_credentials (token_expires_at)
  where connection_status = 'active' and vault_refresh_token_id is not null;

-- Apart from the connection's row, which people read and which is audited.
create table private.token_refreshes (
  connection_id uuid primary key
    references public.user_integration_credentials (id) on delete cascade,
  lease_token uuid,
  leased_until timestamptz,
  failures smallint not null default 0,
  retry_at timestamptz,
  rejected_at timestamptz,
  refreshed_at timestamptz
) with (fillfactor = 70);

comment on table private.token_refreshes is
  'Who refreshes the tokens of a connection, and how that went. Written under the lock of the '
  'connection''s row.';
comment on column private.token_refreshes.failures is
  'Failures in a row that may pass by themselves.';
comment on column private.token_refreshes.retry_at is
  'Not before then: the provider was down or asked for time.';
comment on column private.token_refreshes.rejected_at is
  'When a token was last replaced because the provider took it no longer, before its end.';

create function private.delete_connection_secrets()
returns trigger
language plpgsql
volatile
security definer -- whoever deletes the connection or its owner cannot reach Vault
set search_path = ''
as $$
begin
  delete from vault.secrets
  where secrets.id in (old.vault_access_token_id::uuid, old.vault_refresh_token_id::uuid)
    and secrets.id not in (
      select kept.id::uuid
      from unnest(
        case
          when tg_op = 'UPDATE' then array[new.vault_access_token_id, new.vault_refresh_token_id]
        end
      ) as kept (id)
      where kept.id is not null
    );
  return null;
end;
$$;

comment on function private.delete_connection_secrets() is
  'Trigger: tokens leave Vault when their connection goes or lets go of them.';

-- What agents were granted ends with the consent: connecting again does not bring it back.
-- plpgsql looks tables up at the first call; that of permissions comes in a later file.
create function private.withdraw_connection_grants()
returns trigger
language plpgsql
volatile
security definer -- whoever disconnects need not manage the agents
set search_path = ''
as $$
begin
  if to_regclass('public.agent_integration_permissions') is not null then
    update public.agent_integration_permissions
    set is_active = false
    where agent_integration_permissions.connection_id = new.id
      and agent_integration_permissions.is_active;
  end if;
  return null;
end;
$$;

comment on function private.withdraw_connection_grants() is
  'Trigger: deactivates the permissions of agents on a connection that was ended.';

create trigger _200_delete_secrets
  after delete on public.user_integration_credentials
  for each row
  execute function private.delete_connection_secrets();

create trigger _210_delete_dropped_secrets
  after update of vault_access_token_id, vault_refresh_token_id
  on public.user_integration_credentials
  for each row
  execute function private.delete_connection_secrets();

create trigger _300_withdraw_grants
  after update of connection_status on public.user_integration_credentials
  for each row
  when (
    new.connection_status in ('disconnected', 'revoked')
    and old.connection_status <> new.connection_status
  )
  execute function private.withdraw_connection_grants();

create trigger _900_touch_updated_at
  before update on public.user_integration_credentials
  for each row
  execute function private.touch_updated_at();

select private.guard_configuration('public.user_integration_credentials', 'connection_metadata');

-- That tokens were refreshed or used is nothing that a person did.
select private.enable_audit(
  'public.user_integration_credentials',
  'id',
  '{}',
  '{token_version,token_expires_at,last_used_at,last_error}'
);

-- Names leave with an archive, tokens do not.
insert into private.transfer_rules (table_name, is_exported, is_imported, reason)
values (
  'user_integration_credentials', true, false,
  'Tokens stay where they were given, so people connect their accounts anew.'
);

alter table public.user_integration_credentials enable row level security;

create policy select_owner on public.user_integration_credentials
  for select
  to authenticated
  using (
    organization_id = any ((select private.organizations_with('integrations.read'))::uuid[])
    and (user_id = (select auth.uid()) or visibility = 'organization')
  );

create policy delete_owner on public.user_integration_credentials
  for delete
  to authenticated
  using (
    user_id = (select auth.uid())
    and organization_id = any ((select private.organizations_with('integrations.read'))::uuid[])
    and connection_status in ('disconnected', 'revoked')
  );

-- By name, without vault_access_token_id and vault_refresh_token_id. Not for the service either:
-- it asks public.connection_credential().
grant select (
  id, organization_id, user_id, service_provider_id, credential_type, encrypted_access_token,
  encrypted_refresh_token, connection_name, connection_status, connection_metadata, visibility,
  account_id, account_name, scopes_granted, token_version, token_expires_at, last_used_at,
  last_error, created_at, updated_at
) on public.user_integration_credentials to authenticated, service_role;
grant delete on public.user_integration_credentials to authenticated;
-- No insert or update for anyone: row and tokens change together, in functions.

-- What may be shown of a connection: everything that does not lead to its tokens.
create function private.describe_connection(p_connection public.user_integration_credentials)
returns jsonb
language sql
stable
security definer -- the caller may not read the name of a provider that is switched off
set search_path = ''
as $$
  select to_jsonb(p_connection)
    - array[
      'vault_access_token_id', 'vault_refresh_token_id', 'encrypted_access_token',
      'encrypted_refresh_token'
    ]
    || jsonb_build_object(
      'provider', service_providers.name,
      'provider_display_name', service_providers.display_name
    )
  from public.service_providers
  where service_providers.id = p_connection.service_provider_id;
$$;

comment on function private.describe_connection(public.user_integration_credentials) is
  'A connection as people may see it.';

-- Whether the caller may change a connection: their own, or a shared one with integrations.manage.
create function private.manages_connection(p_connection public.user_integration_credentials)
returns boolean
language plpgsql
stable
security definer -- memberships are read past their own policies
set search_path = ''
as $$
begin
  return case
    when (select auth.role()) = 'service_role' then true
    when p_connection.user_id = auth.uid() then
      p_connection.organization_id = any (private.organizations_with('integrations.read'))
    when p_connection.visibility = 'organization' then
      p_connection.organization_id = any (private.organizations_with('integrations.manage'))
    else false
  end;
end;
$$;

comment on function private.manages_connection(public.user_integration_credentials) is
  'Whether the caller may rename or end a connection.';

-- A connection that the caller may change, locked. Every change of a connection begins by locking
-- its row, so that each sees what the one before it did.
create function private.open_connection(p_connection_id uuid)
returns public.user_integration_credentials
language plpgsql
volatile
security definer -- locks rows that nobody is granted to write
set search_path = ''
as $$
declare
  v_connection public.user_integration_credentials;
begin
  select user_integration_credentials.*
  into v_connection
  from public.user_integration_credentials
  where user_integration_credentials.id = p_connection_id
    and (
      (select auth.role()) = 'service_role'
      or user_integration_credentials.organization_id
        = any ((select private.organizations_with('integrations.read'))::uuid[])
      and (
        user_integration_credentials.user_id = auth.uid()
        or user_integration_credentials.visibility = 'organization'
      )
    );

  if v_connection.id is not null then
    -- Before the lock: whoever may not change it keeps nobody waiting.
    if not private.manages_connection(v_connection) then
      raise sqlstate 'PT403' using
        message = 'You may not change this connection',
        detail = 'permission_denied',
        hint = 'It takes to be its owner, or the permission integrations.manage.';
    end if;

    select user_integration_credentials.*
    into v_connection
    from public.user_integration_credentials
    where user_integration_credentials.id = p_connection_id
    for no key update;
  end if;

  if v_connection.id is null then
    perform private.raise_connection_not_found();
  end if;

  return v_connection;
end;
$$;

comment on function private.open_connection(uuid) is
  'Locks a connection that the caller may change. Raises connection_not_found, permission_denied.';

create function private.raise_connection_not_found()
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  raise sqlstate 'PT404' using
    message = 'No connection with that id',
    detail = 'connection_not_found',
    hint = 'Select from user_integration_credentials to see those you can reach.';
end;
$$;

comment on function private.raise_connection_not_found() is 'Raises PT404 connection_not_found.';

-- Locks a user's place in an organization, if they may connect accounts there. Two connections of
-- one person are made one after the other, and suspending them comes before or after. Locks are
-- taken in the order in which an organization goes: itself, its places, their connections.
create function private.require_connecting_member(p_user_id uuid, p_organization_id uuid)
returns void
language plpgsql
volatile
security definer -- memberships are read past their own policies
set search_path = ''
as $$
begin
  perform from public.organizations where organizations.id = p_organization_id for key share;

  perform
  from public.organization_members
  where organization_members.organization_id = p_organization_id
    and organization_members.user_id = p_user_id
    and organization_members.status = 'active'
    and 'integrations.connect' = any (organization_members.permissions)
  for no key update;

  if not found then
    raise sqlstate 'PT403' using
      message = 'They may not connect accounts in this organization',
      detail = 'permission_denied',
      hint = 'It takes the permission integrations.connect.';
  end if;
end;
$$;

comment on function private.require_connecting_member(uuid, uuid) is
  'Raises PT403 permission_denied unless the user may connect accounts in the organization.';

-- Puts a secret of a connection into Vault, or over the one there, and returns its id.
create function private.keep_connection_secret(
  p_connection_id uuid,
  p_organization_id uuid,
  p_kind text,
  p_vault_id text,
  p_secret text
)
returns text
language plpgsql
volatile
security definer -- Vault is closed to API roles
set search_path = ''
as $$
begin
  if octet_length(p_secret) > 65536 or p_secret ~ '^\s*$' then
    raise sqlstate 'PT400' using
      message = 'A token has 1 to 65536 bytes, and not only white space',
      detail = 'token_invalid',
      hint = 'Nothing was changed.';
  end if;

  if p_secret is null
    or p_vault_id is not null
    and exists (select from vault.secrets where secrets.id = p_vault_id::uuid)
  then
    -- Null leaves what is there.
    perform vault.update_secret(p_vault_id::uuid, p_secret) where p_secret is not null;
    return p_vault_id;
  end if;

  return vault.create_secret(
    p_secret,
    format('organizations/%s/connections/%s/%s', p_organization_id, p_connection_id, p_kind),
    'Of an account that a person connected'
  )::text;
end;
$$;

comment on function private.keep_connection_secret(uuid, uuid, text, text, text) is
  'Keeps a token of a connection in Vault; null leaves it. Raises token_invalid.';

-- What both ways of connecting share: finds the connection that is meant, or makes one; keeps its
-- secrets, counts their version up and has it active. Row and Vault change together.
create function private.save_connection(
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

comment on function private.save_connection(public.user_integration_credentials, text, text) is
  'Makes or renews a connection with its secrets. Raises token_invalid, connection_not_found, '
  'connection_account_differs.';

-- Raises unless the provider is there, on, and of one of the types.
create function private.require_provider(
  p_service_provider_id uuid,
  variadic p_types public.provider_type[]
)
returns public.service_providers
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_provider public.service_providers;
begin
  select service_providers.*
  into v_provider
  from public.service_providers
  where service_providers.id = p_service_provider_id
    and service_providers.is_active
    and service_providers.provider_type = any (p_types);

  if v_provider.id is null then
    raise sqlstate 'PT404' using
      message = 'There is no such service to connect like that',
      detail = 'provider_not_found',
      hint = 'Select from service_providers where is_active.';
  end if;

  return v_provider;
end;
$$;

comment on function private.require_provider(uuid, public.provider_type[]) is
  'A provider that is on and of one of the types. Raises PT404 provider_not_found.';

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

-- Whether a document has what a provider's schema asks for; null when it has. The function that
-- connects looks closer; this keeps what is saved in form. Values are never said.
create function private.credential_fault(p_schema jsonb, p_credential jsonb)
returns text
language sql
immutable
security invoker
set search_path = ''
as $$
  select case
    when jsonb_typeof(p_credential) is distinct from 'object' then 'it is a JSON object'
    when octet_length(p_credential::text) > 65536 then 'it has at most 65536 bytes'
    else (
      select string_agg(fault.words, '; ' order by fault.words)
      from (
        select format('%s is missing', required.name) as words
        from jsonb_array_elements_text(coalesce(p_schema -> 'required', '[]')) as required (name)
        where coalesce(p_credential ->> required.name, '') = ''
        union all
        select case
          when not coalesce(p_schema -> 'properties' ? entry.key, false) then
            'something is given that the service does not know'
          else format('%s is not as the service has it', entry.key)
        end
        from jsonb_each(p_credential) as entry
        cross join lateral (
          select p_schema -> 'properties' -> entry.key as schema, entry.value #>> '{}' as content
        ) as rule
        where rule.schema is null
          or case rule.schema ->> 'type'
            when 'integer' then
              jsonb_typeof(entry.value) <> 'number'
              or rule.content !~ '^-?\d{1,9}$'
              or not rule.content::integer between
                coalesce((rule.schema ->> 'minimum')::integer, -2147483648)
                and coalesce((rule.schema ->> 'maximum')::integer, 2147483647)
            when 'boolean' then jsonb_typeof(entry.value) <> 'boolean'
            else
              jsonb_typeof(entry.value) <> 'string'
              or rule.content ~ '[\x01-\x08\x0a-\x1f\x7f]'
              or char_length(rule.content) > coalesce((rule.schema ->> 'maxLength')::integer, 4000)
              or rule.content !~ coalesce(rule.schema ->> 'pattern', '')
              or not coalesce(rule.schema -> 'enum' ? rule.content, true)
          end
      ) as fault
    )
  end;
$$;

comment on function private.credential_fault(jsonb, jsonb) is
  'What a credential lacks by the schema of its provider, without its values; null for nothing.';

create function private.save_key_connection(
  p_user_id uuid,
  p_organization_id uuid,
  p_service_provider_id uuid,
  p_credential jsonb,
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
  v_provider public.service_providers;
  v_connection public.user_integration_credentials;
  v_fault text;
begin
  perform private.require_connecting_member(p_user_id, p_organization_id);
  v_provider := private.require_provider(p_service_provider_id, 'api_key', 'smtp');
  v_fault := private.credential_fault(
    v_provider.configuration_metadata -> 'credential_schema', p_credential
  );

  if v_fault is not null then
    raise sqlstate 'PT400' using
      message = format('That is no credential of %s: %s', v_provider.display_name, v_fault),
      detail = 'credential_invalid',
      hint = 'credential_schema in the configuration_metadata of the provider says what it takes.';
  end if;

  v_connection.id := p_connection_id;
  v_connection.organization_id := p_organization_id;
  v_connection.user_id := p_user_id;
  v_connection.service_provider_id := p_service_provider_id;
  v_connection.credential_type := v_provider.provider_type::text::public.credential_type;
  v_connection.connection_name := p_connection_name;
  v_connection.connection_metadata := coalesce(p_metadata, '{}');
  v_connection.visibility := p_visibility;
  v_connection.account_id := nullif(p_account_id, '');
  v_connection.account_name := p_account_name;
  v_connection.scopes_granted := '[]';

  return private.save_connection(v_connection, p_credential::text, null);
end;
$$;

-- A connection with what it holds, as the functions that work for agents need it. Row and tokens
-- are read in one statement, so a refresh is seen whole or not at all. A connection that expired is
-- given too, and says so: it may be refreshed or tried.
create function private.connection_credential(p_connection_id uuid)
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

-- For taking consent back at the provider, before disconnect_service(): both tokens. Null when
-- nothing is held any more. is_account_shared: other connections live by the same consent.
create function private.revocation_credential(p_connection_id uuid)
returns jsonb
language sql
stable
security definer -- Vault is closed to API roles; only service_role may execute this
set search_path = ''
as $$
  select jsonb_build_object(
    'connection_id', connection.id,
    'provider', provider.name,
    'credential_type', connection.credential_type,
    'revocation_endpoint', provider.revocation_endpoint,
    'configuration_metadata', provider.configuration_metadata,
    'access_token', access_token.decrypted_secret,
    'refresh_token', refresh_token.decrypted_secret,
    'is_account_shared', exists (
      select
      from public.user_integration_credentials as others
      join public.service_providers as their_provider
        on their_provider.id = others.service_provider_id
      where others.id <> connection.id
        and others.connection_status not in ('disconnected', 'revoked')
        and others.account_id = connection.account_id
        and their_provider.configuration_metadata ->> 'client'
          = provider.configuration_metadata ->> 'client'
    )
  )
  from public.user_integration_credentials as connection
  join public.service_providers as provider on provider.id = connection.service_provider_id
  join vault.decrypted_secrets as access_token
    on access_token.id = connection.vault_access_token_id::uuid
  left join vault.decrypted_secrets as refresh_token
    on refresh_token.id = connection.vault_refresh_token_id::uuid
  where connection.id = p_connection_id
    and connection.credential_type = 'oauth';
$$;

create function private.disconnect_service(p_connection_id uuid)
returns jsonb
language plpgsql
volatile
security definer -- nobody is granted to update connections
set search_path = ''
as $$
declare
  v_connection public.user_integration_credentials := private.open_connection(p_connection_id);
begin
  -- Ending it twice is fine. The tokens leave Vault by a trigger.
  update public.user_integration_credentials
  set
    connection_status = 'disconnected',
    vault_access_token_id = null,
    vault_refresh_token_id = null,
    token_expires_at = null,
    last_error = null
  where user_integration_credentials.id = v_connection.id
    and user_integration_credentials.connection_status <> 'disconnected';

  delete from private.token_refreshes where token_refreshes.connection_id = v_connection.id;

  select user_integration_credentials.*
  into v_connection
  from public.user_integration_credentials
  where user_integration_credentials.id = p_connection_id;
  return private.describe_connection(v_connection);
end;
$$;

create function private.can_manage_connection(p_connection_id uuid)
returns boolean
language sql
stable
security definer -- connections are read past their own policies
set search_path = ''
as $$
  select coalesce(
    (
      select private.manages_connection(user_integration_credentials)
      from public.user_integration_credentials
      where user_integration_credentials.id = p_connection_id
    ),
    false
  );
$$;

create function private.set_connection_visibility(p_connection_id uuid, p_visibility text)
returns jsonb
language plpgsql
volatile
security definer -- nobody is granted to update connections
set search_path = ''
as $$
declare
  v_connection public.user_integration_credentials := private.open_connection(p_connection_id);
begin
  if p_visibility is null or p_visibility not in ('personal', 'organization') then
    raise sqlstate 'PT400' using
      message = 'A connection is personal, or shared with its organization',
      detail = 'connection_visibility_unknown',
      hint = 'Pass personal or organization as p_visibility.';
  elsif (select auth.role()) is distinct from 'service_role'
    and v_connection.user_id is distinct from auth.uid()
  then
    raise sqlstate 'PT403' using
      message = 'Who may use a connection is for its owner to say',
      detail = 'permission_denied',
      hint = 'Ask its owner; disconnect_service ends it.';
  end if;

  -- Asked without a lock: whoever removes a member locks the place first, then the connection.
  if p_visibility = 'organization'
    and (select auth.role()) is distinct from 'service_role'
    and v_connection.organization_id <> all (private.organizations_with('integrations.connect'))
  then
    raise sqlstate 'PT403' using
      message = 'You may not share accounts with this organization',
      detail = 'permission_denied',
      hint = 'It takes the permission integrations.connect.';
  end if;

  update public.user_integration_credentials
  set visibility = p_visibility
  where user_integration_credentials.id = v_connection.id
  returning * into v_connection;
  return private.describe_connection(v_connection);
end;
$$;

create function private.rename_connection(p_connection_id uuid, p_connection_name text)
returns jsonb
language plpgsql
volatile
security definer -- nobody is granted to update connections
set search_path = ''
as $$
declare
  v_connection public.user_integration_credentials := private.open_connection(p_connection_id);
begin
  if coalesce(char_length(btrim(p_connection_name)), 0) not between 1 and 200 then
    raise sqlstate 'PT400' using
      message = 'The name of a connection has 1 to 200 characters',
      detail = 'connection_name_invalid',
      hint = 'Pass it as p_connection_name.';
  end if;

  update public.user_integration_credentials
  set connection_name = btrim(p_connection_name)
  where user_integration_credentials.id = v_connection.id
  returning * into v_connection;
  return private.describe_connection(v_connection);
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

create function public.save_key_connection(
  p_user_id uuid,
  p_organization_id uuid,
  p_service_provider_id uuid,
  p_credential jsonb,
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
  select private.save_key_connection(
    p_user_id, p_organization_id, p_service_provider_id, p_credential, p_account_id,
    p_account_name, p_connection_name, p_visibility, p_connection_id, p_metadata
  );
$$;

create function public.connection_credential(p_connection_id uuid)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.connection_credential(p_connection_id);
$$;

create function public.revocation_credential(p_connection_id uuid)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select private.revocation_credential(p_connection_id);
$$;

create function public.disconnect_service(p_connection_id uuid)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.disconnect_service(p_connection_id);
$$;

create function public.can_manage_connection(p_connection_id uuid)
returns boolean
language sql
stable
security invoker
set search_path = ''
as $$
  select private.can_manage_connection(p_connection_id);
$$;

create function public.set_connection_visibility(p_connection_id uuid, p_visibility text)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.set_connection_visibility(p_connection_id, p_visibility);
$$;

create function public.rename_connection(p_connection_id uuid, p_connection_name text)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.rename_connection(p_connection_id, p_connection_name);
$$;

comment on function public.save_oauth_connection(
  uuid, uuid, uuid, text, text, text[], integer, text, text, text, text, uuid, jsonb
) is
  'Keeps the tokens that a provider gave a user: makes a connection, or renews that of the same '
  'account or p_connection_id, and returns it without them. Null leaves a refresh token, a name '
  'and a visibility there is; p_expires_in_seconds null is a token without end. Service only. '
  'Errors: permission_denied, provider_not_found, token_invalid, connection_not_found, '
  'connection_account_differs, plain_credential.';
comment on function public.save_key_connection(
  uuid, uuid, uuid, jsonb, text, text, text, text, uuid, jsonb
) is
  'Keeps the credential of an API key or SMTP connection, whole in Vault, and returns the '
  'connection without it. Service only. Errors: permission_denied, provider_not_found, '
  'credential_invalid, connection_not_found, connection_account_differs, plain_credential.';
comment on function public.connection_credential(uuid) is
  'A connection with its access_token (oauth) or credential (api_key, smtp), the token_version '
  'these are of, status, and the provider''s configuration_metadata. Service only. Errors: '
  'connection_not_found, connection_not_active.';
comment on function public.revocation_credential(uuid) is
  'The tokens of an OAuth connection, for taking consent back at its provider; null when it holds '
  'none. is_account_shared: other connections live by the same consent. Service only.';
comment on function public.disconnect_service(uuid) is
  'Ends a connection: its tokens leave Vault, and permissions of agents on it are deactivated. For '
  'its owner, and for integrations.manage when it is shared. Errors: connection_not_found, '
  'permission_denied.';
comment on function public.can_manage_connection(uuid) is
  'Whether the caller may rename or end a connection. False for one that does not exist.';
comment on function public.set_connection_visibility(uuid, text) is
  'Shares the caller''s connection with its organization, or takes that back: personal or '
  'organization. Errors: connection_not_found, permission_denied, connection_visibility_unknown.';
comment on function public.rename_connection(uuid, text) is
  'Renames a connection. For its owner, and for integrations.manage when it is shared. Errors: '
  'connection_not_found, permission_denied, connection_name_invalid.';

grant execute on function
  private.disconnect_service(uuid),
  private.can_manage_connection(uuid),
  private.set_connection_visibility(uuid, text),
  private.rename_connection(uuid, text),
  public.disconnect_service(uuid),
  public.can_manage_connection(uuid),
  public.set_connection_visibility(uuid, text),
  public.rename_connection(uuid, text)
to authenticated, service_role;

grant execute on function
  private.save_oauth_connection(
    uuid, uuid, uuid, text, text, text[], integer, text, text, text, text, uuid, jsonb
  ),
  private.save_key_connection(uuid, uuid, uuid, jsonb, text, text, text, text, uuid, jsonb),
  private.connection_credential(uuid),
  private.revocation_credential(uuid),
  public.save_oauth_connection(
    uuid, uuid, uuid, text, text, text[], integer, text, text, text, text, uuid, jsonb
  ),
  public.save_key_connection(uuid, uuid, uuid, jsonb, text, text, text, text, uuid, jsonb),
  public.connection_credential(uuid),
  public.revocation_credential(uuid)
to service_role;
