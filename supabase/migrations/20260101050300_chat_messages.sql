-- Chat messages: what people and agents write, in the order they wrote it.
-- An author may correct the text of their own message (updated_at tells), nobody may correct
-- another's; what should not stand at all is deleted by its author or by a moderator.

create type public.message_type as enum ('text', 'file', 'tool', 'system', 'event');

create table public.chat_messages (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null,
  workspace_id uuid not null,
  channel_id uuid not null,
  user_id uuid references public.profiles (id) on delete set null,
  agent_id uuid,
  content text not null,
  message_type public.message_type not null default 'text',
  metadata jsonb not null default '{}',
  -- The wall clock, so that messages of one transaction keep their order.
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default now(),

  constraint chat_messages_channel_id_fkey foreign key (channel_id, organization_id)
    references public.chat_channels (id, organization_id) on delete cascade,
  constraint chat_messages_agent_id_fkey foreign key (agent_id, organization_id)
    references public.agents (id, organization_id) on delete set null (agent_id),
  constraint chat_messages_content_check check (char_length(content) between 1 and 100000),
  constraint chat_messages_metadata_check check (jsonb_typeof(metadata) = 'object'),
  constraint chat_messages_has_one_author_check check (num_nonnulls(user_id, agent_id) <= 1)
);

comment on table public.chat_messages is 'What a person or an agent wrote in a channel.';
comment on column public.chat_messages.workspace_id is 'That of the channel; always taken from it.';
comment on column public.chat_messages.user_id is
  'The author when it is a person. Null for agents, and once the person is deleted.';
comment on column public.chat_messages.agent_id is
  'The author when it is an agent. Null for people, and once the agent is deleted.';
comment on column public.chat_messages.message_type is
  'People write text and file, agents also tool; system and event come from the service.';

-- Pages: where channel_id = $1 and (created_at, id) < ($2, $3) order by created_at desc, id desc.
create index chat_messages_channel_id_created_at_id_idx
  on public.chat_messages (channel_id, created_at desc, id desc);
create index chat_messages_channel_id_organization_id_idx
  on public.chat_messages (channel_id, organization_id);
create index chat_messages_user_id_idx on public.chat_messages (user_id)
  where user_id is not null;
create index chat_messages_agent_id_organization_id_idx
  on public.chat_messages (agent_id, organization_id)
  where agent_id is not null;

-- Where a message is follows from its channel, whatever the writer said; who wrote it is the
-- caller, unless an agent is named. An unknown channel leaves the place empty, which policies
-- refuse.
create function private.place_message()
returns trigger
language plpgsql
volatile
security definer -- the writer may not see the channel; the policies judge the filled row
set search_path = ''
as $$
begin
  select chat_channels.workspace_id, chat_channels.organization_id
  into new.workspace_id, new.organization_id
  from public.chat_channels
  where chat_channels.id = new.channel_id;

  if new.user_id is null and new.agent_id is null then
    new.user_id := auth.uid();

    if new.user_id is null then
      raise sqlstate 'PT400' using
        message = 'A message needs an author',
        detail = 'message_author_missing',
        hint = 'Set user_id or agent_id.';
    end if;
  end if;

  return new;
end;
$$;

comment on function private.place_message() is
  'Trigger: takes workspace and organization of a message from its channel, and the caller as '
  'author. Raises PT400 message_author_missing.';

create trigger _050_place_message
  before insert on public.chat_messages
  for each row
  execute function private.place_message();

create trigger _900_touch_updated_at
  before update on public.chat_messages
  for each row
  execute function private.touch_updated_at();

alter table public.chat_messages enable row level security;

create policy select_reader on public.chat_messages
  for select
  to authenticated
  using (channel_id = any ((select private.channels_with('messages.read'))::uuid[]));

-- In one's own name, or in the name of an agent that one may run: private.can_run_agent() in terms
-- of this row, the subquery being under the policy of agents.
create policy insert_author on public.chat_messages
  for insert
  to authenticated
  with check (
    channel_id = any ((select private.channels_with('messages.write'))::uuid[])
    and (
      user_id = (select auth.uid()) and message_type in ('text', 'file')
      or message_type in ('text', 'file', 'tool')
      and organization_id = any ((select private.organizations_with('agents.run'))::uuid[])
      and exists (
        select
        from public.agents
        where agents.id = chat_messages.agent_id
          and agents.is_active
          and agents.status in ('active', 'error')
      )
    )
  );

-- Each policy stands on its own: a bare delete or update is not under the policy for select.
create policy update_author on public.chat_messages
  for update
  to authenticated
  using (
    user_id = (select auth.uid())
    and channel_id = any ((select private.channels_with('messages.write'))::uuid[])
  )
  with check (
    user_id = (select auth.uid())
    and channel_id = any ((select private.channels_with('messages.write'))::uuid[])
  );

create policy delete_author on public.chat_messages
  for delete
  to authenticated
  using (
    user_id = (select auth.uid())
    and channel_id = any ((select private.channels_with('messages.write'))::uuid[])
    or channel_id = any ((select private.channels_with('messages.moderate'))::uuid[])
  );

grant select, delete on public.chat_messages to authenticated;
grant insert (
  id, organization_id, workspace_id, channel_id, user_id, agent_id, content, message_type, metadata
) on public.chat_messages to authenticated;
grant update (content, metadata) on public.chat_messages to authenticated;
grant select, insert, delete on public.chat_messages to service_role;
grant update (content, message_type, metadata) on public.chat_messages to service_role;
-- Nobody moves a message: its workspace and organization are those of its channel.

-- Writes as an agent. It is an insert under the caller's own rights, with errors that say which of
-- them is missing; the secret key may write as any agent of the channel's organization.
create function public.post_agent_message(
  p_channel_id uuid,
  p_agent_id uuid,
  p_content text,
  p_message_type text default 'text',
  p_metadata jsonb default '{}'
)
returns public.chat_messages
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  v_message public.chat_messages;
begin
  if not exists (select from public.chat_channels where chat_channels.id = p_channel_id) then
    raise sqlstate 'PT404' using
      message = 'No channel with that id',
      detail = 'channel_not_found',
      hint = 'Select from chat_channels to see those you can reach.';
  end if;

  if p_message_type is null
    or p_message_type <> all (enum_range(null::public.message_type)::text[])
  then
    raise sqlstate 'PT400' using
      message = format('No message type is called "%s"', left(p_message_type, 100)),
      detail = 'message_type_unknown',
      hint = 'One of text, file, tool, system, event.';
  end if;

  if current_user = 'authenticated' and not public.can_run_agent(p_agent_id) then
    raise sqlstate 'PT403' using
      message = 'You may not run that agent, so not write in its name',
      detail = 'agent_not_runnable',
      hint = 'It must be on and visible to you, and you need agents.run in its organization.';
  end if;

  insert into public.chat_messages (channel_id, agent_id, content, message_type, metadata)
  values (
    p_channel_id,
    p_agent_id,
    p_content,
    p_message_type::public.message_type,
    coalesce(p_metadata, '{}')
  )
  returning * into v_message;

  return v_message;
end;
$$;

comment on function public.post_agent_message(uuid, uuid, text, text, jsonb) is
  'Writes a message in the name of an agent. Errors: channel_not_found, message_type_unknown, '
  'agent_not_runnable.';

grant execute on function public.post_agent_message(uuid, uuid, text, text, jsonb)
  to authenticated, service_role;
