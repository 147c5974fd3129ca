-- Agent media assignments: what an agent may draw on. Assigning takes whoever reads the medium,
-- holds knowledge.write and may change the agent.
--
-- media_library.assigned_agents_count follows in the same transaction: what came or went is added
-- under the lock of the medium's row, so that assigning at once from many sides counts right.

create table public.agent_media_assignments (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null,
  agent_id uuid not null,
  media_id uuid not null,
  assignment_type public.assignment_type not null default 'knowledge_base',
  assigned_by_user_id uuid references public.profiles (id) on delete set null,
  created_at timestamptz not null default now(),

  -- Assigning again changes the assignment there is.
  constraint agent_media_assignments_agent_id_media_id_key unique (agent_id, media_id),
  -- Both name the organization of the row, so an agent never reads what belongs to another one.
  constraint agent_media_assignments_agent_id_fkey
    foreign key (agent_id, organization_id) references public.agents (id, organization_id)
    on delete cascade,
  constraint agent_media_assignments_media_id_fkey
    foreign key (media_id, organization_id) references public.media_library (id, organization_id)
    on delete cascade
);

comment on table public.agent_media_assignments is 'A medium that an agent may draw on.';
comment on column public.agent_media_assignments.assignment_type is
  'What for: training, reference, context, sop (a procedure to follow) or knowledge_base.';

create index agent_media_assignments_agent_id_organization_id_idx
  on public.agent_media_assignments (agent_id, organization_id);
create index agent_media_assignments_media_id_organization_id_idx
  on public.agent_media_assignments (media_id, organization_id);
create index agent_media_assignments_organization_id_idx
  on public.agent_media_assignments (organization_id);
create index agent_media_assignments_assigned_by_user_id_idx
  on public.agent_media_assignments (assigned_by_user_id)
  where assigned_by_user_id is not null;

-- Media are locked in the order of their ids, so that no two statements wait for each other.
create function private.count_assigned_agents()
returns trigger
language plpgsql
volatile
security definer -- nobody is granted to write the count
set search_path = ''
as $$
declare
  v_sign constant integer := case tg_op when 'INSERT' then 1 else -1 end;
begin
  perform
  from public.media_library
  where media_library.id in (select changed.media_id from changed)
  order by media_library.id
  for no key update;

  update public.media_library
  set assigned_agents_count = media_library.assigned_agents_count + v_sign * counted.agents
  from (
    select changed.media_id, count(*)::integer as agents from changed group by changed.media_id
  ) as counted
  where media_library.id = counted.media_id;
  return null;
end;
$$;

comment on function private.count_assigned_agents() is
  'Trigger: adds assignments that came to the counts of their media, and takes those that went.';

create trigger _200_count_inserted
  after insert on public.agent_media_assignments
  referencing new table as changed
  for each statement
  execute function private.count_assigned_agents();

create trigger _210_count_deleted
  after delete on public.agent_media_assignments
  referencing old table as changed
  for each statement
  execute function private.count_assigned_agents();

-- Whatever takes assignments away locks their media first, as deleting a medium does, so that the
-- two do not wait for each other.
create function private.lock_media_of_agent()
returns trigger
language plpgsql
volatile
security definer -- whoever deletes an agent may not see its media
set search_path = ''
as $$
begin
  perform
  from public.media_library
  where media_library.id in (
    select agent_media_assignments.media_id
    from public.agent_media_assignments
    where agent_media_assignments.agent_id = old.id
  )
  order by media_library.id
  for no key update;
  return old;
end;
$$;

comment on function private.lock_media_of_agent() is
  'Trigger: locks the media of an agent before it goes, whose counts change then.';

create trigger _100_lock_media
  before delete on public.agents
  for each row
  execute function private.lock_media_of_agent();

create trigger _050_inherit_organization
  before insert on public.agent_media_assignments
  for each row
  when (new.organization_id is null)
  execute function private.inherit_organization('public.media_library', 'media_id');

