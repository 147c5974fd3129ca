-- Organization secrets: credentials that an organization keeps for its agents and connections.
-- A row says that there is one; the value is in Vault alone. People write values and never read
-- them back: configurations name a secret ({"api_key_ref": "mailer"}), and the functions that use
-- it ask with the secret key.

create table public.organization_secrets (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  name text not null,
  description text,
  version integer not null default 1,
  created_by_user_id uuid references public.profiles (id) on delete set null,
  rotated_at timestamptz,
  last_used_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint organization_secrets_organization_id_name_key unique (organization_id, name),
  constraint organization_secrets_id_organization_id_key unique (id, organization_id),
  constraint organization_secrets_name_check check (name ~ '^[a-z0-9][a-z0-9._-]{0,99}$'),
  -- A name that could be another secret's id would be resolved in its stead.
  constraint organization_secrets_name_is_no_id_check check (
    name !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
  ),
  constraint organization_secrets_description_check check (
    char_length(description) between 1 and 1000
  ),
  constraint organization_secrets_version_check check (version >= 1)
);

comment on table public.organization_secrets is
  'That an organization keeps a secret under a name. What it is, is in Vault.';
comment on column public.organization_secrets.name is
  'What configurations call it: lowercase letters, digits, dots, underscores and hyphens.';
comment on column public.organization_secrets.version is 'Counts the values it has had.';
comment on column public.organization_secrets.rotated_at is
  'When its value was last replaced; null until then.';
comment on column public.organization_secrets.last_used_at is
  'When a function last asked for the value, to ten minutes.';

create index organization_secrets_created_by_user_id_idx
  on public.organization_secrets (created_by_user_id);

-- Apart from the row of the API, so that no select, export or result of a function carries an id
-- of Vault.
create table private.organization_secret_values (
  secret_id uuid primary key references public.organization_secrets (id) on delete cascade,
  vault_secret_id uuid not null,

  constraint organization_secret_values_vault_secret_id_key unique (vault_secret_id)
);

comment on table private.organization_secret_values is
  'Which secret of Vault holds the value of an organization''s secret.';

create function private.delete_organization_secret_value()
returns trigger
language plpgsql
volatile
security definer -- whoever deletes the secret or the organization cannot reach Vault
set search_path = ''
as $$
begin
  delete from vault.secrets where secrets.id = old.vault_secret_id;
  return null;
end;
$$;

comment on function private.delete_organization_secret_value() is
  'Trigger: a value leaves Vault with its row, so also with its organization.';

create trigger _200_delete_value
  after delete on private.organization_secret_values
  for each row
  execute function private.delete_organization_secret_value();

create trigger _900_touch_updated_at
  before update on public.organization_secrets
  for each row
  execute function private.touch_updated_at();

select private.enable_audit('public.organization_secrets');

alter table public.organization_secrets enable row level security;

create policy select_member on public.organization_secrets
  for select
  to authenticated
  using (organization_id = any ((select private.organizations_with('secrets.read'))::uuid[]));

grant select on public.organization_secrets to authenticated, service_role;
-- No insert, update or delete for anyone: row and value change together, in the functions below.

-- Raises PT403 permission_denied unless the caller holds secrets.manage there, or is the service.
create function private.require_management_of_secrets(p_organization_id uuid)
returns void
language plpgsql
stable
security definer -- memberships are read past their own policies
set search_path = ''
as $$
begin
  if (select auth.role()) is distinct from 'service_role'
    and not coalesce(
      p_organization_id = any (private.organizations_with('secrets.manage')), false
    )
  then
    raise sqlstate 'PT403' using
      message = 'You may not manage the secrets of this organization',
      detail = 'permission_denied',
      hint = 'It takes the permission secrets.manage.';
  end if;
end;
$$;

comment on function private.require_management_of_secrets(uuid) is
  'Raises PT403 permission_denied unless the caller may manage the organization''s secrets.';

