-- OAuth states: who went to a provider to give consent, for what, and until when they may return.
-- A row is known by the hash of its state alone and is gone once the state has been shown. The PKCE
-- verifier, with which a stolen code could be exchanged, waits in Vault.

create table private.oauth_states (
  id uuid primary key default gen_random_uuid(),
  state_hash bytea not null,
  user_id uuid not null references public.profiles (id) on delete cascade,
  organization_id uuid not null references public.organizations (id) on delete cascade,
  service_provider_id uuid not null references public.service_providers (id) on delete cascade,
  connection_id uuid,
  vault_code_verifier_id uuid not null,
  scopes text[] not null default '{}',
  redirect_to text,
  visibility text,
  connection_name text,
  context jsonb not null default '{}',
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),

  constraint oauth_states_state_hash_key unique (state_hash),
  constraint oauth_states_vault_code_verifier_id_key unique (vault_code_verifier_id),
  constraint oauth_states_connection_id_fkey foreign key (connection_id, organization_id)
    references public.user_integration_credentials (id, organization_id) on delete cascade,
  constraint oauth_states_state_hash_check check (octet_length(state_hash) = 32),
  constraint oauth_states_redirect_to_check check (char_length(redirect_to) <= 2000),
  constraint oauth_states_visibility_check check (visibility in ('personal', 'organization')),
  constraint oauth_states_connection_name_check check (
    char_length(connection_name) between 1 and 200
  ),
  constraint oauth_states_context_check check (
    jsonb_typeof(context) = 'object' and octet_length(context::text) <= 4000
  )
);

comment on table private.oauth_states is
  'Consents that are under way at providers. Each is looked up once, by the hash of its state.';
comment on column private.oauth_states.connection_id is
  'The connection that is renewed or given more scopes; null for a new one.';
comment on column private.oauth_states.context is
  'What the function that comes back needs to know: never a secret.';

create index oauth_states_user_id_created_at_idx
  on private.oauth_states (user_id, created_at);
create index oauth_states_organization_id_idx on private.oauth_states (organization_id);
create index oauth_states_service_provider_id_idx on private.oauth_states (service_provider_id);
create index oauth_states_connection_id_organization_id_idx
  on private.oauth_states (connection_id, organization_id)
  where connection_id is not null;
create index oauth_states_expires_at_idx on private.oauth_states (expires_at);

create function private.delete_code_verifier()
returns trigger
language plpgsql
volatile
security definer -- whoever deletes the user cannot reach Vault
set search_path = ''
as $$
begin
  delete from vault.secrets where secrets.id = old.vault_code_verifier_id;
  return null;
end;
$$;

comment on function private.delete_code_verifier() is
  'Trigger: a verifier leaves Vault with its state.';

create trigger _200_delete_code_verifier
  after delete on private.oauth_states
  for each row
  execute function private.delete_code_verifier();

-- A state is asked for as the hex of its SHA-256.
create function private.decode_state_hash(p_state_hash text)
returns bytea
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  if p_state_hash is null or p_state_hash !~ '^[0-9a-f]{64}$' then
    raise sqlstate 'PT400' using
      message = 'A state is named by the hex of its SHA-256',
      detail = 'oauth_state_invalid',
      hint = 'Pass 64 lowercase hex digits as p_state_hash.';
  end if;

  return decode(p_state_hash, 'hex');
end;
$$;

comment on function private.decode_state_hash(text) is
  'The bytes of a hash in hex. Raises PT400 oauth_state_invalid.';

create function private.create_oauth_state(
  p_state_hash text,
  p_user_id uuid,
  p_organization_id uuid,
  p_service_provider_id uuid,
  p_code_verifier text,
  p_scopes text[],
  p_redirect_to text,
  p_connection_id uuid,
  p_visibility text,
  p_connection_name text,
  p_context jsonb,
  p_expires_in_seconds integer
)
returns jsonb
language plpgsql
volatile
security definer -- the table is private and Vault is closed to API roles
set search_path = ''
as $$
declare
  v_state private.oauth_states;
begin
  perform private.require_connecting_member(p_user_id, p_organization_id);
  perform private.require_provider(p_service_provider_id, 'oauth');

  if p_expires_in_seconds is null or p_expires_in_seconds not between 1 and 600
    or coalesce(p_code_verifier, '') !~ '^[A-Za-z0-9._~-]{43,128}$'
  then
    raise sqlstate 'PT400' using
      message = 'A state holds for up to 600 seconds, and comes with a PKCE verifier',
      detail = 'oauth_state_invalid',
      hint = 'Correct p_expires_in_seconds or p_code_verifier.';
  end if;

  if p_connection_id is not null and not exists (
    select
    from public.user_integration_credentials
    where user_integration_credentials.id = p_connection_id
      and user_integration_credentials.user_id = p_user_id
      and user_integration_credentials.organization_id = p_organization_id
      and user_integration_credentials.service_provider_id = p_service_provider_id
  ) then
    perform private.raise_connection_not_found();
  end if;

  -- Whoever keeps beginning and never returns keeps nothing waiting but their last few.
  delete from private.oauth_states
  where oauth_states.id in (
    select waiting.id
    from private.oauth_states as waiting
    where waiting.user_id = p_user_id
    order by waiting.created_at desc, waiting.id
    offset 9
  );

  insert into private.oauth_states
    (
      state_hash, user_id, organization_id, service_provider_id, connection_id,
      vault_code_verifier_id, scopes, redirect_to, visibility, connection_name, context, expires_at
    )
  values (
    private.decode_state_hash(p_state_hash),
    p_user_id,
    p_organization_id,
    p_service_provider_id,
    p_connection_id,
    vault.create_secret(
      p_code_verifier,
      format('organizations/%s/oauth_states/%s', p_organization_id, gen_random_uuid()),
      'PKCE verifier of a consent that is under way'
    ),
    coalesce(p_scopes, '{}'),
    p_redirect_to,
    p_visibility,
    nullif(btrim(p_connection_name), ''),
    coalesce(p_context, '{}'),
    clock_timestamp() + make_interval(secs => p_expires_in_seconds)
  )
  returning * into v_state;

  return jsonb_build_object('id', v_state.id, 'expires_at', v_state.expires_at);