select private.enable_audit('public.agent_media_assignments');
select private.enable_row_quota('public.agent_media_assignments');

insert into private.transfer_rules (table_name, is_exported, is_imported, reason)
values (
  'agent_media_assignments', true, false, 'Media are uploaded anew, and assigned anew.'
);

alter table public.agent_media_assignments enable row level security;

-- The policies of agents and of media decide which of the two there are.
create policy select_reader on public.agent_media_assignments
  for select
  to authenticated
  using (
    organization_id = any ((select private.organizations_with('knowledge.read'))::uuid[])
    and exists (
      select from public.media_library where media_library.id = agent_media_assignments.media_id
    )
    and exists (
      select from public.agents where agents.id = agent_media_assignments.agent_id
    )
  );

grant select on public.agent_media_assignments to authenticated, service_role;
-- No insert, update or delete for anyone: both sides are looked at, in the functions below.

-- What an agent finds for a user: assigned, readable by them, not archived and with a generation to
-- read. Whether the user may run the agent is asked elsewhere.
create function private.agent_media(p_agent_id uuid, p_user_id uuid)
returns setof public.media_library
language plpgsql
stable
security definer -- asked about users other than the caller
set search_path = ''
as $$
begin
  return query
    select media_library.*
    from public.agent_media_assignments
    join public.media_library on media_library.id = agent_media_assignments.media_id
    join public.organization_members
      on organization_members.organization_id = media_library.organization_id
    where agent_media_assignments.agent_id = p_agent_id
      and organization_members.user_id = p_user_id
      and organization_members.status = 'active'
      and 'knowledge.read' = any (organization_members.permissions)
      and (media_library.visibility = 'organization' or media_library.user_id = p_user_id)
      and not media_library.is_archived
      and media_library.generation > 0;
end;
$$;

comment on function private.agent_media(uuid, uuid) is
  'The media that an agent finds things in for a user.';

-- An agent that the caller sees and may change. Raises agent_not_found, permission_denied.
create function private.open_agent_for_media(p_agent_id uuid)
returns public.agents
language plpgsql
stable
security definer -- agents are read past their own policies
set search_path = ''
as $$
declare
  v_agent public.agents;
begin
  select agents.*
  into v_agent
  from public.agents
  where agents.id = p_agent_id
    and (
      (select auth.role()) = 'service_role'
      or agents.organization_id = any (private.organizations_with('agents.read'))
      and (
        agents.visibility = 'organization'
        or agents.user_id = auth.uid()
        or agents.organization_id = any (private.organizations_with('agents.manage'))
        or agents.visibility = 'workspace'
        and agents.id = any (private.agents_in_workspaces_with('agents.read'))
      )
    );

  if v_agent.id is null then
    raise sqlstate 'PT404' using
      message = 'No agent with that id',
      detail = 'agent_not_found',
      hint = 'Select from agents to see those you can reach.';
  elsif not private.manages_agent(v_agent) then
    raise sqlstate 'PT403' using
      message = 'You may not decide what this agent reads',
      detail = 'permission_denied',
      hint = 'It takes its owner, or the permission agents.manage.';
  end if;
  return v_agent;
end;
$$;

create function private.assign_media_to_agent(
  p_agent_id uuid,
  p_media_id uuid,
  p_assignment_type public.assignment_type
)
returns public.agent_media_assignments
language plpgsql
volatile
security definer -- nobody is granted to insert assignments
set search_path = ''
as $$
declare
  v_is_service constant boolean := coalesce((select auth.role()) = 'service_role', false);
  v_agent constant public.agents := private.open_agent_for_media(p_agent_id);
  v_organization_id uuid;
  v_assignment public.agent_media_assignments;