-- The secret for a change, locked: of two changes at once the second sees what the first did.
create function private.open_organization_secret(p_secret_id uuid)
returns public.organization_secrets
language plpgsql
volatile
security definer -- locks rows that nobody is granted to write
set search_path = ''
as $$
declare
  v_secret public.organization_secrets;
begin
  select organization_secrets.*
  into v_secret
  from public.organization_secrets
  where organization_secrets.id = p_secret_id
    and (
      (select auth.role()) = 'service_role'
      or organization_secrets.organization_id
        = any ((select private.organizations_with('secrets.read'))::uuid[])
    );

  if v_secret.id is not null then
    -- Before the lock: whoever may not change it keeps nobody waiting.
    perform private.require_management_of_secrets(v_secret.organization_id);

    select organization_secrets.*
    into v_secret
    from public.organization_secrets
    where organization_secrets.id = p_secret_id
    for update;
  end if;

  if v_secret.id is null then
    raise sqlstate 'PT404' using
      message = 'No secret with that id',
      detail = 'secret_not_found',
      hint = 'Select from organization_secrets to see those you may know of.';
  end if;

  return v_secret;
end;
$$;

comment on function private.open_organization_secret(uuid) is
  'Locks a secret that the caller may manage. Raises secret_not_found, permission_denied.';

-- Says what is wrong with a value without saying the value.
create function private.check_secret_value(p_value text)
returns void
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  if p_value is null or p_value ~ '^\s*$' or octet_length(p_value) > 65536 then
    raise sqlstate 'PT400' using
      message = 'A secret has 1 to 65536 bytes, and not only white space',
      detail = 'secret_value_invalid',
      hint = 'Pass the value as p_value. Nothing was changed.';
  end if;
end;
$$;

comment on function private.check_secret_value(text) is
  'Raises PT400 secret_value_invalid for what cannot be kept as a secret.';

create function private.create_organization_secret(
  p_organization_id uuid,
  p_name text,
  p_value text,
  p_description text
)
returns public.organization_secrets
language plpgsql
volatile
security definer -- nobody is granted to insert secrets, and Vault is closed to API roles
set search_path = ''
as $$
declare
  v_secret public.organization_secrets;
  v_constraint text;
begin
  perform private.require_management_of_secrets(p_organization_id);
  perform private.check_secret_value(p_value);

  insert into public.organization_secrets
    (organization_id, name, description, created_by_user_id)
  values (p_organization_id, p_name, nullif(btrim(p_description), ''), auth.uid())
  returning organization_secrets.* into v_secret;

  insert into private.organization_secret_values (secret_id, vault_secret_id)
  values (
    v_secret.id,
    vault.create_secret(
      p_value,
      format('organizations/%s/secrets/%s', v_secret.organization_id, v_secret.id),
      'A secret that the organization keeps'
    )
  );

  return v_secret;
exception
  when unique_violation then
    raise sqlstate 'PT409' using
      message = 'The organization has a secret of that name already',
      detail = 'secret_name_taken',
      hint = 'Choose another name, or replace the value with rotate_organization_secret.';
  when foreign_key_violation then
    raise sqlstate 'PT404' using
      message = 'No organization with that id',
      detail = 'organization_not_found',
      hint = 'Pass the id of an organization as p_organization_id.';
  when not_null_violation or check_violation then
    get stacked diagnostics v_constraint = constraint_name;
    perform private.refuse_secret_row(v_constraint);
    raise;
end;
$$;

-- The refusals that creating and changing share. A value pasted as a name is not repeated.
create function private.refuse_secret_row(p_constraint text)
returns void
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  if p_constraint = 'organization_secrets_description_check' then
    raise sqlstate 'PT400' using
      message = 'The description of a secret has at most 1000 characters',
      detail = 'secret_description_invalid',
      hint = 'Say in it what the secret is for, never what it is.';
  end if;

  raise sqlstate 'PT400' using
    message = 'The name of a secret is up to 100 lowercase letters, digits, dots, underscores and '
      'hyphens, begins with a letter or digit, and is not an id',
    detail = 'secret_name_invalid',
    hint = 'For example mailer-api-key.';
