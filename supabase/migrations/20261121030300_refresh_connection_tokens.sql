-- Refreshing tokens: ahead of their end by the engine, and on demand by whoever meets one that
-- ended. Many providers take a refresh token once, so one refresher at a time asks: whoever holds
-- the lease. New tokens are taken by the version of those they replace, so nothing newer is ever
-- overwritten, and a refresher whose lease ran out still delivers what nobody else has.

-- Ends a connection that its provider no longer serves, and says so once. The row is locked.
create function private.expire_connection(
  p_connection_id uuid,
  p_status text,
  p_error text
)
returns void
language plpgsql
volatile
security definer -- nobody is granted to update connections
set search_path = ''
as $$
declare
  v_connection public.user_integration_credentials;
begin
  update public.user_integration_credentials
  set connection_status = p_status, last_error = left(nullif(btrim(p_error), ''), 500)
  where user_integration_credentials.id = p_connection_id
    and user_integration_credentials.connection_status = 'active'
  returning * into v_connection;

  if v_connection.id is not null then
    perform private.record_audit_event(
      v_connection.organization_id,
      'connection.expired',
      'user_integration_credentials',
      v_connection.id::text,
      jsonb_build_object(
        'connection_name', v_connection.connection_name,
        'user_id', v_connection.user_id,
        'status', v_connection.connection_status,
        'error', v_connection.last_error
      ),
      'warning'
    );
  end if;

  update private.token_refreshes
  set lease_token = null, leased_until = null
  where token_refreshes.connection_id = p_connection_id;
end;
$$;

comment on function private.expire_connection(uuid, text, text) is
  'Marks an active connection expired or error, with one event connection.expired.';

-- Who refreshes? outcome says:
--   claimed: you, with the refresh token, until leased_until;
--   fresh: nobody, there are newer tokens than those seen; ask for them;
--   busy: somebody else is at it; look again soon;
--   waiting: nobody before retry_at;
--   not_refreshable: there is nothing to refresh with;
--   inactive: the connection needs to be connected anew.
create function private.claim_token_refresh(
  p_connection_id uuid,
  p_seen_token_version integer,
  p_was_rejected boolean,
  p_lease_seconds integer
)
returns jsonb
language plpgsql
volatile
security definer -- Vault is closed to API roles; only service_role may execute this
set search_path = ''
as $$
declare
  v_connection public.user_integration_credentials;
  v_provider public.service_providers;
  v_refresh private.token_refreshes;
  v_refresh_token text;
  v_answer jsonb;
