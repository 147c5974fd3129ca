-- Agents: those who work beside people. One row serves both kinds: an agent that someone wrote
-- instructions for, and (later) an instance of a template with its own config.
--
-- Who sees an agent follows from its visibility: private is its owner's; workspace is for the
-- people of the workspaces it belongs to, directly or through a team; organization is for all who
-- hold agents.read. Whoever holds agents.manage sees them all.

create type public.agent_visibility as enum ('private', 'workspace', 'organization');

create table public.agents (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null default private.current_organization_id()
    references public.organizations (id) on delete cascade,
  user_id uuid default auth.uid() references public.profiles (id) on delete set null,
  name text not null,
  description text,
  instructions text not null default '',
  avatar_url text,
  is_active boolean not null default true,
  visibility public.agent_visibility not null default 'private',
  context_window_size integer not null default 4000,
  max_tokens integer not null default 1000,
  model text,
  temperature numeric(3, 2),
  status text not null default 'active',
  config jsonb not null default '{}',
  custom_code text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint agents_id_organization_id_key unique (id, organization_id),
  -- Whoever leaves the organization leaves their agents behind, to those who hold agents.manage.
  constraint agents_user_id_organization_id_fkey foreign key (user_id, organization_id)
    references public.organization_members (user_id, organization_id) on delete set null (user_id),
  constraint agents_name_check check (char_length(name) between 1 and 100),
  constraint agents_description_check check (char_length(description) <= 5000),
  constraint agents_instructions_check check (char_length(instructions) <= 100000),
  constraint agents_avatar_url_check check (
    avatar_url ~* '^https?://' and char_length(avatar_url) <= 2048
  ),
  constraint agents_context_window_size_check check (context_window_size between 1 and 10000000),
  constraint agents_max_tokens_check check (max_tokens between 1 and 1000000),
  constraint agents_model_check check (char_length(model) between 1 and 200),
  constraint agents_temperature_check check (temperature between 0 and 2),
  constraint agents_status_check check (status in ('inactive', 'active', 'error', 'paused')),
  constraint agents_config_check check (jsonb_typeof(config) = 'object'),
  constraint agents_custom_code_check check (char_length(custom_code) <= 1000000)
);

comment on table public.agents is 'An AI agent of an organization.';
comment on column public.agents.user_id is
  'The owner. Null when they left; then only agents.manage reaches a private agent.';
comment on column public.agents.instructions is
  'Who the agent is and how it works: the system prompt.';
comment on column public.agents.is_active is
  'The owner''s switch. An agent that is off does not run.';
comment on column public.agents.context_window_size is
  'How many tokens of history and knowledge go into one call.';
comment on column public.agents.max_tokens is 'How many tokens one answer may have.';
comment on column public.agents.model is
  'Null is the model configured for the organization or the stack.';
comment on column public.agents.status is
  'How it runs: active and error may run, inactive and paused may not.';
comment on column public.agents.config is
  'Settings of this agent. Never credentials: they live in Vault.';

create index agents_organization_id_created_at_id_idx
  on public.agents (organization_id, created_at desc, id desc);
create index agents_user_id_organization_id_idx on public.agents (user_id, organization_id);

create trigger _900_touch_updated_at
  before update on public.agents
  for each row
  execute function private.touch_updated_at();

-- The agents of the workspaces in which the caller has a place of their own and holds a permission.
-- A public workspace that one merely may read does not count: an agent costs money when it runs.
-- plpgsql looks tables up at the first call; those of workspaces and teams come in later files.
create function private.agents_in_workspaces_with(p_permission text)
returns uuid[]
language plpgsql
stable
security definer -- policies on agents would ask policies that ask about agents
set search_path = ''
as $$
begin
  return array(
    with places as (
      select others.agent_id, others.team_id
      from public.workspace_members as own
      join public.workspace_members as others on others.workspace_id = own.workspace_id
      where own.user_id = auth.uid()
        and own.workspace_id = any (private.workspaces_with(p_permission))
        and others.user_id is null
    )
    select places.agent_id
    from places
    where places.agent_id is not null
    union
    select team_members.agent_id
    from places
    join public.team_members on team_members.team_id = places.team_id
  );
end;
$$;

