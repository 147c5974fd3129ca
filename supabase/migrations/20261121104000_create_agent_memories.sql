-- Agent memories: facts that an agent keeps about a person or a workspace, so that it need not be
-- told twice. Agents write them through public.remember_fact(); whoever a fact is about reads,
-- corrects and deletes it, and nobody else sees it, neither the agent's owner nor the
-- organization's: what an agent knows of a person stays between the two.

-- So that what refers to a message stays within its organization.
alter table public.chat_messages
  add constraint chat_messages_id_organization_id_key unique (id, organization_id);

create table public.agent_memories (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null,
  agent_id uuid not null,
  user_id uuid references public.profiles (id) on delete cascade,
  workspace_id uuid,
  content text not null,
  source_message_id uuid,
  confidence numeric(3, 2) not null default 0.8,
  expires_at timestamptz,
  last_recalled_at timestamptz,
  fts tsvector generated always as (to_tsvector('pg_catalog.simple'::regconfig, content)) stored,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint agent_memories_agent_id_fkey foreign key (agent_id, organization_id)
    references public.agents (id, organization_id) on delete cascade,
  -- What is known of a person here goes when they leave the organization.
  constraint agent_memories_user_id_organization_id_fkey foreign key (user_id, organization_id)
    references public.organization_members (user_id, organization_id) on delete cascade,
  constraint agent_memories_workspace_id_fkey foreign key (workspace_id, organization_id)
    references public.workspaces (id, organization_id) on delete cascade,
  constraint agent_memories_source_message_id_fkey
    foreign key (source_message_id, organization_id)
    references public.chat_messages (id, organization_id)
    on delete set null (source_message_id),
  constraint agent_memories_is_about_one_check check (num_nonnulls(user_id, workspace_id) = 1),
  constraint agent_memories_content_check check (char_length(content) between 1 and 1000),
  constraint agent_memories_confidence_check check (confidence between 0 and 1)
);

comment on table public.agent_memories is
  'A fact that an agent keeps about a person or a workspace.';
comment on column public.agent_memories.user_id is
  'The person it is about. They alone see it.';
comment on column public.agent_memories.workspace_id is
  'The workspace it is about, for those who read what is written there.';
comment on column public.agent_memories.content is 'One sentence, on one line.';
comment on column public.agent_memories.source_message_id is
  'The message from which the agent knows it; null when that was deleted, and after a correction.';
comment on column public.agent_memories.confidence is
  'How sure it is, 0 to 1. 1 is what a person wrote themself: no agent writes over that.';
comment on column public.agent_memories.expires_at is 'When it is forgotten; null is never.';
comment on column public.agent_memories.last_recalled_at is
  'When an agent was last reminded of it, to the hour.';

create index agent_memories_user_id_organization_id_agent_id_idx
  on public.agent_memories (user_id, organization_id, agent_id)
  where user_id is not null;
create index agent_memories_workspace_id_organization_id_agent_id_idx
  on public.agent_memories (workspace_id, organization_id, agent_id)
  where workspace_id is not null;
create index agent_memories_agent_id_organization_id_idx
  on public.agent_memories (agent_id, organization_id);
create index agent_memories_source_message_id_organization_id_idx
  on public.agent_memories (source_message_id, organization_id)
  where source_message_id is not null;
create index agent_memories_organization_id_idx on public.agent_memories (organization_id);
create index agent_memories_expires_at_idx on public.agent_memories (expires_at)
  where expires_at is not null;
-- No index on fts: an agent keeps 200 facts about one person at most, and those are read together.

-- A fact as it is kept: one line. Raises PT400 memory_invalid, memory_holds_credential.
create function private.clean_fact(p_content text)
returns text
language plpgsql
immutable
security invoker
set search_path = ''
as $$
declare
  v_content constant text := btrim(regexp_replace(p_content, '[[:cntrl:][:space:]]+', ' ', 'g'));
begin
  if v_content is null or char_length(v_content) not between 1 and 1000 then
    raise sqlstate 'PT400' using
      message = 'A fact is a sentence of up to 1,000 characters',
      detail = 'memory_invalid',
      hint = 'Say one thing in one sentence.';
  elsif private.redact_credentials(to_jsonb(v_content)) <> to_jsonb(v_content)
    or v_content ~* '\m(password|passphrase|passcode|api[ _-]?key|token|pin)\M\s*(is\M|:|=)'
  then
    raise sqlstate 'PT400' using
      message = 'That looks like a password or a key, which is not to be remembered',
      detail = 'memory_holds_credential',
      hint = 'Keep credentials as secrets of the organization, or connect the account.';
  end if;

  return v_content;
end;
$$;

comment on function private.clean_fact(text) is
  'A fact on one line. Errors: memory_invalid, memory_holds_credential.';

-- What a person writes about themself is certain, and no message's any more.
create function private.confirm_fact()
returns trigger
language plpgsql
volatile
security definer -- people cannot call the helpers
set search_path = ''
as $$
begin
  new.content := private.clean_fact(new.content);
  new.confidence := 1;
  new.source_message_id := null;
  return new;