begin
  if p_lease_seconds is null or p_lease_seconds not between 1 and 300 then
    raise sqlstate 'PT400' using
      message = 'A refresh takes 1 to 300 seconds',
      detail = 'lease_seconds_invalid',
      hint = 'Correct p_lease_seconds.';
  end if;

  select user_integration_credentials.*
  into v_connection
  from public.user_integration_credentials
  where user_integration_credentials.id = p_connection_id
  for no key update;

  if v_connection.id is null then
    perform private.raise_connection_not_found();
  end if;

  select service_providers.* into v_provider
  from public.service_providers
  where service_providers.id = v_connection.service_provider_id;

  select token_refreshes.* into v_refresh
  from private.token_refreshes
  where token_refreshes.connection_id = p_connection_id;

  v_answer := jsonb_build_object(
    'connection_id', v_connection.id,
    'token_version', v_connection.token_version,
    'token_expires_at', v_connection.token_expires_at,
    'status', v_connection.connection_status
  );

  if v_connection.connection_status <> 'active' or not v_provider.is_active then
    return v_answer || '{"outcome": "inactive"}';
  elsif v_connection.token_version is distinct from
    coalesce(p_seen_token_version, v_connection.token_version)
  then
    return v_answer || '{"outcome": "fresh"}';
  elsif v_refresh.leased_until > clock_timestamp() then
    return v_answer || jsonb_build_object(
      'outcome', 'busy', 'leased_until', v_refresh.leased_until
    );
  elsif v_connection.vault_refresh_token_id is null then
    if v_connection.credential_type = 'oauth'
      and (p_was_rejected or v_connection.token_expires_at <= now())
    then
      perform private.expire_connection(p_connection_id, 'expired', 'token_rejected');
      return v_answer || '{"outcome": "inactive", "status": "expired"}';
    end if;
    return v_answer || '{"outcome": "not_refreshable"}';
  -- A token that was just fetched because the one before it was rejected, and is rejected as well:
  -- another would be, too.
  elsif p_was_rejected
    and v_refresh.rejected_at > clock_timestamp() - interval '10 minutes'
    and v_refresh.refreshed_at >= v_refresh.rejected_at
  then
    perform private.expire_connection(p_connection_id, 'error', 'new_token_rejected');
    return v_answer || '{"outcome": "inactive", "status": "error"}';
  elsif v_refresh.retry_at > clock_timestamp() then
    return v_answer || jsonb_build_object('outcome', 'waiting', 'retry_at', v_refresh.retry_at);
  end if;

  select decrypted_secrets.decrypted_secret
  into v_refresh_token
  from vault.decrypted_secrets
  where decrypted_secrets.id = v_connection.vault_refresh_token_id::uuid;

  insert into private.token_refreshes as token_refreshes
    (connection_id, lease_token, leased_until, rejected_at)
  values (
    p_connection_id,
    gen_random_uuid(),
    clock_timestamp() + make_interval(secs => p_lease_seconds),
    case when p_was_rejected then clock_timestamp() end
  )
  on conflict (connection_id) do update
  set
    lease_token = excluded.lease_token,
    leased_until = excluded.leased_until,
    rejected_at = coalesce(excluded.rejected_at, token_refreshes.rejected_at)
  returning * into v_refresh;

  return v_answer || jsonb_build_object(
    'outcome', 'claimed',
    'lease_token', v_refresh.lease_token,
    'leased_until', v_refresh.leased_until,
    'refresh_token', v_refresh_token,
    'scopes', v_connection.scopes_granted,
    'provider', v_provider.name,
    'token_endpoint', v_provider.token_endpoint,
    'revocation_endpoint', v_provider.revocation_endpoint,
    'configuration_metadata', v_provider.configuration_metadata
  );
end;
$$;

