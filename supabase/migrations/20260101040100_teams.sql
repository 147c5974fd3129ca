-- Teams: agents that work together under a name, and come into a workspace together.
-- People are no members of teams: they come into a workspace themselves.

create table public.teams (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null default private.current_organization_id()
    references public.organizations (id) on delete cascade,
  name text not null,
  description text,
  owner_user_id uuid default auth.uid() references public.profiles (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint teams_id_organization_id_key unique (id, organization_id),
  constraint teams_owner_user_id_organization_id_fkey foreign key (owner_user_id, organization_id)
    references public.organization_members (user_id, organization_id)
    on delete set null (owner_user_id),
  constraint teams_name_check check (char_length(name) between 1 and 100),
  constraint teams_description_check check (char_length(description) <= 5000)
);

comment on table public.teams is 'Agents that work together.';
comment on column public.teams.owner_user_id is 'Null when the owner left the organization.';

create index teams_organization_id_created_at_id_idx
  on public.teams (organization_id, created_at desc, id desc);
create index teams_owner_user_id_organization_id_idx
  on public.teams (owner_user_id, organization_id);

create trigger _900_touch_updated_at
  before update on public.teams
  for each row
  execute function private.touch_updated_at();

alter table public.teams enable row level security;

create policy select_member on public.teams
  for select
  to authenticated
  using (organization_id = any ((select private.organizations_with('teams.read'))::uuid[]));

create policy insert_manager on public.teams
  for insert
  to authenticated
  with check (
    owner_user_id = (select auth.uid())
    and organization_id = any ((select private.organizations_with('teams.manage'))::uuid[])
  );

create policy update_manager on public.teams
  for update
  to authenticated
  using (organization_id = any ((select private.organizations_with('teams.manage'))::uuid[]))
  with check (organization_id = any ((select private.organizations_with('teams.manage'))::uuid[]));

create policy delete_manager on public.teams
  for delete
  to authenticated
  using (organization_id = any ((select private.organizations_with('teams.manage'))::uuid[]));

grant select, delete on public.teams to authenticated;
grant insert (id, organization_id, name, description, owner_user_id)
  on public.teams to authenticated;
grant update (name, description) on public.teams to authenticated;
grant select, insert, update, delete on public.teams to service_role;

create table public.team_members (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null,
  team_id uuid not null,
  agent_id uuid not null,
  team_role text not null default 'member',
  reports_to_user boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint team_members_team_id_agent_id_key unique (team_id, agent_id),
  constraint team_members_team_id_fkey foreign key (team_id, organization_id)
    references public.teams (id, organization_id) on delete cascade,
  constraint team_members_agent_id_fkey foreign key (agent_id, organization_id)
    references public.agents (id, organization_id) on delete cascade,
  constraint team_members_team_role_check check (char_length(team_role) between 1 and 50)
);

comment on table public.team_members is 'An agent''s place in a team.';
comment on column public.team_members.team_role is
  'What the agent is in the team, in the team''s own words.';
comment on column public.team_members.reports_to_user is
  'Whether the agent reports to people rather than to another agent.';

create index team_members_team_id_organization_id_idx
  on public.team_members (team_id, organization_id);
create index team_members_agent_id_organization_id_idx
  on public.team_members (agent_id, organization_id);
create index team_members_organization_id_idx on public.team_members (organization_id);

create trigger _050_inherit_organization
  before insert on public.team_members
  for each row
  when (new.organization_id is null)
  execute function private.inherit_organization('public.teams', 'team_id');

create trigger _900_touch_updated_at
  before update on public.team_members
  for each row
  execute function private.touch_updated_at();

alter table public.team_members enable row level security;

create policy select_member on public.team_members
  for select
  to authenticated
  using (organization_id = any ((select private.organizations_with('teams.read'))::uuid[]));

-- A team takes its agents into workspaces, where others run them. So one places an agent that is
-- one's own, open to the organization anyway, or that one manages.
create policy insert_manager on public.team_members
  for insert
  to authenticated
  with check (
    organization_id = any ((select private.organizations_with('teams.manage'))::uuid[])
    and exists (
      select
      from public.agents
      where agents.id = team_members.agent_id
        and (
          agents.user_id = (select auth.uid())
          or agents.visibility = 'organization'
          or agents.organization_id
            = any ((select private.organizations_with('agents.manage'))::uuid[])
        )
    )
  );

create policy update_manager on public.team_members
  for update
  to authenticated
  using (organization_id = any ((select private.organizations_with('teams.manage'))::uuid[]))
  with check (organization_id = any ((select private.organizations_with('teams.manage'))::uuid[]));

-- The owner of an agent can take it out of any team.
create policy delete_manager on public.team_members
  for delete
  to authenticated
  using (
    organization_id = any ((select private.organizations_with('teams.manage'))::uuid[])
    or exists (
      select
      from public.agents
      where agents.id = team_members.agent_id
        and agents.user_id = (select auth.uid())
    )
  );

grant select, delete on public.team_members to authenticated;
grant insert (id, organization_id, team_id, agent_id, team_role, reports_to_user)
  on public.team_members to authenticated;
grant update (team_role, reports_to_user) on public.team_members to authenticated;
grant select, insert, update, delete on public.team_members to service_role;
