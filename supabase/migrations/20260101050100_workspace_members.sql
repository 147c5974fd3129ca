-- Workspace members: a place in a workspace, of a person, an agent or a team of agents.
-- People act by their role; agents and teams are there to be found and run.

create table public.workspace_members (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null,
  workspace_id uuid not null,
  user_id uuid references public.profiles (id) on delete cascade,
  agent_id uuid,
  team_id uuid,
  role public.workspace_member_role not null default 'member',
  joined_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint workspace_members_workspace_id_user_id_key unique (workspace_id, user_id),
  constraint workspace_members_workspace_id_agent_id_key unique (workspace_id, agent_id),
  constraint workspace_members_workspace_id_team_id_key unique (workspace_id, team_id),
  constraint workspace_members_workspace_id_fkey foreign key (workspace_id, organization_id)
    references public.workspaces (id, organization_id) on delete cascade,
  -- Whoever leaves the organization leaves its workspaces.
  constraint workspace_members_user_id_organization_id_fkey foreign key (user_id, organization_id)
    references public.organization_members (user_id, organization_id) on delete cascade,
  constraint workspace_members_agent_id_fkey foreign key (agent_id, organization_id)
    references public.agents (id, organization_id) on delete cascade,
  constraint workspace_members_team_id_fkey foreign key (team_id, organization_id)
    references public.teams (id, organization_id) on delete cascade,
  constraint workspace_members_is_one_check check (num_nonnulls(user_id, agent_id, team_id) = 1)
);

comment on table public.workspace_members is
  'A place in a workspace: of exactly one person, agent or team.';
comment on column public.workspace_members.role is
  'For a person, the system role whose permissions they hold inside. For agents and teams, a '
  'label.';

create index workspace_members_workspace_id_user_id_agent_id_idx
  on public.workspace_members (workspace_id, user_id, agent_id);
create index workspace_members_workspace_id_organization_id_idx
  on public.workspace_members (workspace_id, organization_id);
create index workspace_members_user_id_organization_id_idx
  on public.workspace_members (user_id, organization_id)
  where user_id is not null;
create index workspace_members_agent_id_organization_id_idx
  on public.workspace_members (agent_id, organization_id)
  where agent_id is not null;
create index workspace_members_team_id_organization_id_idx
  on public.workspace_members (team_id, organization_id)
  where team_id is not null;
create index workspace_members_organization_id_idx on public.workspace_members (organization_id);

-- An invited or suspended person is in the table of members, so the foreign key alone lets them in.
create function private.admit_active_member()
returns trigger
language plpgsql
volatile
security definer -- the writer may not read memberships
set search_path = ''
as $$
begin
  if not exists (
    select
    from public.organization_members
    where organization_members.organization_id = new.organization_id
      and organization_members.user_id = new.user_id
      and organization_members.status = 'active'
  ) then
    raise sqlstate 'PT404' using
      message = 'No active member of the organization with that id',
      detail = 'member_not_found',
      hint = 'Only people who belong to the organization can be added to its workspaces.';
  end if;

  return new;
end;
$$;

comment on function private.admit_active_member() is
  'Trigger: refuses people who are no active members of the organization with PT404 '
  'member_not_found.';

-- Nobody gives a place above their own, or touches one. Who manages the workspaces of the
-- organization stands above all places; into a personal workspace nobody is let at all.
create function private.hold_place_ceiling()
returns trigger
language plpgsql
volatile
security definer -- compares with places that the caller may not read
set search_path = ''
as $$
declare
  v_place constant public.workspace_members := coalesce(new, old);
  v_own_role constant public.workspace_member_role := (
    select workspace_members.role
    from public.workspace_members
    where workspace_members.workspace_id = v_place.workspace_id
      and workspace_members.user_id = auth.uid()
  );
begin
  -- Leaving is everyone's right.
  if tg_op = 'DELETE' and old.user_id = auth.uid() then
    return old;
  end if;

  -- Strangers are refused below, and learn nothing here.
  if tg_op = 'INSERT' and v_own_role is not null and exists (
    select
    from public.workspaces
    where workspaces.id = new.workspace_id
      and workspaces.is_personal
  ) then
    raise sqlstate 'PT409' using
      message = 'Nobody can be added to a personal workspace',
      detail = 'workspace_is_personal',
      hint = 'Create a workspace to share.';
  end if;

  if 'workspaces.manage' = any (private.permissions_in(v_place.organization_id))
    or (tg_op = 'INSERT' or old.role >= v_own_role)
    and (tg_op = 'DELETE' or new.role >= v_own_role)
  then
    return v_place;
  end if;

  raise sqlstate 'PT403' using
    message = 'Cannot manage a place above your own',
    detail = 'exceeds_own_role',
    hint = 'Ask an owner of the workspace.';
