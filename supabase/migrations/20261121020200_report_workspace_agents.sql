-- Agents of a workspace: those who have a place in it themselves, and those whom a team brought
-- along. Access is never copied: who is in a team is asked with every statement (policies of
-- agents, can_run_agent()), so it comes and goes with a place in the team and the team's in the
-- workspace.
-- This answers the same question for people: who is here, and why.

-- The places of agents in a workspace that the caller reads; none for strangers.
create function private.agents_of_workspace(p_workspace_id uuid)
returns table (agent_id uuid, is_direct boolean, team_ids uuid[])
language plpgsql
stable
security definer -- a guest of the workspace may not read teams
set search_path = ''
as $$
begin
  if p_workspace_id = any (private.workspaces_with('workspaces.read')) is not true then
    return;
  end if;

  return query
  with places as (
    select workspace_members.agent_id, null::uuid as team_id
    from public.workspace_members
    where workspace_members.workspace_id = p_workspace_id
      and workspace_members.agent_id is not null
    union all
    select team_members.agent_id, team_members.team_id
    from public.workspace_members
    join public.team_members on team_members.team_id = workspace_members.team_id
    where workspace_members.workspace_id = p_workspace_id
  )
  select
    places.agent_id,
    bool_or(places.team_id is null),
    array_remove(array_agg(places.team_id order by places.team_id), null)
  from places
  group by places.agent_id;
end;
$$;

-- Of those, the agents that the caller sees: a private one is its owner's wherever it has a place.
create function public.workspace_agents(p_workspace_id uuid)
returns table (agent_id uuid, name text, is_direct boolean, team_ids uuid[])
language sql
stable
security invoker
set search_path = ''
as $$
  select places.agent_id, agents.name, places.is_direct, places.team_ids
  from private.agents_of_workspace(p_workspace_id) as places
  join public.agents on agents.id = places.agent_id
  order by agents.name, places.agent_id;
$$;

comment on function public.workspace_agents(uuid) is
  'The agents of a workspace that the caller sees: whether they have a place of their own, and the '
  'teams that brought them. Nothing for a workspace that the caller cannot read.';

grant execute on function
  private.agents_of_workspace(uuid),
  public.workspace_agents(uuid)
to authenticated;
