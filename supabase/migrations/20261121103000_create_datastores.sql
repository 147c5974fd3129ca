-- Datastores: where an agent's knowledge is looked up. The built-in store (postgres) is the
-- database itself and needs no row to be used; Pinecone and Zep are services outside, to which what
-- their agents were given is sent (by the next file).
--
-- A configuration names the secret that holds the credential. Where it is sent is no choice: only
-- the providers' own hosts are taken. Which secret is sent there is for secrets.manage to say.

create type public.datastore_type as enum ('pinecone', 'getzep', 'postgres');

-- What is wrong with a configuration, as the end of a sentence; null when nothing is. An address on
-- this machine is for the embedded stack: everywhere else the guard of requests refuses it.
create function private.datastore_config_fault(p_type public.datastore_type, p_config jsonb)
returns text
language plpgsql
immutable
security invoker
set search_path = ''
as $$
declare
  v_loopback constant text := 'http://(localhost|127(\.[0-9]{1,3}){3})(:[0-9]{1,5})?';
begin
  if jsonb_typeof(p_config) is distinct from 'object' then
    return 'config is an object';
  elsif exists (
    select from jsonb_each(p_config) as field where jsonb_typeof(field.value) <> 'string'
  ) then
    return 'its fields are texts';
  end if;

  return case p_type
    when 'postgres' then
      case when p_config <> '{}' then 'the built-in store takes no config' end
    when 'pinecone' then
      case
        when p_config - array['host', 'namespace', 'api_key_ref'] <> '{}' then
          'a Pinecone index has host, namespace and api_key_ref'
        when p_config ->> 'host' ~ format(
          '^((https://)?[a-z0-9-]+(\.[a-z0-9-]+)*\.pinecone\.io|%s)$', v_loopback
        ) is not true then
          'host is that of the index, such as docs-1a2b3c4.svc.aped-4627-b74a.pinecone.io'
        when p_config ->> 'namespace' !~ '^[!-~]{1,200}$' then
          'namespace has up to 200 characters, without spaces'
      end
    when 'getzep' then
      case
        when p_config - array['graph_id', 'base_url', 'api_key_ref'] <> '{}' then
          'a graph of Zep has graph_id and api_key_ref'
        when p_config ->> 'graph_id' ~ '^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,199}$' is not true then
          'graph_id has up to 200 letters, digits, dots, underscores and hyphens'
        when p_config ->> 'base_url' !~ format(
          '^(https://api\.getzep\.com|%s)/api/v2$', v_loopback
        ) then
          'base_url is https://api.getzep.com/api/v2'
      end
  end;
end;
$$;

comment on function private.datastore_config_fault(public.datastore_type, jsonb) is
  'What is wrong with the configuration of a datastore, credentials aside; null when nothing is.';

-- Where a datastore is, as a text: two rows with the same would take each other's chunks away.
create function private.datastore_place(p_type public.datastore_type, p_config jsonb)
returns text
language sql
immutable
security invoker
set search_path = ''
as $$
  select case p_type
    when 'pinecone' then
      regexp_replace(p_config ->> 'host', '^https://', '')
        || '/' || coalesce(p_config ->> 'namespace', '__default__')
    when 'getzep' then
      coalesce(p_config ->> 'base_url', 'https://api.getzep.com/api/v2')
        || '/' || (p_config ->> 'graph_id')
  end;
$$;

comment on function private.datastore_place(public.datastore_type, jsonb) is
  'The place that a configuration leads to; null for the built-in store.';

-- Whoever writes a row evaluates what is computed and checked in it.
grant execute on function
  private.datastore_config_fault(public.datastore_type, jsonb),
  private.datastore_place(public.datastore_type, jsonb)
to authenticated, service_role;

