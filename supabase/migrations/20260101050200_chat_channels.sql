-- Chat channels: where messages are written. A private channel is for whoever made it and those who
-- manage channels in the workspace. A direct conversation with an agent is a private channel in the
-- person's personal workspace, so it is theirs alone.

create table public.chat_channels (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null,
  workspace_id uuid not null,
  name text not null,
  description text,
  is_public boolean not null default true,
  agent_id uuid,
  created_by_user_id uuid default auth.uid() references public.profiles (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint chat_channels_id_organization_id_key unique (id, organization_id),
  constraint chat_channels_workspace_id_fkey foreign key (workspace_id, organization_id)
    references public.workspaces (id, organization_id) on delete cascade,
  constraint chat_channels_agent_id_fkey foreign key (agent_id, organization_id)
    references public.agents (id, organization_id) on delete set null (agent_id),
  constraint chat_channels_name_check check (char_length(name) between 1 and 100),
  constraint chat_channels_description_check check (char_length(description) <= 5000)
);

comment on table public.chat_channels is 'A place for messages within a workspace.';
comment on column public.chat_channels.is_public is
  'Whether every reader of the workspace sees it, or only its creator and who manages channels '
  'there.';
comment on column public.chat_channels.agent_id is
  'The agent that a direct conversation is with. Set by open_agent_conversation() alone; null '
  'once the agent is deleted.';

create index chat_channels_workspace_id_organization_id_idx
  on public.chat_channels (workspace_id, organization_id);
create index chat_channels_created_by_user_id_idx on public.chat_channels (created_by_user_id)
  where created_by_user_id is not null;
create index chat_channels_agent_id_organization_id_idx
  on public.chat_channels (agent_id, organization_id)
  where agent_id is not null;
create index chat_channels_organization_id_idx on public.chat_channels (organization_id);
-- One direct conversation of a person with an agent.
create unique index chat_channels_direct_key on public.chat_channels (agent_id, created_by_user_id)
  where agent_id is not null;

create trigger _050_inherit_organization
  before insert on public.chat_channels
  for each row
  when (new.organization_id is null)
  execute function private.inherit_organization('public.workspaces', 'workspace_id');

create trigger _900_touch_updated_at
  before update on public.chat_channels
  for each row
  execute function private.touch_updated_at();

-- The channels that the caller sees and in whose workspace they hold a permission, for policies on
-- what is in a channel. They compare channel_id alone: a comparison of workspace_id as well would
-- lead the planner away from the index in which a channel's messages are in order.
create function private.channels_with(p_permission text)
returns uuid[]
language plpgsql
stable
security definer -- one pass over the channels instead of a policy for each message
set search_path = ''
as $$
declare
  v_user_id constant uuid := auth.uid();
  v_workspace_ids constant uuid[] := private.workspaces_with(p_permission);
begin
  return array(
    select chat_channels.id
    from public.chat_channels
    where chat_channels.workspace_id = any (v_workspace_ids)
      and (
        chat_channels.is_public
        or chat_channels.created_by_user_id = v_user_id
        or chat_channels.workspace_id
          = any ((select private.workspaces_with('channels.manage'))::uuid[])
      )
  );
end;
$$;

comment on function private.channels_with(text) is
  'The channels that the caller sees, in workspaces where they hold the permission. For policies '
  'on what is in a channel.';

grant execute on function private.channels_with(text) to authenticated;

alter table public.chat_channels enable row level security;

create policy select_reader on public.chat_channels
  for select
  to authenticated
  using (
    workspace_id = any ((select private.workspaces_with('channels.read'))::uuid[])
    and (
      is_public
      or created_by_user_id = (select auth.uid())
      or workspace_id = any ((select private.workspaces_with('channels.manage'))::uuid[])
    )
  );

create policy insert_creator on public.chat_channels
  for insert
  to authenticated
  with check (
    created_by_user_id = (select auth.uid())
    and workspace_id = any ((select private.workspaces_with('channels.create'))::uuid[])
  );

create policy update_creator on public.chat_channels
  for update
  to authenticated
  using (
    created_by_user_id = (select auth.uid())
    and workspace_id = any ((select private.workspaces_with('channels.create'))::uuid[])
    or workspace_id = any ((select private.workspaces_with('channels.manage'))::uuid[])
  )
  with check (
    created_by_user_id = (select auth.uid())
    and workspace_id = any ((select private.workspaces_with('channels.create'))::uuid[])
    or workspace_id = any ((select private.workspaces_with('channels.manage'))::uuid[])
  );

-- A channel takes its messages along, so a creator may delete a private one only.
create policy delete_creator on public.chat_channels
  for delete
  to authenticated
  using (
    created_by_user_id = (select auth.uid())
    and not is_public
    and workspace_id = any ((select private.workspaces_with('channels.create'))::uuid[])
    or workspace_id = any ((select private.workspaces_with('channels.manage'))::uuid[])
  );

grant select, delete on public.chat_channels to authenticated;
grant insert (
  id, organization_id, workspace_id, name, description, is_public, created_by_user_id
) on public.chat_channels to authenticated;
grant update (name, description, is_public) on public.chat_channels to authenticated;
grant select, insert, update, delete on public.chat_channels to service_role;

-- Finds or makes the caller's direct conversation with an agent, and the workspace it is in.
create function private.open_agent_conversation(p_agent_id uuid)
returns public.chat_channels
language plpgsql
volatile
security definer -- personal workspaces and direct channels are granted to nobody
set search_path = ''
as $$
declare
  v_user_id constant uuid := auth.uid();
  v_agent public.agents;
  v_workspace_id uuid;
  v_channel public.chat_channels;
begin
  -- One answer for an agent that does not exist, is not theirs to see, or is off.
  if private.can_run_agent(p_agent_id, v_user_id) then
    select * into v_agent from public.agents where agents.id = p_agent_id;
  end if;

  if v_agent.id is null then
    raise sqlstate 'PT404' using
      message = 'No agent with that id that you may run',
      detail = 'agent_not_found',
      hint = 'It must be on, and you need agents.run in its organization.';
  end if;

  insert into public.workspaces (organization_id, name, owner_user_id, is_personal)
  values (v_agent.organization_id, 'Personal', v_user_id, true)
  on conflict (organization_id, owner_user_id) where is_personal do nothing;

  select workspaces.id
  into v_workspace_id
  from public.workspaces
  where workspaces.organization_id = v_agent.organization_id
    and workspaces.owner_user_id = v_user_id
    and workspaces.is_personal;

  -- Whoever left their own place in it, or gave it away, takes it again.
  insert into public.workspace_members (organization_id, workspace_id, user_id, role)
  values (v_agent.organization_id, v_workspace_id, v_user_id, 'owner')
  on conflict (workspace_id, user_id) do update
  set role = excluded.role
  where workspace_members.role <> excluded.role;

  insert into public.chat_channels
    (organization_id, workspace_id, name, is_public, agent_id, created_by_user_id)
  values
    (v_agent.organization_id, v_workspace_id, v_agent.name, false, v_agent.id, v_user_id)
  on conflict (agent_id, created_by_user_id) where agent_id is not null do nothing;

  select *
  into v_channel
  from public.chat_channels
  where chat_channels.agent_id = v_agent.id
    and chat_channels.created_by_user_id = v_user_id;

  return v_channel;
end;
$$;

create function public.open_agent_conversation(p_agent_id uuid)
returns public.chat_channels
language sql
volatile
security invoker
set search_path = ''
as $$
  select * from private.open_agent_conversation(p_agent_id);
$$;

comment on function public.open_agent_conversation(uuid) is
  'The caller''s direct conversation with an agent: a private channel that only they see, made at '
  'the first call. Errors: agent_not_found.';

grant execute on function
  private.open_agent_conversation(uuid),
  public.open_agent_conversation(uuid)
to authenticated;