end;
$$;

comment on function private.refuse_secret_row(text) is
  'Raises PT400 secret_name_invalid or secret_description_invalid, by the broken constraint.';

create function private.rotate_organization_secret(p_secret_id uuid, p_value text)
returns public.organization_secrets
language plpgsql
volatile
security definer -- nobody is granted to update secrets, and Vault is closed to API roles
set search_path = ''
as $$
declare
  v_secret public.organization_secrets := private.open_organization_secret(p_secret_id);
begin
  perform private.check_secret_value(p_value);

  perform vault.update_secret(organization_secret_values.vault_secret_id, p_value)
  from private.organization_secret_values
  where organization_secret_values.secret_id = v_secret.id;

  update public.organization_secrets
  set version = organization_secrets.version + 1, rotated_at = now()
  where organization_secrets.id = v_secret.id
  returning organization_secrets.* into v_secret;

  return v_secret;
end;
$$;

create function private.update_organization_secret(
  p_secret_id uuid,
  p_name text,
  p_description text
)
returns public.organization_secrets
language plpgsql
volatile
security definer -- nobody is granted to update secrets
set search_path = ''
as $$
declare
  v_secret public.organization_secrets := private.open_organization_secret(p_secret_id);
  v_constraint text;
begin
  update public.organization_secrets
  set
    name = coalesce(p_name, organization_secrets.name),
    description = case
      when p_description is null then organization_secrets.description
      else nullif(btrim(p_description), '')
    end
  where organization_secrets.id = v_secret.id
  returning organization_secrets.* into v_secret;

  return v_secret;
exception
  when unique_violation then
    raise sqlstate 'PT409' using
      message = 'The organization has a secret of that name already',
      detail = 'secret_name_taken',
      hint = 'Choose another name.';
  when check_violation then
    get stacked diagnostics v_constraint = constraint_name;
    perform private.refuse_secret_row(v_constraint);
    raise;
end;
$$;

create function private.delete_organization_secret(p_secret_id uuid)
returns void
language plpgsql
volatile
security definer -- nobody is granted to delete secrets
set search_path = ''
as $$
declare
  v_secret constant public.organization_secrets := private.open_organization_secret(p_secret_id);
begin
  delete from public.organization_secrets where organization_secrets.id = v_secret.id;
end;
$$;

-- What references stand for: {"<reference>": "<value>"}. All or none: a configuration without one
-- of its credentials would fail later and less clearly. Row and value are read in one statement, so
-- a rotation is seen whole or not at all.
create function private.resolve_organization_secrets(p_organization_id uuid, p_references text[])
returns jsonb
language plpgsql
volatile
security definer -- Vault is closed to API roles; only service_role may execute this
set search_path = ''
as $$
declare
  v_values jsonb;
  v_read jsonb;
  v_missing text[];
begin
  select
    jsonb_object_agg(wanted.reference, decrypted_secrets.decrypted_secret),
    jsonb_agg(
      distinct jsonb_build_object(
        'id', organization_secrets.id,
        'name', organization_secrets.name,
        'version', organization_secrets.version
      )
    ),
    array_agg(
      -- Whatever is no reference may be the credential itself.
      case
        when wanted.reference ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$' then wanted.reference
        else '[not a name or id]'
      end
      order by wanted.reference
    ) filter (where decrypted_secrets.id is null)
  into v_values, v_read, v_missing
  from (
    select distinct given.reference
    from unnest(p_references) as given (reference)
    where given.reference is not null
  ) as wanted
  left join public.organization_secrets
    on organization_secrets.organization_id = p_organization_id
    and (
      organization_secrets.name = wanted.reference
      or organization_secrets.id::text = lower(wanted.reference)
    )
  left join private.organization_secret_values
    on organization_secret_values.secret_id = organization_secrets.id
  left join vault.decrypted_secrets
    on decrypted_secrets.id = organization_secret_values.vault_secret_id;

  if v_missing is not null then
    raise sqlstate 'PT404' using
      message = format('The organization keeps no secret %s', array_to_string(v_missing, ', ')),
      detail = 'secret_not_found',
      hint = 'Add it with create_organization_secret, or correct the reference.';
  end if;

  perform private.record_audit_event(
    p_organization_id,
    'secret.read',
    'organization_secrets',
    secret.document ->> 'id',
    secret.document - 'id'
  )
  from jsonb_array_elements(v_read) as secret (document);

  -- Seldom and without waiting, so that many readers of one secret do not stand in line.
  update public.organization_secrets
  set last_used_at = now()
  from (
    select organization_secrets.id
    from public.organization_secrets
    where organization_secrets.id in (
        select (secret.document ->> 'id')::uuid
        from jsonb_array_elements(v_read) as secret (document)
      )
      and (
        organization_secrets.last_used_at is null
        or organization_secrets.last_used_at < now() - interval '10 minutes'
      )
    order by organization_secrets.id
    for no key update skip locked
  ) as used
  where organization_secrets.id = used.id;

  return coalesce(v_values, '{}');
