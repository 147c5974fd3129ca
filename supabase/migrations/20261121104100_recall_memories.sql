-- Remembering, recalling and forgetting: what an agent learns about whom it works for, and where it
-- may be reminded of it. A fact about a person comes up where that person is alone with the agent,
-- a fact about a workspace comes up in that workspace's channels: nothing that was told in private
-- is said in front of others.

-- Keeps a fact. What nearly says the same as one that is kept takes its place, unless the person
-- wrote that one themself; facts that differ in a number are different facts.
create function private.remember_fact(
  p_agent_id uuid,
  p_content text,
  p_about text,
  p_user_id uuid,
  p_channel_id uuid,
  p_source_message_id uuid,
  p_confidence numeric,
  p_expires_at timestamptz
)
returns public.agent_memories
language plpgsql
volatile
security definer -- nobody is granted to write memories
set search_path = ''
as $$
declare
  v_most constant integer := 200;
  v_organization_id constant uuid := (
    select agents.organization_id from public.agents where agents.id = p_agent_id
  );
  v_content constant text := private.clean_fact(p_content);
  v_numbers constant text := regexp_replace(v_content, '\D+', ' ', 'g');
  v_user_id uuid;
  v_workspace_id uuid;
  v_source_message_id constant uuid := (
    select chat_messages.id
    from public.chat_messages
    where chat_messages.id = p_source_message_id
      and chat_messages.channel_id = p_channel_id
      and chat_messages.organization_id = v_organization_id
  );
  v_memory public.agent_memories;
begin
  if v_organization_id is null then
    raise sqlstate 'PT404' using
      message = 'No agent with that id',
      detail = 'agent_not_found',
      hint = 'Pass the id of an agent as p_agent_id.';
  elsif p_about is null
    or p_about not in ('user', 'workspace')
    or p_confidence is null
    or p_confidence not between 0 and 1
    or p_expires_at <= now()
  then
    raise sqlstate 'PT400' using
      message = 'A fact is about the user or the workspace, with a confidence from 0 to 1, and '
        'expires later than now',
      detail = 'memory_invalid',
      hint = 'Pass user or workspace as p_about.';
  end if;

  if p_about = 'user' then
    if private.can_run_agent(p_agent_id, p_user_id) then
      v_user_id := p_user_id;
    end if;
  else
    -- A private channel is not everybody's in the workspace.
    select chat_channels.workspace_id
    into v_workspace_id
    from public.chat_channels
    join public.workspaces on workspaces.id = chat_channels.workspace_id
    where chat_channels.id = p_channel_id
      and chat_channels.organization_id = v_organization_id
      and chat_channels.is_public
      and not workspaces.is_personal;
  end if;

  if num_nonnulls(v_user_id, v_workspace_id) = 0 then
    raise sqlstate 'PT403' using
      message = case p_about
        when 'user' then 'There is nobody here about whom to keep facts'
        else 'What is said in private is not kept for a workspace'
      end,
      detail = 'memory_not_allowed',
      hint = 'Facts are about the person one works for, or about the workspace of an open channel.';
  end if;

  -- Two conversations of one person may say the same at once.
  perform pg_advisory_xact_lock(
    hashtextextended(
      format('agent_memories %s %s', p_agent_id, coalesce(v_user_id, v_workspace_id)), 0
    )
  );

  select agent_memories.*
  into v_memory
  from public.agent_memories
  where agent_memories.agent_id = p_agent_id
    and (
      agent_memories.user_id = v_user_id
      or agent_memories.workspace_id = v_workspace_id
    )
    and regexp_replace(agent_memories.content, '\D+', ' ', 'g') = v_numbers
    and extensions.similarity(agent_memories.content, v_content) >= 0.7
  order by extensions.similarity(agent_memories.content, v_content) desc, agent_memories.id
  limit 1;

  if v_memory.id is not null then
    update public.agent_memories
    set
      content = case when v_memory.confidence = 1 then v_memory.content else v_content end,
      confidence = greatest(v_memory.confidence, least(p_confidence, 0.95)),
      source_message_id = case
        when v_memory.confidence < 1 then coalesce(v_source_message_id, v_memory.source_message_id)
      end,
      expires_at = p_expires_at
    where agent_memories.id = v_memory.id
    returning * into v_memory;
    return v_memory;
  end if;

  -- The least certain and longest unused one makes room.
  delete from public.agent_memories
  where agent_memories.id in (
    select crowded.id
    from public.agent_memories as crowded
    where crowded.agent_id = p_agent_id
      and (crowded.user_id = v_user_id or crowded.workspace_id = v_workspace_id)
    order by
      crowded.confidence = 1 desc,
      coalesce(crowded.last_recalled_at, crowded.created_at) desc,
      crowded.confidence desc,
      crowded.id
    offset v_most - 1
  );

  insert into public.agent_memories
    (
      organization_id, agent_id, user_id, workspace_id, content, source_message_id, confidence,
      expires_at
    )
  values (
    v_organization_id, p_agent_id, v_user_id, v_workspace_id, v_content, v_source_message_id,
    least(p_confidence, 0.95), p_expires_at
  )
  returning * into v_memory;
  return v_memory;