end;
$$;

comment on function private.confirm_fact() is
  'Trigger before people: a corrected fact is certain. Errors: memory_invalid, '
  'memory_holds_credential.';

create trigger _200_confirm_fact
  before update of content on public.agent_memories
  for each row
  when (current_user = 'authenticated')
  execute function private.confirm_fact();

-- Recalling is no change.
create trigger _900_touch_updated_at
  before update of content, confidence, expires_at, source_message_id on public.agent_memories
  for each row
  execute function private.touch_updated_at();

-- That something was kept, corrected or forgotten is written down; what it was would not be
-- forgotten then.
select private.enable_audit(
  'public.agent_memories', 'id', array['content'], array['last_recalled_at', 'fts']
);

select private.enable_row_quota('public.agent_memories');

alter table public.agent_memories enable row level security;

create policy select_subject on public.agent_memories
  for select
  to authenticated
  using (
    user_id = (select auth.uid())
    and organization_id = any ((select private.organizations_with('organizations.read'))::uuid[])
    or workspace_id = any ((select private.workspaces_with('messages.read'))::uuid[])
  );

create policy update_subject on public.agent_memories
  for update
  to authenticated
  using (
    user_id = (select auth.uid())
    and organization_id = any ((select private.organizations_with('organizations.read'))::uuid[])
    or workspace_id = any ((select private.workspaces_with('messages.write'))::uuid[])
  )
  with check (
    user_id = (select auth.uid())
    and organization_id = any ((select private.organizations_with('organizations.read'))::uuid[])
    or workspace_id = any ((select private.workspaces_with('messages.write'))::uuid[])
  );

create policy delete_subject on public.agent_memories
  for delete
  to authenticated
  using (
    user_id = (select auth.uid())
    and organization_id = any ((select private.organizations_with('organizations.read'))::uuid[])
    or workspace_id = any ((select private.workspaces_with('messages.write'))::uuid[])
  );

grant select, delete on public.agent_memories to authenticated, service_role;
grant update (content, expires_at) on public.agent_memories to authenticated;
-- No insert for anyone: agents write through remember_fact(), which merges what says the same.

-- What is about a person leaves with them, in export_personal_data(), not with an organization.
alter table private.transfer_rules add column organization_filter text;

comment on column private.transfer_rules.organization_filter is
  'Which rows leave in an archive of the organization: the table is called source, $3 is whoever '
  'asks for it.';

insert into private.transfer_rules (table_name, organization_filter, reason)
values (
  'agent_memories', 'source.user_id is null or source.user_id = $3',
  'What an agent knows of a person is theirs alone.'
);

-- So are personal media, and what was done with them.
update private.transfer_rules
set organization_filter = case transfer_rules.table_name
  when 'media_library' then 'source.visibility <> ''personal'' or source.user_id = $3'
  else 'source.media_id in (select media_library.id from public.media_library '
    'where media_library.visibility <> ''personal'' or media_library.user_id = $3)'
end
where transfer_rules.table_name in (
  'media_library', 'agent_media_assignments', 'media_processing_logs'
);

-- A personal workspace is its person's alone, whatever others hold. So an export is as though the
-- personal workspaces of all but whoever asks had been deleted: what goes with them is left out,
-- and what pointed to them is emptied. Tables with rows of single persons have a filter of their
-- own.
create or replace function private.snapshot_organization(
  p_transfer_id uuid,
  p_organization_id uuid,
  p_user_id uuid
)
returns void
language plpgsql
volatile
security definer -- reads all of an organization, for whom start_transfer() has checked
set search_path = ''
as $$
declare
  v_tables constant regclass[] := array(
    select tables.table_id
    from private.tenant_tables() as tables
    left join private.transfer_rules on transfer_rules.table_name = tables.table_name
    where transfer_rules.is_exported is not false
  );
  v_hidden constant jsonb := private.follow_workspaces(
    v_tables,
    'source.organization_id = $2 and source.is_personal '
    'and source.owner_user_id is distinct from $3'
  );
begin
  perform private.take_snapshot(
    p_transfer_id,
    'public.organizations'::regclass || v_tables,
    array(
      select private.transfer_query('public.organizations', 'source.id = $2')
      union all
      select private.transfer_query(
        tables.table_id,
        concat_ws(
          ' and ',
          'source.organization_id = $2',
          '(' || (v_hidden -> 'goes' ->> tables.table_id::oid::text) || ') is not true',
          '(' || (
            select transfer_rules.organization_filter
            from private.transfer_rules
            join pg_catalog.pg_class on pg_class.relname = transfer_rules.table_name
            where pg_class.oid = tables.table_id
          ) || ')'
        ),
        coalesce(v_hidden -> 'emptied' -> tables.table_id::oid::text, '{}')
      )
      from unnest(v_tables) as tables (table_id)
    ),
    v_hidden ->> 'with',
    p_organization_id,
    p_user_id
  );
end;
$$;