exception
  when unique_violation then
    raise sqlstate 'PT409' using
      message = 'That state is in use',
      detail = 'oauth_state_taken',
      hint = 'Make states of 256 random bits.';
  when check_violation then
    raise sqlstate 'PT400' using
      message = 'The state cannot be kept',
      detail = 'oauth_state_invalid',
      hint = 'Correct p_redirect_to, p_visibility, p_connection_name or p_context.';
end;
$$;

-- Deleting is what makes it single: of two who show the same state at once, one finds it.
create function private.consume_oauth_state(p_state_hash text)
returns jsonb
language plpgsql
volatile
security definer -- the table is private and Vault is closed to API roles
set search_path = ''
as $$
declare
  v_hash constant bytea := private.decode_state_hash(p_state_hash);
  v_code_verifier text;
  v_state private.oauth_states;
begin
  -- The verifier goes with the row, so it is read first. Another may take the row in between; then
  -- nothing is returned.
  select oauth_states.*
  into v_state
  from private.oauth_states
  where oauth_states.state_hash = v_hash;

  if v_state.id is not null then
    v_code_verifier := (
      select decrypted_secrets.decrypted_secret
      from vault.decrypted_secrets
      where decrypted_secrets.id = v_state.vault_code_verifier_id
    );
    -- Whoever was suspended on the way comes back to nothing.
    perform private.require_connecting_member(v_state.user_id, v_state.organization_id);
  end if;

  delete from private.oauth_states
  where oauth_states.state_hash = v_hash
    and oauth_states.expires_at > clock_timestamp()
  returning * into v_state;

  if v_state.id is null then
    raise sqlstate 'PT404' using
      message = 'No consent is under way with that state',
      detail = 'oauth_state_not_found',
      hint = 'It was never begun, was used already, or took longer than ten minutes. Begin anew.';
  end if;

  return to_jsonb(v_state) - array['state_hash', 'vault_code_verifier_id']
    || jsonb_build_object('code_verifier', v_code_verifier);
end;
$$;

-- The engine's part: what nobody returned for. Returns how many.
create function private.expire_oauth_states()
returns integer
language plpgsql
volatile
security definer -- the table is private and Vault is closed to API roles
set search_path = ''
as $$
declare
  v_count integer;
begin
  delete from private.oauth_states
  where oauth_states.id in (
    select expired.id
    from private.oauth_states as expired
    where expired.expires_at <= now()
    order by expired.expires_at
    limit 500
    for update skip locked
  );

  get diagnostics v_count = row_count;
  return v_count;
end;
$$;

comment on function private.expire_oauth_states() is
  'Removes consents that nobody returned for in time.';

insert into private.tick_parts (name, place, function_name)
values ('oauth_states_expired', 171, 'expire_oauth_states');

create function public.create_oauth_state(
  p_state_hash text,
  p_user_id uuid,
  p_organization_id uuid,
  p_service_provider_id uuid,
  p_code_verifier text,
  p_scopes text[] default '{}',
  p_redirect_to text default null,
  p_connection_id uuid default null,
  p_visibility text default null,
  p_connection_name text default null,
  p_context jsonb default '{}',
  p_expires_in_seconds integer default 600
)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.create_oauth_state(
    p_state_hash, p_user_id, p_organization_id, p_service_provider_id, p_code_verifier, p_scopes,
    p_redirect_to, p_connection_id, p_visibility, p_connection_name, p_context,
    p_expires_in_seconds
  );
$$;

create function public.consume_oauth_state(p_state_hash text)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.consume_oauth_state(p_state_hash);
$$;

comment on function public.create_oauth_state(
  text, uuid, uuid, uuid, text, text[], text, uuid, text, text, jsonb, integer
) is
  'Begins a consent of a user: keeps what it is for under the SHA-256 of its state, in hex, for up '
  'to 600 seconds. Returns {id, expires_at}. Service only. Errors: permission_denied, '
  'provider_not_found, connection_not_found, oauth_state_invalid, oauth_state_taken.';
comment on function public.consume_oauth_state(text) is
  'What create_oauth_state() was told, with code_verifier: once. Service only. Errors: '
  'oauth_state_not_found, oauth_state_invalid, permission_denied.';

grant execute on function
  private.create_oauth_state(
    text, uuid, uuid, uuid, text, text[], text, uuid, text, text, jsonb, integer
  ),
  private.consume_oauth_state(text),
  public.create_oauth_state(
    text, uuid, uuid, uuid, text, text[], text, uuid, text, text, jsonb, integer
  ),
  public.consume_oauth_state(text)
to service_role;
