-- Task results that cite: a message that a task posts names the media it is built on, as an answer
-- in a conversation does.

-- Posts what a run came to into the task's channel, as its agent, with the citations of its last
-- step. Returns why that could not be done, or null. Nothing to say is not said.
create or replace function private.post_task_result(p_run public.agent_task_runs, p_text text)
returns text
language plpgsql
volatile
security definer -- the message is the agent's, and is posted for a user who is not there
set search_path = ''
as $$
declare
  v_channel_id uuid;
  v_citations jsonb;
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

  v_citations := (
    select jsonb_build_object('citations', last_step.result -> 'citations')
    from public.agent_task_run_steps as last_step
    where last_step.run_id = p_run.id
      and last_step.status = 'completed'
      and last_step.result ? 'citations'
      and not exists (
        select
        from public.agent_task_run_steps as later
        where later.run_id = p_run.id
          and later.step_order > last_step.step_order
      )
  );

  insert into public.chat_messages (channel_id, agent_id, content, metadata)
  values (
    v_channel_id,
    p_run.agent_id,
    left(p_text, 100000),
    jsonb_build_object('task_id', p_run.task_id, 'run_id', p_run.id) || coalesce(v_citations, '{}')
  );
  return null;
end;
$$;