begin
  if v_is_service or private.can_read_medium(p_media_id, auth.uid()) then
    select media_library.organization_id
    into v_organization_id
    from public.media_library
    where media_library.id = p_media_id;
  end if;

  if v_organization_id is null then
    perform private.raise_media_not_found();
  elsif v_organization_id <> v_agent.organization_id then
    raise sqlstate 'PT400' using
      message = 'An agent reads media of its own organization',
      detail = 'media_foreign',
      hint = 'Upload the file in the organization of the agent.';
  elsif not v_is_service
    and 'knowledge.write' <> all (private.permissions_in(v_organization_id))
  then
    raise sqlstate 'PT403' using
      message = 'You may not assign media in this organization',
      detail = 'permission_denied',
      hint = 'It takes the permission knowledge.write.';
  end if;

  insert into public.agent_media_assignments as assignment
    (organization_id, agent_id, media_id, assignment_type, assigned_by_user_id)
  values (
    v_agent.organization_id, v_agent.id, p_media_id,
    coalesce(p_assignment_type, 'knowledge_base'), auth.uid()
  )
  on conflict on constraint agent_media_assignments_agent_id_media_id_key do update
  set assignment_type = excluded.assignment_type
  returning assignment.* into v_assignment;
  return v_assignment;
exception
  when foreign_key_violation then
    raise sqlstate 'PT404' using
      message = 'The agent or the medium is no longer there',
      detail = 'media_not_found',
      hint = 'Select from agents and media_library to see what there is.';
end;
$$;

-- Taking away what an agent does not have is fine. Returns whether there was something to take.
create function private.unassign_media_from_agent(p_agent_id uuid, p_media_id uuid)
returns boolean
language plpgsql
volatile
security definer -- nobody is granted to delete assignments
set search_path = ''
as $$
declare
  v_agent constant public.agents := private.open_agent_for_media(p_agent_id);
begin
  if coalesce((select auth.role()) <> 'service_role', true) then
    if 'knowledge.write' <> all (private.permissions_in(v_agent.organization_id)) then
      raise sqlstate 'PT403' using
        message = 'You may not assign media in this organization',
        detail = 'permission_denied',
        hint = 'It takes the permission knowledge.write.';
    end if;
    -- An assignment that the caller may not see is not there for them.
    if not private.can_read_medium(p_media_id, auth.uid()) then
      perform private.raise_media_not_found();
    end if;
  end if;

  -- The medium first, as deleting it does.
  perform from public.media_library where media_library.id = p_media_id for no key update;
  delete from public.agent_media_assignments
  where agent_media_assignments.agent_id = v_agent.id
    and agent_media_assignments.media_id = p_media_id;
  return found;
end;
$$;

create function public.assign_media_to_agent(
  p_agent_id uuid,
  p_media_id uuid,
  p_assignment_type public.assignment_type default 'knowledge_base'
)
returns public.agent_media_assignments
language sql
volatile
security invoker
set search_path = ''
as $$
  select * from private.assign_media_to_agent(p_agent_id, p_media_id, p_assignment_type);
$$;

create function public.unassign_media_from_agent(p_agent_id uuid, p_media_id uuid)
returns boolean
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.unassign_media_from_agent(p_agent_id, p_media_id);
$$;

comment on function public.assign_media_to_agent(uuid, uuid, public.assignment_type) is
  'Lets an agent draw on a medium; again changes the type. Needs knowledge.write, to read the '
  'medium, and to own the agent or hold agents.manage. Of a personal medium the agent tells its '
  'owner alone. Errors: agent_not_found, media_not_found, media_foreign, permission_denied.';
comment on function public.unassign_media_from_agent(uuid, uuid) is
  'Takes a medium from an agent; returns whether it had it. Needs what assigning needs. Errors: '
  'agent_not_found, media_not_found, permission_denied.';

grant execute on function
  private.assign_media_to_agent(uuid, uuid, public.assignment_type),
  private.unassign_media_from_agent(uuid, uuid),
  public.assign_media_to_agent(uuid, uuid, public.assignment_type),
  public.unassign_media_from_agent(uuid, uuid)
to authenticated, service_role;