end;
$$;

create function public.create_organization_secret(
  p_organization_id uuid,
  p_name text,
  p_value text,
  p_description text default null
)
returns public.organization_secrets
language sql
volatile
security invoker
set search_path = ''
as $$
  select *
  from private.create_organization_secret(p_organization_id, p_name, p_value, p_description);
$$;

create function public.rotate_organization_secret(p_secret_id uuid, p_value text)
returns public.organization_secrets
language sql
volatile
security invoker
set search_path = ''
as $$
  select * from private.rotate_organization_secret(p_secret_id, p_value);
$$;

create function public.update_organization_secret(
  p_secret_id uuid,
  p_name text default null,
  p_description text default null
)
returns public.organization_secrets
language sql
volatile
security invoker
set search_path = ''
as $$
  select * from private.update_organization_secret(p_secret_id, p_name, p_description);
$$;

create function public.delete_organization_secret(p_secret_id uuid)
returns void
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.delete_organization_secret(p_secret_id);
$$;

create function public.resolve_organization_secrets(p_organization_id uuid, p_references text[])
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.resolve_organization_secrets(p_organization_id, p_references);
$$;

comment on function public.create_organization_secret(uuid, text, text, text) is
  'Keeps a secret of the organization under a name; the value goes to Vault and is never read '
  'back. Needs secrets.manage. Errors: permission_denied, secret_name_invalid, '
  'secret_name_taken, secret_value_invalid, secret_description_invalid, organization_not_found.';
comment on function public.rotate_organization_secret(uuid, text) is
  'Replaces the value of a secret and counts its version up. Needs secrets.manage. Errors: '
  'secret_not_found, permission_denied, secret_value_invalid.';
comment on function public.update_organization_secret(uuid, text, text) is
  'Renames a secret or describes it anew; null leaves, an empty description clears. Needs '
  'secrets.manage. Errors: secret_not_found, permission_denied, secret_name_invalid, '
  'secret_name_taken, secret_description_invalid, secret_in_use.';
comment on function public.delete_organization_secret(uuid) is
  'Deletes a secret, its value too. Needs secrets.manage. Errors: secret_not_found, '
  'permission_denied, secret_in_use.';
comment on function public.resolve_organization_secrets(uuid, text[]) is
  'The values behind references, names or ids of an organization''s secrets: {"<reference>": '
  '"<value>"}. Each is recorded as secret.read. Service only. Errors: secret_not_found.';

grant execute on function
  private.create_organization_secret(uuid, text, text, text),
  private.rotate_organization_secret(uuid, text),
  private.update_organization_secret(uuid, text, text),
  private.delete_organization_secret(uuid),
  public.create_organization_secret(uuid, text, text, text),
  public.rotate_organization_secret(uuid, text),
  public.update_organization_secret(uuid, text, text),
  public.delete_organization_secret(uuid)
to authenticated, service_role;

grant execute on function
  private.resolve_organization_secrets(uuid, text[]),
  public.resolve_organization_secrets(uuid, text[])
to service_role;
