create or replace function private.post_task_result(p_run public.agent_task_runs, p_text text)
returns text
language plpgsql
volatile
security definer -- the message is the agent's, and is posted for a user who is not there
set search_path = ''
as $$
declare
  v_channel_id uuid;
begin
  select agent_tasks.target_conversation_id
  into v_channel_id
  from public.agent_tasks
  where agent_tasks.id = p_run.task_id;

  if v_channel_id is null or coalesce(btrim(p_text), '') = '' then
    return null;
  elsif not private.can_write_in_channel(v_channel_id, p_run.user_id) then
    return 'The result was not posted: the user of the task may not write in its channel.';
  end if;

  insert into public.chat_messages (channel_id, agent_id, content, metadata)
  values (
    v_channel_id,
    p_run.agent_id,
    left(p_text, 100000),
    jsonb_build_object('task_id', p_run.task_id, 'run_id', p_run.id)
  );
  return null;
end;
$$;