end;
$$;

comment on function private.hold_place_ceiling() is
  'Trigger before API users: PT403 exceeds_own_role, PT409 workspace_is_personal.';

create trigger _050_inherit_organization
  before insert on public.workspace_members
  for each row
  when (new.organization_id is null)
  execute function private.inherit_organization('public.workspaces', 'workspace_id');

create trigger _100_admit_active_member
  before insert on public.workspace_members
  for each row
  when (new.user_id is not null)
  execute function private.admit_active_member();

create trigger _200_hold_ceiling
  before insert or update or delete on public.workspace_members
  for each row
  when (current_user = 'authenticated')
  execute function private.hold_place_ceiling();

create trigger _900_touch_updated_at
  before update on public.workspace_members
  for each row
  execute function private.touch_updated_at();

alter table public.workspace_members enable row level security;

create policy select_member on public.workspace_members
  for select
  to authenticated
  using (workspace_id = any ((select private.workspaces_with('workspaces.read'))::uuid[]));

-- Agents become runnable for those inside, so one places an agent that is one's own, open to the
-- organization anyway, or that one manages; and a team that is one's own or that one manages.
create policy insert_manager on public.workspace_members
  for insert
  to authenticated
  with check (
    workspace_id = any ((select private.workspaces_with('workspaces.manage'))::uuid[])
    and (
      agent_id is null
      or exists (
        select
        from public.agents
        where agents.id = workspace_members.agent_id
          and (
            agents.user_id = (select auth.uid())
            or agents.visibility = 'organization'
            or agents.organization_id
              = any ((select private.organizations_with('agents.manage'))::uuid[])
          )
      )
    )
    and (
      team_id is null
      or exists (
        select
        from public.teams
        where teams.id = workspace_members.team_id
          and (
            teams.owner_user_id = (select auth.uid())
            or teams.organization_id
              = any ((select private.organizations_with('teams.manage'))::uuid[])
          )
      )
    )
  );

create policy update_manager on public.workspace_members
  for update
  to authenticated
  using (workspace_id = any ((select private.workspaces_with('workspaces.manage'))::uuid[]))
  with check (workspace_id = any ((select private.workspaces_with('workspaces.manage'))::uuid[]));

-- The owner of an agent can take it out of any workspace.
create policy delete_manager on public.workspace_members
  for delete
  to authenticated
  using (
    user_id = (select auth.uid())
    or workspace_id = any ((select private.workspaces_with('workspaces.manage'))::uuid[])
    or exists (
      select
      from public.agents
      where agents.id = workspace_members.agent_id
        and agents.user_id = (select auth.uid())
    )
  );

grant select, delete on public.workspace_members to authenticated;
grant insert (id, organization_id, workspace_id, user_id, agent_id, team_id, role)
  on public.workspace_members to authenticated;
grant update (role) on public.workspace_members to authenticated;
grant select, insert, update, delete on public.workspace_members to service_role;

-- A workspace begins with its owner in it.
create function private.seat_workspace_owner()
returns trigger
language plpgsql
volatile
security definer -- the owner has no place yet by which to make one
set search_path = ''
as $$
begin
  insert into public.workspace_members (organization_id, workspace_id, user_id, role)
  values (new.organization_id, new.id, new.owner_user_id, 'owner');
  return null;
end;
$$;

comment on function private.seat_workspace_owner() is
  'Trigger: gives the owner of a new workspace their place in it.';

create trigger _500_seat_owner
  after insert on public.workspaces
  for each row
  when (new.owner_user_id is not null)
  execute function private.seat_workspace_owner();

-- Nobody else could ever reach it, so a personal workspace goes with its person's membership.
create function private.clear_personal_workspace()
returns trigger
language plpgsql
volatile
security definer -- the membership may be ended by someone who cannot see the workspace
set search_path = ''
as $$
begin
  delete from public.workspaces
  where workspaces.organization_id = old.organization_id
    and workspaces.owner_user_id = old.user_id
    and workspaces.is_personal;
  return old;
end;
$$;

comment on function private.clear_personal_workspace() is
  'Trigger: deletes the personal workspace of a member who leaves the organization.';

create trigger _300_clear_personal_workspace
  before delete on public.organization_members
  for each row
  execute function private.clear_personal_workspace();