comment on function private.agents_in_workspaces_with(text) is
  'Agents that belong, directly or through a team, to a workspace in which the caller is a member '
  'holding the permission. For policies.';

-- Whether a user may run an agent: they see it, hold agents.run, and it is on. Asked again before
-- every run, also for users who are not there at the moment, so it takes the user as an argument;
-- the public form does not.
create function private.can_run_agent(p_agent_id uuid, p_user_id uuid)
returns boolean
language plpgsql
stable
security definer -- asked about users other than the caller
set search_path = ''
as $$
begin
  return exists (
    select
    from public.agents
    join public.organization_members
      on organization_members.organization_id = agents.organization_id
    where agents.id = p_agent_id
      and agents.is_active
      and agents.status in ('active', 'error')
      and organization_members.user_id = p_user_id
      and organization_members.status = 'active'
      and organization_members.permissions @> array['agents.read', 'agents.run']
      and (
        agents.user_id = p_user_id
        or agents.visibility = 'organization'
        or 'agents.manage' = any (organization_members.permissions)
        or agents.visibility = 'workspace'
        and exists (
          select
          from public.workspace_members as own
          join public.workspace_members as others on others.workspace_id = own.workspace_id
          left join public.team_members
            on team_members.team_id = others.team_id
            and team_members.agent_id = p_agent_id
          where own.user_id = p_user_id
            and own.organization_id = agents.organization_id
            and p_agent_id in (others.agent_id, team_members.agent_id)
        )
      )
  );
end;
$$;

comment on function private.can_run_agent(uuid, uuid) is
  'Whether a user may run an agent now: sees it, holds agents.run, and the agent is on.';

create function public.can_run_agent(p_agent_id uuid)
returns boolean
language sql
stable
security invoker
set search_path = ''
as $$
  select private.can_run_agent(p_agent_id, (select auth.uid()));
$$;

comment on function public.can_run_agent(uuid) is
  'Whether the caller may run an agent now. False for an agent that does not exist.';

grant execute on function private.agents_in_workspaces_with(text) to authenticated;
grant execute on function private.can_run_agent(uuid, uuid) to authenticated, service_role;
grant execute on function public.can_run_agent(uuid) to authenticated, service_role;

alter table public.agents enable row level security;

create policy select_reader on public.agents
  for select
  to authenticated
  using (
    organization_id = any ((select private.organizations_with('agents.read'))::uuid[])
    and (
      visibility = 'organization'
      or user_id = (select auth.uid())
      or organization_id = any ((select private.organizations_with('agents.manage'))::uuid[])
      or visibility = 'workspace'
      and id = any ((select private.agents_in_workspaces_with('agents.read'))::uuid[])
    )
  );

create policy insert_creator on public.agents
  for insert
  to authenticated
  with check (
    user_id = (select auth.uid())
    and organization_id = any ((select private.organizations_with('agents.create'))::uuid[])
  );

create policy update_owner on public.agents
  for update
  to authenticated
  using (
    user_id = (select auth.uid())
    and organization_id = any ((select private.organizations_with('agents.create'))::uuid[])
    or organization_id = any ((select private.organizations_with('agents.manage'))::uuid[])
  )
  with check (
    user_id = (select auth.uid())
    and organization_id = any ((select private.organizations_with('agents.create'))::uuid[])
    or organization_id = any ((select private.organizations_with('agents.manage'))::uuid[])
  );

create policy delete_owner on public.agents
  for delete
  to authenticated
  using (
    user_id = (select auth.uid())
    and organization_id = any ((select private.organizations_with('agents.create'))::uuid[])
    or organization_id = any ((select private.organizations_with('agents.manage'))::uuid[])
  );

grant select, delete on public.agents to authenticated;
grant insert (
  id, organization_id, user_id, name, description, instructions, avatar_url, is_active, visibility,
  context_window_size, max_tokens, model, temperature, status, config, custom_code
) on public.agents to authenticated;
-- Without organization_id and user_id: an agent stays where it is and whose it is.
grant update (
  name, description, instructions, avatar_url, is_active, visibility,
  context_window_size, max_tokens, model, temperature, status, config, custom_code
) on public.agents to authenticated;
grant select, insert, update, delete on public.agents to service_role;