-- Takes what a refresh brought, if what it replaces is still there. outcome: refreshed; superseded,
-- when newer tokens are there, which are then to be used; inactive, when the connection was ended
-- meanwhile: what came is to be revoked. Whether the lease still holds does not matter: of a token
-- that can be used once, these are the only successors.
create function private.complete_token_refresh(
  p_connection_id uuid,
  p_token_version integer,
  p_access_token text,
  p_refresh_token text,
  p_expires_in_seconds integer,
  p_scopes text[]
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
  if coalesce(p_access_token, '') = '' then
    raise sqlstate 'PT400' using
      message = 'A refresh without a token is none',
      detail = 'token_invalid',
      hint = 'Pass what the provider gave. Nothing was changed.';
  end if;

  select user_integration_credentials.*
  into v_connection
  from public.user_integration_credentials
  where user_integration_credentials.id = p_connection_id
  for no key update;

  if v_connection.id is null
    or v_connection.connection_status in ('disconnected', 'revoked')
    or v_connection.vault_refresh_token_id is null
  then
    return jsonb_build_object('outcome', 'inactive', 'connection_id', p_connection_id);
  elsif v_connection.token_version is distinct from p_token_version then
    return jsonb_build_object(
      'outcome', 'superseded',
      'connection_id', p_connection_id,
      'token_version', v_connection.token_version,
      'token_expires_at', v_connection.token_expires_at
    );
  end if;

  update public.user_integration_credentials
  set
    vault_access_token_id = private.keep_connection_secret(
      v_connection.id, v_connection.organization_id, 'access_token',
      v_connection.vault_access_token_id, p_access_token
    ),
    vault_refresh_token_id = private.keep_connection_secret(
      v_connection.id, v_connection.organization_id, 'refresh_token',
      v_connection.vault_refresh_token_id, nullif(p_refresh_token, '')
    ),
    connection_status = 'active',
    scopes_granted = coalesce(to_jsonb(p_scopes), v_connection.scopes_granted),
    token_version = v_connection.token_version + 1,
    token_expires_at = now() + make_interval(secs => p_expires_in_seconds),
    last_error = null
  where user_integration_credentials.id = v_connection.id
  returning * into v_connection;

  insert into private.token_refreshes as token_refreshes (connection_id, refreshed_at)
  values (p_connection_id, clock_timestamp())
  on conflict (connection_id) do update
  set
    lease_token = null,
    leased_until = null,
    failures = 0,
    retry_at = null,
    refreshed_at = excluded.refreshed_at;

  return jsonb_build_object(
    'outcome', 'refreshed',
    'connection_id', p_connection_id,
    'token_version', v_connection.token_version,
    'token_expires_at', v_connection.token_expires_at
  );
end;
$$;

-- A refresh failed. outcome: superseded, when newer tokens are there: all is well; busy, when the
-- lease is another's by now, who decides; expired, when the provider said no for good
-- (invalid_grant): an event is raised, once; waiting, when it may pass: nobody asks before
-- retry_at, which is put off further each time, up to an hour; inactive otherwise.
create function private.fail_token_refresh(
  p_connection_id uuid,
  p_lease_token uuid,
  p_token_version integer,
  p_error text,
  p_is_permanent boolean,
  p_retry_after_seconds integer
)
returns jsonb
language plpgsql
volatile
security definer -- nobody is granted to update connections
set search_path = ''
as $$
declare
  v_connection public.user_integration_credentials;
  v_refresh private.token_refreshes;
  v_answer jsonb;
begin
  select user_integration_credentials.*
  into v_connection
  from public.user_integration_credentials
  where user_integration_credentials.id = p_connection_id
  for no key update;

  if v_connection.id is null then
    return jsonb_build_object('outcome', 'inactive', 'connection_id', p_connection_id);
  end if;

  select token_refreshes.* into v_refresh
  from private.token_refreshes
  where token_refreshes.connection_id = p_connection_id;

  v_answer := jsonb_build_object(
    'connection_id', p_connection_id,
    'token_version', v_connection.token_version,
    'token_expires_at', v_connection.token_expires_at,
    'status', v_connection.connection_status
  );

  if v_connection.connection_status <> 'active' then
    return v_answer || '{"outcome": "inactive"}';
  elsif v_connection.token_version is distinct from p_token_version then
    return v_answer || '{"outcome": "superseded"}';
  elsif v_refresh.lease_token is null or v_refresh.lease_token is distinct from p_lease_token then
    return v_answer || '{"outcome": "busy"}';
  elsif p_is_permanent then
    perform private.expire_connection(p_connection_id, 'expired', p_error);
    return v_answer || '{"outcome": "expired", "status": "expired"}';
  end if;

  update private.token_refreshes
  set
    lease_token = null,
    leased_until = null,
    failures = least(token_refreshes.failures + 1, 100),
    -- 5, 10, 20 seconds and so on, a quarter more or less; longer when the provider says so.
    retry_at = clock_timestamp() + make_interval(
      secs => greatest(
        least(5 * power(2, least(token_refreshes.failures, 10)), 3600) * (0.75 + random() / 2),
        least(coalesce(p_retry_after_seconds, 0), 86400)
      )
    )
  where token_refreshes.connection_id = p_connection_id
  returning * into v_refresh;

  update public.user_integration_credentials
  set last_error = left(nullif(btrim(p_error), ''), 500)
  where user_integration_credentials.id = p_connection_id;

  return v_answer || jsonb_build_object('outcome', 'waiting', 'retry_at', v_refresh.retry_at);
end;
$$;

-- The engine's part: jobs for tokens that end within ten minutes. Returns how many were added. One
-- that is being refreshed, or waits, is left to a later turn; so is one whose owner is suspended.
create function private.enqueue_token_refreshes()
returns integer
language plpgsql
volatile
security definer -- nobody is granted to enqueue jobs
set search_path = ''
as $$
declare
  v_payloads jsonb[];
  v_organization_ids uuid[];
  v_keys text[];
begin
  select
    array_agg(
      jsonb_build_object('connection_id', ending.id, 'token_version', ending.token_version)
      order by ending.id
    ),
    array_agg(ending.organization_id order by ending.id),
    array_agg('refresh ' || ending.id order by ending.id)
  into v_payloads, v_organization_ids, v_keys
  from (
    select
      user_integration_credentials.id,
      user_integration_credentials.organization_id,
      user_integration_credentials.token_version
    from public.user_integration_credentials
    left join private.token_refreshes
      on token_refreshes.connection_id = user_integration_credentials.id
    where user_integration_credentials.connection_status = 'active'
      and user_integration_credentials.vault_refresh_token_id is not null
      and user_integration_credentials.token_expires_at < now() + interval '10 minutes'
      and (token_refreshes.leased_until is null or token_refreshes.leased_until <= now())
      and (token_refreshes.retry_at is null or token_refreshes.retry_at <= now())
      and exists (
        select
        from public.organization_members
        where organization_members.organization_id = user_integration_credentials.organization_id
          and organization_members.user_id = user_integration_credentials.user_id
          and organization_members.status = 'active'
      )
      and exists (
        select
        from public.service_providers
        where service_providers.id = user_integration_credentials.service_provider_id
          and service_providers.is_active
      )
      -- Those that have their job already leave room for the others.
      and not exists (
        select
        from private.jobs
        where jobs.queue = 'tokens'
          and jobs.dedupe_key = 'refresh ' || user_integration_credentials.id
      )
    order by user_integration_credentials.token_expires_at
    limit 500
  ) as ending;

  if v_payloads is null then
    return 0;
  end if;

  return private.enqueue_jobs(
    p_queue => 'tokens',
    p_kind => 'refresh_token',
    p_payloads => v_payloads,
    p_organization_ids => v_organization_ids,
    p_max_attempts => 3,
    p_dedupe_keys => v_keys
  );
end;
$$;

comment on function private.enqueue_token_refreshes() is
  'Adds jobs for tokens that end soon to the queue tokens; returns how many.';

insert into private.tick_parts (name, place, function_name)
values ('token_refreshes_enqueued', 170, 'enqueue_token_refreshes');

insert into private.queue_workers (queue, function_name) values ('tokens', 'token-refresher');

create function public.claim_token_refresh(
  p_connection_id uuid,
  p_seen_token_version integer default null,
  p_was_rejected boolean default false,
  p_lease_seconds integer default 60
)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.claim_token_refresh(
    p_connection_id, p_seen_token_version, p_was_rejected, p_lease_seconds
  );
$$;

create function public.complete_token_refresh(
  p_connection_id uuid,
  p_token_version integer,
  p_access_token text,
  p_refresh_token text default null,
  p_expires_in_seconds integer default null,
  p_scopes text[] default null
)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.complete_token_refresh(
    p_connection_id, p_token_version, p_access_token, p_refresh_token, p_expires_in_seconds,
    p_scopes
  );
$$;

create function public.fail_token_refresh(
  p_connection_id uuid,
  p_lease_token uuid,
  p_token_version integer,
  p_error text,
  p_is_permanent boolean default false,
  p_retry_after_seconds integer default null
)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.fail_token_refresh(
    p_connection_id, p_lease_token, p_token_version, p_error, p_is_permanent,
    p_retry_after_seconds
  );
$$;

comment on function public.claim_token_refresh(uuid, integer, boolean, integer) is
  'Leases the refresh of a connection''s tokens to one caller. p_seen_token_version: the version '
  'that ended; p_was_rejected: the provider refused it before its end. outcome: claimed (with '
  'lease_token, leased_until, refresh_token, token_version and the provider), fresh, busy, '
  'waiting, not_refreshable or inactive. Service only. Errors: connection_not_found, '
  'lease_seconds_invalid.';
comment on function public.complete_token_refresh(uuid, integer, text, text, integer, text[]) is
  'Takes the tokens that a refresh of p_token_version brought; without p_refresh_token the one '
  'there is stays, without p_scopes those granted. outcome: refreshed, superseded (newer ones are '
  'there) or inactive (what came is to be revoked). Service only. Errors: token_invalid.';
comment on function public.fail_token_refresh(uuid, uuid, integer, text, boolean, integer) is
  'Records that a refresh failed: for good (p_is_permanent, as invalid_grant), or until a later '
  'time. p_error is a short name, never a token. outcome: expired, waiting (retry_at), superseded, '
  'busy or inactive. Service only.';

grant execute on function
  private.claim_token_refresh(uuid, integer, boolean, integer),
  private.complete_token_refresh(uuid, integer, text, text, integer, text[]),
  private.fail_token_refresh(uuid, uuid, integer, text, boolean, integer),
  public.claim_token_refresh(uuid, integer, boolean, integer),
  public.complete_token_refresh(uuid, integer, text, text, integer, text[]),
  public.fail_token_refresh(uuid, uuid, integer, text, boolean, integer)
to service_role;