create table public.datastores (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null default private.current_organization_id()
    references public.organizations (id) on delete cascade,
  name text not null,
  type public.datastore_type not null,
  config jsonb not null default '{}',
  place text generated always as (private.datastore_place(type, config)) stored,
  is_active boolean not null default true,
  status text not null default 'new',
  last_error text,
  last_synced_at timestamptz,
  created_by_user_id uuid default auth.uid() references public.profiles (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint datastores_organization_id_name_key unique (organization_id, name),
  constraint datastores_organization_id_place_key unique (organization_id, place),
  constraint datastores_id_organization_id_key unique (id, organization_id),
  constraint datastores_name_check check (
    char_length(name) between 1 and 100 and name = btrim(name)
  ),
  constraint datastores_config_check check (
    octet_length(config::text) <= 4000
    and private.datastore_config_fault(type, config) is null
    and (type = 'postgres' or config ->> 'api_key_ref' is not null)
  ),
  constraint datastores_status_check check (status in ('new', 'ready', 'error')),
  constraint datastores_last_error_check check (char_length(last_error) <= 1000)
);

comment on table public.datastores is 'A store in which agents look things up.';
comment on column public.datastores.type is
  'pinecone: a namespace of an index; getzep: a graph of Zep Cloud; postgres: the database itself.';
comment on column public.datastores.config is
  'Where it is, and the name of the secret with its key: {"host", "namespace", "api_key_ref"} or '
  '{"graph_id", "api_key_ref"}; {} for postgres.';
comment on column public.datastores.place is 'Where it is, in one text.';
comment on column public.datastores.is_active is
  'One that is off is neither asked nor given more. What has to leave it leaves it all the same.';
comment on column public.datastores.status is
  'new: not reached yet; ready; error: see last_error, it is tried again.';
comment on column public.datastores.last_synced_at is
  'When it last had all it should, and nothing else.';

create index datastores_created_by_user_id_idx
  on public.datastores (created_by_user_id)
  where created_by_user_id is not null;

-- Errors: PT400 datastore_config_invalid, PT409 datastore_place_frozen.
create function private.check_datastore_config()
returns trigger
language plpgsql
volatile
security definer -- writers are not granted the helpers
set search_path = ''
as $$
declare
  v_fault constant text := coalesce(
    private.datastore_config_fault(new.type, new.config),
    case
      when new.type <> 'postgres' and coalesce(new.config ->> 'api_key_ref', '') = '' then
        'api_key_ref names the secret with its key'
    end
  );
begin
  if v_fault is not null then
    raise sqlstate 'PT400' using
      message = format('Cannot use this config for a datastore of type %s: %s', new.type, v_fault),
      detail = 'datastore_config_invalid',
      hint = 'For example {"host": "docs-1a2b3c4.svc.aped-4627-b74a.pinecone.io", "namespace": '
        '"ensemble", "api_key_ref": "pinecone"} or {"graph_id": "ensemble", "api_key_ref": "zep"}.';
  end if;

  if tg_op = 'UPDATE'
    and (
      new.type <> old.type
      or private.datastore_place(new.type, new.config)
        is distinct from private.datastore_place(old.type, old.config)
    )
  then
    raise sqlstate 'PT409' using
      message = 'A datastore stays where it is',
      detail = 'datastore_place_frozen',
      hint = 'Add another datastore and delete this one: what it holds is then removed from it.';
  end if;
  return new;
end;
$$;

comment on function private.check_datastore_config() is
  'Trigger: refuses what is no configuration of a datastore, and to move one.';

create function private.guard_datastore_secret()
returns trigger
language plpgsql
volatile
security definer -- memberships are read past their own policies
set search_path = ''
as $$
begin
  perform private.require_management_of_secrets(new.organization_id);
  return new;
end;
$$;

comment on function private.guard_datastore_secret() is
  'Trigger: which secret leaves for a provider is decided by who may manage secrets. Raises '
  'permission_denied.';

select private.guard_configuration('public.datastores', 'config');

create trigger _160_check_config
  before insert or update of type, config on public.datastores
  for each row
  execute function private.check_datastore_config();

create trigger _200_guard_secret
  before insert on public.datastores
  for each row
  when (new.config ->> 'api_key_ref' is not null)
  execute function private.guard_datastore_secret();

create trigger _201_guard_secret_on_change
  before update of config on public.datastores
  for each row
  when (
    new.config ->> 'api_key_ref' is not null
    and new.config ->> 'api_key_ref' is distinct from old.config ->> 'api_key_ref'
  )
  execute function private.guard_datastore_secret();

create trigger _900_touch_updated_at
  before update on public.datastores
  for each row
  execute function private.touch_updated_at();

-- Not what every sync writes: an outage of a provider would fill the log.
select private.enable_audit(
  'public.datastores',
  p_ignore => array['status', 'last_error', 'last_synced_at']
);
select private.enable_row_quota('public.datastores');

alter table public.datastores enable row level security;

create policy select_member on public.datastores
  for select
  to authenticated
  using (organization_id = any ((select private.organizations_with('knowledge.read'))::uuid[]));

create policy insert_manager on public.datastores
  for insert
  to authenticated
  with check (
    created_by_user_id = (select auth.uid())
    and organization_id = any ((select private.organizations_with('knowledge.manage'))::uuid[])
  );

create policy update_manager on public.datastores
  for update
  to authenticated
  using (organization_id = any ((select private.organizations_with('knowledge.manage'))::uuid[]))
  with check (
    organization_id = any ((select private.organizations_with('knowledge.manage'))::uuid[])
  );

create policy delete_manager on public.datastores
  for delete
  to authenticated
  using (organization_id = any ((select private.organizations_with('knowledge.manage'))::uuid[]));

grant select, delete on public.datastores to authenticated;
grant insert (id, organization_id, name, type, config, is_active, created_by_user_id)
  on public.datastores to authenticated;
-- How it is doing is written by the engine, and it stays what and where it is.
grant update (name, config, is_active) on public.datastores to authenticated;
grant select, insert, update, delete on public.datastores to service_role;

create table public.agent_datastores (
  agent_id uuid not null,
  datastore_id uuid not null,
  organization_id uuid not null,
  is_active boolean not null default true,
  created_at timestamptz not null default now(),

  constraint agent_datastores_pkey primary key (agent_id, datastore_id),
  -- Both name the organization of the row, so nothing leaves for another one's store.
  constraint agent_datastores_agent_id_fkey
    foreign key (agent_id, organization_id) references public.agents (id, organization_id)
    on delete cascade,
  constraint agent_datastores_datastore_id_fkey
    foreign key (datastore_id, organization_id) references public.datastores (id, organization_id)
    on delete cascade
);

comment on table public.agent_datastores is
  'A store that an agent looks things up in, and that is given the media it was assigned.';
comment on column public.agent_datastores.is_active is
  'One that is off is not asked for this agent, and its media leave the store.';

create index agent_datastores_agent_id_organization_id_idx
  on public.agent_datastores (agent_id, organization_id);
create index agent_datastores_datastore_id_organization_id_idx
  on public.agent_datastores (datastore_id, organization_id);
create index agent_datastores_organization_id_idx on public.agent_datastores (organization_id);

create trigger _050_inherit_organization
  before insert on public.agent_datastores
  for each row
  when (new.organization_id is null)
  execute function private.inherit_organization('public.agents', 'agent_id');

select private.enable_audit('public.agent_datastores', 'agent_id,datastore_id');
select private.enable_row_quota('public.agent_datastores');

alter table public.agent_datastores enable row level security;

-- In each of them the policy of agents decides which agents there are.
create policy select_reader on public.agent_datastores
  for select
  to authenticated
  using (
    organization_id = any ((select private.organizations_with('knowledge.read'))::uuid[])
    and exists (select from public.agents where agents.id = agent_datastores.agent_id)
  );

create policy insert_manager on public.agent_datastores
  for insert
  to authenticated
  with check (
    organization_id = any ((select private.organizations_with('knowledge.manage'))::uuid[])
    and exists (select from public.agents where agents.id = agent_datastores.agent_id)
  );

create policy update_manager on public.agent_datastores
  for update
  to authenticated
  using (
    organization_id = any ((select private.organizations_with('knowledge.manage'))::uuid[])
    and exists (select from public.agents where agents.id = agent_datastores.agent_id)
  )
  with check (
    organization_id = any ((select private.organizations_with('knowledge.manage'))::uuid[])
    and exists (select from public.agents where agents.id = agent_datastores.agent_id)
  );

create policy delete_manager on public.agent_datastores
  for delete
  to authenticated
  using (
    organization_id = any ((select private.organizations_with('knowledge.manage'))::uuid[])
    and exists (select from public.agents where agents.id = agent_datastores.agent_id)
  );

grant select, delete on public.agent_datastores to authenticated;
grant insert (agent_id, datastore_id, organization_id, is_active)
  on public.agent_datastores to authenticated;
grant update (is_active) on public.agent_datastores to authenticated;
grant select, insert, update, delete on public.agent_datastores to service_role;

create function private.stop_imported_datastore(p_row jsonb, p_importer_ids uuid[])
returns jsonb
language sql
immutable
security invoker
set search_path = ''
as $$
  select case p_row ->> 'type'
    when 'postgres' then p_row
    else
      p_row || jsonb_build_object(
        'is_active', false,
        'status', 'new',
        'last_error', null,
        'last_synced_at', null
      )
  end;
$$;

insert into private.transfer_rules (table_name, prepare_function, reason)
values (
  'datastores',
  'stop_imported_datastore',
  'No store outside is written to before somebody has looked at it and set its secret anew.'
);
