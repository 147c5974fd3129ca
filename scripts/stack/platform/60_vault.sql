-- Vault: what the extension supabase_vault offers, on pgcrypto.
--
-- Encrypt-then-MAC: AES-256-CBC under a random nonce, then HMAC-SHA-256 over row id, nonce and
-- ciphertext, so a changed secret and one moved to another row are both noticed. Both keys are
-- derived from the session's vault.session_key, which no table holds.

create table if not exists vault.secrets (
  id uuid primary key default gen_random_uuid(),
  name text,
  description text not null default '',
  secret text not null,
  key_id uuid,
  nonce bytea not null default extensions.gen_random_bytes(16),
  created_at timestamptz not null default current_timestamp,
  updated_at timestamptz not null default current_timestamp
);

alter table vault.secrets owner to supabase_admin;

create unique index if not exists secrets_name_idx on vault.secrets (name)
  where name is not null;

comment on table vault.secrets is 'Table with encrypted `secret` column for storing sensitive information on disk.';

-- The session's key for one purpose.
create or replace function vault._session_key(purpose text)
returns bytea
language plpgsql
stable
set search_path = ''
as $$
declare
  v_key text := current_setting('vault.session_key', true);
begin
  if coalesce(v_key, '') = '' then
    raise exception 'Vault has no key in this session'
      using
        errcode = 'invalid_parameter_value',
        hint = 'Connect with the option -c vault.session_key=<64 hexadecimal digits>.';
  end if;
  return extensions.hmac(convert_to(purpose, 'utf8'), decode(v_key, 'hex'), 'sha256');
end;
$$;

create or replace function vault._authentication_tag(secret_id uuid, nonce bytea, ciphertext bytea)
returns bytea
language sql
stable
set search_path = ''
as $$
  select extensions.hmac(
    uuid_send(secret_id) || nonce || ciphertext,
    vault._session_key('vault authentication'),
    'sha256'
  )
$$;

create or replace function vault._encrypt(secret_id uuid, nonce bytea, message text)
returns text
language plpgsql
stable
set search_path = ''
as $$
declare
  v_ciphertext bytea := extensions.encrypt_iv(
    convert_to(message, 'utf8'), vault._session_key('vault encryption'), nonce, 'aes-cbc/pad:pkcs'
  );
begin
  return translate(
    encode(vault._authentication_tag(secret_id, nonce, v_ciphertext) || v_ciphertext, 'base64'),
    E'\n', ''
  );
end;
$$;

create or replace function vault._decrypt(secret_id uuid, nonce bytea, secret text)
returns text
language plpgsql
stable
set search_path = ''
as $$
declare
  v_sealed bytea := decode(secret, 'base64');
  v_ciphertext bytea := substring(v_sealed from 33);
begin
  if substring(v_sealed for 32) is distinct from
    vault._authentication_tag(secret_id, nonce, v_ciphertext)
  then
    raise exception 'Vault cannot open this secret: it was changed or belongs to another key'
      using errcode = 'data_corrupted';
  end if;
  return convert_from(
    extensions.decrypt_iv(
      v_ciphertext, vault._session_key('vault encryption'), nonce, 'aes-cbc/pad:pkcs'
    ),
    'utf8'
  );
end;
$$;

create or replace view vault.decrypted_secrets as
select
  id,
  name,
  description,
  secret,
  vault._decrypt(id, nonce, secret) as decrypted_secret,
  key_id,
  nonce,
  created_at,
  updated_at
from vault.secrets;

alter view vault.decrypted_secrets owner to supabase_admin;

create or replace function vault.create_secret(
  new_secret text,
  new_name text default null,
  new_description text default '',
  new_key_id uuid default null
)
returns uuid
language plpgsql
volatile
security definer -- postgres may not write in vault.secrets
set search_path = ''
as $$
declare
  v_id uuid := gen_random_uuid();
  v_nonce bytea := extensions.gen_random_bytes(16);
begin
  insert into vault.secrets (id, name, description, secret, key_id, nonce)
  values (
    v_id, new_name, new_description, vault._encrypt(v_id, v_nonce, new_secret), new_key_id, v_nonce
  );
  return v_id;
end;
$$;

create or replace function vault.update_secret(
  secret_id uuid,
  new_secret text default null,
  new_name text default null,
  new_description text default null,
  new_key_id uuid default null
)
returns void
language plpgsql
volatile
security definer -- postgres may not write in vault.secrets
set search_path = ''
as $$
declare
  v_nonce bytea := extensions.gen_random_bytes(16);
begin
  update vault.secrets
  set
    secret = case
      when new_secret is null then secrets.secret
      else vault._encrypt(secret_id, v_nonce, new_secret)
    end,
    nonce = case when new_secret is null then secrets.nonce else v_nonce end,
    name = coalesce(new_name, secrets.name),
    description = coalesce(new_description, secrets.description),
    key_id = coalesce(new_key_id, secrets.key_id),
    updated_at = now()
  where id = secret_id;
end;
$$;

do $$
declare
  v_function regprocedure;
begin
  for v_function in
    select oid::regprocedure from pg_catalog.pg_proc where pronamespace = 'vault'::regnamespace
  loop
    execute format('alter function %s owner to supabase_admin', v_function);
    execute format('revoke all on function %s from public', v_function);
    execute format('grant execute on function %s to postgres with grant option', v_function);
  end loop;
end;
$$;

grant select, delete on vault.secrets, vault.decrypted_secrets to postgres with grant option;