end;
$$;

-- The facts that matter most for a text, where it is said. What a task comes to is read by others
-- even where it is posted to its owner alone, so that is told apart. Words in common come first;
-- where a few facts are kept, all come.
create function private.recall_memories(
  p_agent_id uuid,
  p_query text,
  p_user_id uuid,
  p_channel_id uuid,
  p_is_shared boolean,
  p_limit integer
)
returns table (
  memory_id uuid,
  about text,
  content text,
  confidence numeric,
  known_since timestamptz
)
language plpgsql
volatile
security definer -- asked by the service about facts that it does not own
set search_path = ''
as $$
declare
  v_text constant text := left(p_query, 4000);
  v_words constant tsquery := nullif(
    replace(plainto_tsquery('pg_catalog.simple', v_text)::text, ' & ', ' | '), ''
  )::tsquery;
  v_user_id uuid;
  v_workspace_id uuid;
begin
  if p_limit is null or p_limit not between 1 and 50 then
    raise sqlstate 'PT400' using
      message = 'Between 1 and 50 facts are recalled at once',
      detail = 'memory_invalid',
      hint = 'Pass such a number as p_limit.';
  end if;

  select
    case
      when workspaces.is_personal and workspaces.owner_user_id = p_user_id and not p_is_shared
      then p_user_id
    end,
    case when not workspaces.is_personal then workspaces.id end
  into v_user_id, v_workspace_id
  from public.agents
  join public.chat_channels
    on chat_channels.id = p_channel_id
    and chat_channels.organization_id = agents.organization_id
  join public.workspaces on workspaces.id = chat_channels.workspace_id
  where agents.id = p_agent_id
    -- Whoever may not work with the agent learns nothing through it.
    and private.can_run_agent(p_agent_id, p_user_id);

  return query
  with recalled as materialized (
    select agent_memories.id
    from public.agent_memories
    where agent_memories.agent_id = p_agent_id
      and (
        agent_memories.user_id = v_user_id
        or agent_memories.workspace_id = v_workspace_id
      )
      and (agent_memories.expires_at is null or agent_memories.expires_at > now())
    order by
      coalesce(ts_rank(agent_memories.fts, v_words), 0)
        + 0.3 * extensions.word_similarity(agent_memories.content, v_text) desc,
      agent_memories.confidence desc,
      agent_memories.updated_at desc,
      agent_memories.id
    limit p_limit
  ), touched as (
    update public.agent_memories
    set last_recalled_at = now()
    from recalled
    where agent_memories.id = recalled.id
      and (
        agent_memories.last_recalled_at is null
        or agent_memories.last_recalled_at < now() - interval '1 hour'
      )
  )
  select
    agent_memories.id,
    case when agent_memories.user_id is null then 'workspace' else 'user' end,
    agent_memories.content,
    agent_memories.confidence,
    agent_memories.updated_at
  from recalled
  join public.agent_memories on agent_memories.id = recalled.id
  -- Oldest first, as one would tell it: what contradicts an earlier fact comes later.
  order by agent_memories.updated_at, agent_memories.id;
end;
$$;

-- Whoever was suspended may still have themself forgotten, so this is no plain delete.
create function private.forget_me(p_agent_id uuid)
returns integer
language plpgsql
volatile
security definer -- a suspended member is not let in by the policies
set search_path = ''
as $$
declare
  v_user_id constant uuid := auth.uid();
  v_count integer;
begin
  if v_user_id is null then
    raise sqlstate 'PT401' using
      message = 'Only a signed-in user can be forgotten',
      detail = 'not_signed_in',
      hint = 'Send the access token of a user.';
  end if;

  delete from public.agent_memories
  where agent_memories.user_id = v_user_id
    and (p_agent_id is null or agent_memories.agent_id = p_agent_id);
  get diagnostics v_count = row_count;
  return v_count;
end;
$$;

-- The engine's part. Returns how many.
create function private.expire_memories()
returns integer
language plpgsql
volatile
security definer -- private.tick() may be called by roles that cannot delete memories
set search_path = ''
as $$
declare
  v_count integer;
begin
  delete from public.agent_memories
  where agent_memories.id in (
    select expired.id
    from public.agent_memories as expired
    where expired.expires_at <= now()
    order by expired.expires_at
    limit 1000
    for update skip locked
  );
  get diagnostics v_count = row_count;
  return v_count;
end;
$$;

comment on function private.expire_memories() is
  'Part of the tick: forgets facts whose time is over.';

insert into private.tick_parts (name, place, function_name)
values ('memories_expired', 244, 'expire_memories');

create function public.remember_fact(
  p_agent_id uuid,
  p_content text,
  p_about text default 'user',
  p_user_id uuid default null,
  p_channel_id uuid default null,
  p_source_message_id uuid default null,
  p_confidence numeric default 0.8,
  p_expires_at timestamptz default null
)
returns public.agent_memories
language sql
volatile
security invoker
set search_path = ''
as $$
  select *
  from private.remember_fact(
    p_agent_id, p_content, p_about, p_user_id, p_channel_id, p_source_message_id, p_confidence,
    p_expires_at
  );
$$;

create function public.recall_memories(
  p_agent_id uuid,
  p_query text,
  p_user_id uuid default null,
  p_channel_id uuid default null,
  p_is_shared boolean default false,
  p_limit integer default 10
)
returns table (
  memory_id uuid,
  about text,
  content text,
  confidence numeric,
  known_since timestamptz
)
language sql
volatile
security invoker
set search_path = ''
as $$
  select *
  from private.recall_memories(
    p_agent_id, p_query, p_user_id, p_channel_id, p_is_shared, p_limit
  );
$$;

create function public.forget_me(p_agent_id uuid default null)
returns integer
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.forget_me(p_agent_id);
$$;

comment on function public.remember_fact(
  uuid, text, text, uuid, uuid, uuid, numeric, timestamptz
) is
  'Keeps a fact of an agent: about p_user_id, or (p_about => workspace) about the workspace of the '
  'open channel p_channel_id. What nearly says the same is merged. Secret key only. Errors: '
  'agent_not_found, memory_invalid, memory_holds_credential, memory_not_allowed.';
comment on function public.recall_memories(uuid, text, uuid, uuid, boolean, integer) is
  'The facts of an agent that matter for a text written in p_channel_id: about p_user_id where '
  'they are alone with it there (and it is not p_is_shared with others all the same), else about '
  'the workspace. Secret key only. Errors: memory_invalid.';
comment on function public.forget_me(uuid) is
  'Deletes what agents, or that one agent, know about the caller, in every organization; answers '
  'how many facts that were. Errors: not_signed_in.';

grant execute on function
  private.remember_fact(uuid, text, text, uuid, uuid, uuid, numeric, timestamptz),
  public.remember_fact(uuid, text, text, uuid, uuid, uuid, numeric, timestamptz),
  private.recall_memories(uuid, text, uuid, uuid, boolean, integer),
  public.recall_memories(uuid, text, uuid, uuid, boolean, integer)
to service_role;
grant execute on function private.forget_me(uuid), public.forget_me(uuid) to authenticated;
