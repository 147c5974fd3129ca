-- Syncing datastores: each store outside has the published chunks of the media that its agents were
-- given, and nothing else.
--
-- Whatever changes that (a medium is published, archived, restored, deleted, an agent gets or loses
-- a medium or a store) only notes what changed. A part of the tick works out what follows, once the
-- changes are committed: of two at the same time neither would see the other, and what both left
-- would stay in the store for ever. It marks media as due and enqueues one job for each store, and
-- datastore-sync does the rest, batch by batch.
--
-- A chunk is written down before it is sent, so that whatever an attempt left behind is known and
-- taken away. What is where outlives chunks, media and datastores: it goes when the store says so.
-- Personal media stay in the database: a store is the organization's.

create table private.datastore_places (
  id uuid primary key,
  datastore_id uuid references public.datastores (id) on delete set null,
  type public.datastore_type not null,
  config jsonb not null default '{}',
  vault_credential_id uuid,
  is_sync_due boolean not null default true,
  failures integer not null default 0,
  retry_at timestamptz not null default now(),
  planned_at timestamptz not null default now(),

  constraint datastore_places_datastore_id_key unique (datastore_id),
  constraint datastore_places_vault_credential_id_key unique (vault_credential_id)
);

comment on table private.datastore_places is
  'The stores outside: one for each datastore but the built-in ones, until nothing is left there.';
comment on column private.datastore_places.id is 'The id of the datastore.';
comment on column private.datastore_places.datastore_id is
  'Null once the datastore was deleted: what is there is being removed.';
comment on column private.datastore_places.config is
  'That of a datastore that was deleted, without its reference; until then empty.';
comment on column private.datastore_places.vault_credential_id is
  'The key of a datastore that was deleted: the secret may have gone with its organization.';
comment on column private.datastore_places.is_sync_due is
  'Whether it is to be looked at although no medium is due.';

create table private.datastore_media (
  place_id uuid not null references private.datastore_places (id) on delete cascade,
  media_id uuid not null,
  wanted_generation integer not null default 0,
  wanted_model text,
  stored_generation integer not null default 0,
  stored_model text,
  is_due boolean not null default true,

  constraint datastore_media_pkey primary key (place_id, media_id)
);

comment on table private.datastore_media is 'Which media a store has, and which it should have.';
comment on column private.datastore_media.media_id is 'Of a medium that may be gone by now.';
comment on column private.datastore_media.wanted_generation is '0 when it is to leave.';
comment on column private.datastore_media.wanted_model is
  'Whose embeddings; null for stores that take the text alone.';
comment on column private.datastore_media.stored_generation is
  'The last generation that was there completely.';

create index datastore_media_due_idx on private.datastore_media (place_id) where is_due;

create table private.datastore_chunks (
  place_id uuid not null,
  chunk_id uuid not null,
  media_id uuid not null,
  generation integer not null,
  embedding_model text,
  external_id text,
  handed_at timestamptz not null default now(),
  stored_at timestamptz,

  constraint datastore_chunks_pkey primary key (place_id, chunk_id),
  constraint datastore_chunks_place_id_media_id_fkey foreign key (place_id, media_id)
    references private.datastore_media (place_id, media_id) on delete cascade
);

comment on table private.datastore_chunks is 'Which chunks a store has, or may have.';
comment on column private.datastore_chunks.external_id is
  'What the store calls it; null while a store that gives ids has not said.';
comment on column private.datastore_chunks.handed_at is
  'When it was last handed out to be sent. What a store does not find some minutes later, it does '
  'not have; before that it may still be on its way.';
comment on column private.datastore_chunks.stored_at is
  'Null until the store has said that it has it, as it is now.';

create index datastore_chunks_place_id_media_id_generation_idx
  on private.datastore_chunks (place_id, media_id, generation);

create table private.datastore_changes (
  id bigint generated always as identity primary key,
  media_id uuid,
  place_id uuid
);

comment on table private.datastore_changes is
  'Media and stores of which something changed that a store may have to follow.';

select private.guard_configuration('private.datastore_places', 'config');

create function private.delete_datastore_credential()
returns trigger
language plpgsql
volatile
security definer -- whoever deletes the place cannot reach Vault
set search_path = ''
as $$
begin
  delete from vault.secrets where secrets.id = old.vault_credential_id;
  return null;
end;
$$;

comment on function private.delete_datastore_credential() is
  'Trigger: the key of a deleted datastore leaves Vault once nothing is left in it.';

create trigger _200_delete_credential
  after delete on private.datastore_places
  for each row
  when (old.vault_credential_id is not null)
  execute function private.delete_datastore_credential();

-- What changed, taken down. Nobody waits for anybody: rows are added and no others touched.
create function private.note_media_for_datastores()
returns trigger
language plpgsql
volatile
security definer -- nobody is granted what is private
set search_path = ''
as $$
begin
  -- Where there are no stores outside, this look is all.
  if exists (select from private.datastore_places) then
    if tg_op = 'UPDATE' then
      insert into private.datastore_changes (media_id)
      select changed.id
      from changed
      join former on former.id = changed.id
      where (changed.generation, changed.is_archived, changed.embedding_model, changed.visibility)
        is distinct from
        (former.generation, former.is_archived, former.embedding_model, former.visibility);
    else
      insert into private.datastore_changes (media_id) select former.id from former;
    end if;
  end if;
  return null;
end;
$$;

comment on function private.note_media_for_datastores() is
  'Trigger: notes media that were published, archived, restored or deleted.';

create trigger _710_note_updated_for_datastores
  after update on public.media_library
  referencing old table as former new table as changed
  for each statement
  execute function private.note_media_for_datastores();

create trigger _711_note_deleted_for_datastores
  after delete on public.media_library
  referencing old table as former
  for each statement
  execute function private.note_media_for_datastores();

create function private.note_assignments_for_datastores()
returns trigger
language plpgsql
volatile
security definer -- nobody is granted what is private
set search_path = ''
as $$
begin
  if exists (select from private.datastore_places) then
    insert into private.datastore_changes (media_id)
    select distinct changed.media_id from changed;
  end if;
  return null;
end;
$$;

comment on function private.note_assignments_for_datastores() is
  'Trigger: notes media that an agent got or lost.';

create trigger _710_note_inserted_for_datastores
  after insert on public.agent_media_assignments
  referencing new table as changed
  for each statement
  execute function private.note_assignments_for_datastores();

create trigger _711_note_deleted_for_datastores
  after delete on public.agent_media_assignments
  referencing old table as changed
  for each statement
  execute function private.note_assignments_for_datastores();

create function private.note_agent_datastores()
returns trigger
language plpgsql
volatile
security definer -- nobody is granted what is private
set search_path = ''
as $$
begin
  insert into private.datastore_changes (place_id)
  select distinct changed.datastore_id
  from changed
  join private.datastore_places on datastore_places.id = changed.datastore_id;
  return null;
end;
$$;

comment on function private.note_agent_datastores() is
  'Trigger: notes stores that an agent got or lost.';

create trigger _710_note_inserted
  after insert on public.agent_datastores
  referencing new table as changed
  for each statement
  execute function private.note_agent_datastores();

create trigger _711_note_updated
  after update on public.agent_datastores
  referencing new table as changed
  for each statement
  execute function private.note_agent_datastores();

create trigger _712_note_deleted
  after delete on public.agent_datastores
  referencing old table as changed
  for each statement
  execute function private.note_agent_datastores();

create function private.open_datastore_place()
returns trigger
language plpgsql
volatile
security definer -- nobody is granted what is private
set search_path = ''
as $$
begin
  insert into private.datastore_places (id, datastore_id, type)
  values (new.id, new.id, new.type);
  return null;
end;
$$;

comment on function private.open_datastore_place() is
  'Trigger: what a store outside has is taken down from its first day.';

create trigger _300_open_place
  after insert on public.datastores
  for each row
  when (new.type <> 'postgres')
  execute function private.open_datastore_place();

-- What may have gone wrong before need not go wrong now.
create function private.retry_datastore_place()
returns trigger
language plpgsql
volatile
security definer -- nobody is granted what is private
set search_path = ''
as $$
begin
  update private.datastore_places
  set is_sync_due = true, failures = 0, retry_at = now()
  where datastore_places.datastore_id = new.id;
  return null;
end;
$$;

comment on function private.retry_datastore_place() is
  'Trigger: has a store looked at anew whose key or switch changed.';

create trigger _310_retry_place
  after update of config, is_active on public.datastores
  for each row
  when (new.config <> old.config or new.is_active <> old.is_active)
  execute function private.retry_datastore_place();

-- Keeps the keys of stores that are about to lose their datastores, where there is something left
-- to remove. A key that is no longer there is not: the store then says so, for as long as it must.
create function private.keep_datastore_credentials(p_datastore_ids uuid[])
returns void
language plpgsql
volatile
security definer -- Vault is closed to API roles
set search_path = ''
as $$
begin
  update private.datastore_places
  set vault_credential_id = vault.create_secret(
    held.credential,
    format('datastores/%s/credential', datastore_places.id),
    'Of a datastore that was deleted, until nothing is left in it'
  )
  from (
    select datastores.id, decrypted_secrets.decrypted_secret as credential
    from public.datastores
    join public.organization_secrets
      on organization_secrets.organization_id = datastores.organization_id
      and (
        organization_secrets.name = datastores.config ->> 'api_key_ref'
        or organization_secrets.id::text = lower(datastores.config ->> 'api_key_ref')
      )
    join private.organization_secret_values
      on organization_secret_values.secret_id = organization_secrets.id
    join vault.decrypted_secrets
      on decrypted_secrets.id = organization_secret_values.vault_secret_id
    where datastores.id = any (p_datastore_ids)
  ) as held
  where datastore_places.datastore_id = held.id
    and datastore_places.vault_credential_id is null
    and exists (
      select from private.datastore_chunks where datastore_chunks.place_id = datastore_places.id
    );
end;
$$;

comment on function private.keep_datastore_credentials(uuid[]) is
  'Keeps the keys of datastores that are about to go and hold something, for the removal.';

create function private.leave_datastore_place()
returns trigger
language plpgsql
volatile
security definer -- nobody is granted what is private
set search_path = ''
as $$
begin
  -- A batch that is being handed out is waited for, and none is afterwards.
  perform from private.datastore_places where datastore_places.datastore_id = old.id for update;

  delete from private.datastore_places
  where datastore_places.datastore_id = old.id
    and not exists (
      select from private.datastore_chunks where datastore_chunks.place_id = datastore_places.id
    );

  perform private.keep_datastore_credentials(array[old.id]);

  update private.datastore_places
  set config = old.config - 'api_key_ref', is_sync_due = true, failures = 0, retry_at = now()
  where datastore_places.datastore_id = old.id;

  update private.datastore_media
  set wanted_generation = 0, wanted_model = null, is_due = true
  where datastore_media.place_id = old.id;
  return old;
end;
$$;

comment on function private.leave_datastore_place() is
  'Trigger: a datastore goes, and everything that it holds is to leave the store.';

create trigger _400_leave_place
  before delete on public.datastores
  for each row
  when (old.type <> 'postgres')
  execute function private.leave_datastore_place();

-- With an organization its secrets go first.
create function private.keep_datastores_of_organization()
returns trigger
language plpgsql
volatile
security definer -- nobody is granted what is private
set search_path = ''
as $$
begin
  perform private.keep_datastore_credentials(
    array(
      select datastores.id
      from public.datastores
      where datastores.organization_id = old.id and datastores.type <> 'postgres'
    )
  );
  return old;
end;
$$;

comment on function private.keep_datastores_of_organization() is
  'Trigger: keeps the keys of an organization''s stores until nothing is left in them.';

create trigger _480_keep_datastores
  before delete on public.organizations
  for each row
  execute function private.keep_datastores_of_organization();

-- Works out what stores should have: of these media in these stores, null being all. What is not
-- wanted, and is known to a store, is to leave it.
create function private.plan_datastore_media(p_media_ids uuid[], p_place_ids uuid[])
returns void
language plpgsql
volatile
security definer -- looks at media of all organizations
set search_path = ''
as $$
begin
  with places as (
    select datastore_places.id, datastore_places.datastore_id, datastore_places.type
    from private.datastore_places
    where datastore_places.datastore_id is not null
      and (p_place_ids is null or datastore_places.id = any (p_place_ids))
  ), wanted as materialized (
    select distinct
      places.id as place_id,
      media_library.id as media_id,
      media_library.generation,
      case when places.type = 'pinecone' then media_library.embedding_model end as model
    from places
    join public.agent_datastores
      on agent_datastores.datastore_id = places.datastore_id
      and agent_datastores.is_active
    join public.agent_media_assignments
      on agent_media_assignments.agent_id = agent_datastores.agent_id
      and (p_media_ids is null or agent_media_assignments.media_id = any (p_media_ids))
    join public.media_library on media_library.id = agent_media_assignments.media_id
    where not media_library.is_archived
      and media_library.generation > 0
      and media_library.visibility = 'organization'
      -- A store of vectors has no use for a medium without.
      and (places.type <> 'pinecone' or media_library.embedding_model is not null)
  ), written as (
    insert into private.datastore_media as known
      (place_id, media_id, wanted_generation, wanted_model)
    select wanted.place_id, wanted.media_id, wanted.generation, wanted.model
    from wanted
    order by wanted.place_id, wanted.media_id
    on conflict (place_id, media_id) do update
    set
      wanted_generation = excluded.wanted_generation,
      wanted_model = excluded.wanted_model,
      is_due = true
    where (known.wanted_generation, known.wanted_model)
      is distinct from (excluded.wanted_generation, excluded.wanted_model)
  )
  update private.datastore_media as known
  set wanted_generation = 0, wanted_model = null, is_due = true
  from places
  where known.place_id = places.id
    and known.wanted_generation <> 0
    and (p_media_ids is null or known.media_id = any (p_media_ids))
    and not exists (
      select
      from wanted
      where wanted.place_id = known.place_id and wanted.media_id = known.media_id
    );
end;
$$;

comment on function private.plan_datastore_media(uuid[], uuid[]) is
  'Marks the media that stores should get, have anew, or lose.';

-- A part of the tick: works out what changed, and enqueues the stores that have something to do.
-- Every hour each store is worked out as a whole, so that nothing can stay overlooked. Returns how
-- many jobs were added.
create function private.enqueue_datastore_syncs()
returns integer
language plpgsql
volatile
security definer -- no role has a grant on the queue's tables
set search_path = ''
as $$
declare
  v_media_ids uuid[];
  v_place_ids uuid[];
  v_payloads jsonb[];
  v_organization_ids uuid[];
  v_dedupe_keys text[];
begin
  with taken as (
    delete from private.datastore_changes
    where datastore_changes.id in (
      select noted.id
      from private.datastore_changes as noted
      order by noted.id
      limit 10000
      for update skip locked
    )
    returning datastore_changes.media_id, datastore_changes.place_id
  )
  select
    array_agg(distinct taken.media_id) filter (where taken.media_id is not null),
    array_agg(distinct taken.place_id) filter (where taken.place_id is not null)
  into v_media_ids, v_place_ids
  from taken;

  with stale as (
    select datastore_places.id
    from private.datastore_places
    where datastore_places.planned_at < now() - interval '1 hour'
      and datastore_places.datastore_id is not null
    order by datastore_places.planned_at
    limit 1
    for no key update skip locked
  ), renewed as (
    update private.datastore_places
    set planned_at = now()
    from stale
    where datastore_places.id = stale.id
    returning datastore_places.id
  )
  select coalesce(v_place_ids, '{}') || coalesce(array_agg(renewed.id), '{}')
  into v_place_ids
  from renewed;

  -- Each is a statement of its own, which sees all that was committed when it began.
  if v_media_ids is not null then
    perform private.plan_datastore_media(v_media_ids, null);
  end if;
  if v_place_ids <> '{}' then
    perform private.plan_datastore_media(null, v_place_ids);
  end if;

  with due as (
    select datastore_places.id, datastores.organization_id
    from private.datastore_places
    left join public.datastores on datastores.id = datastore_places.datastore_id
    left join public.organizations on organizations.id = datastores.organization_id
    where datastore_places.retry_at <= now()
      and organizations.deletion_due_at is null
      and (
        datastore_places.is_sync_due
        or exists (
          select
          from private.datastore_media
          where datastore_media.place_id = datastore_places.id
            and datastore_media.is_due
            -- To a store that is off nothing is added.
            and (datastores.is_active is not false or datastore_media.wanted_generation = 0)
        )
      )
      and not exists (
        select
        from private.jobs
        where jobs.queue = 'datastores'
          and jobs.dedupe_key = 'sync ' || datastore_places.id
      )
    order by datastore_places.retry_at
    limit 500
    for no key update of datastore_places skip locked
  ), claimed as (
    -- The worker says when next. Should it never come to that, this does.
    update private.datastore_places
    set retry_at = now() + interval '5 minutes'
    from due
    where datastore_places.id = due.id
    returning datastore_places.id, due.organization_id
  )
  select
    array_agg(jsonb_build_object('place_id', claimed.id)),
    array_agg(claimed.organization_id),
    array_agg('sync ' || claimed.id)
  into v_payloads, v_organization_ids, v_dedupe_keys
  from claimed;

  if v_payloads is null then
    return 0;
  end if;

  return private.enqueue_jobs(
    p_queue => 'datastores',
    p_kind => 'sync_datastore',
    p_payloads => v_payloads,
    p_organization_ids => v_organization_ids,
    p_max_attempts => 3,
    p_dedupe_keys => v_dedupe_keys
  );
end;
$$;

comment on function private.enqueue_datastore_syncs() is
  'Works out what stores have to follow, and enqueues those with something to do: how many.';

insert into private.tick_parts (name, place, function_name)
values ('datastore_syncs_enqueued', 340, 'enqueue_datastore_syncs');

insert into private.queue_workers (queue, function_name) values ('datastores', 'datastore-sync');

-- The store that a leased job is about, held against its deletion until commit; null when it is
-- gone. Raises PT409 lease_lost.
create function private.leased_datastore_place(p_job_id bigint, p_lease_token bigint)
returns private.datastore_places
language plpgsql
volatile
security definer -- nobody is granted what is private
set search_path = ''
as $$
declare
  v_job constant private.jobs := private.hold_lease(p_job_id, p_lease_token);
  v_place private.datastore_places;
begin
  select datastore_places.*
  into v_place
  from private.datastore_places
  where datastore_places.id = (v_job.payload ->> 'place_id')::uuid
  for share;

  return v_place;
end;
$$;

comment on function private.leased_datastore_place(bigint, bigint) is
  'The store that a leased job is about. Error: lease_lost.';

-- Where a job syncs; null when nothing is left there.
create function private.datastore_sync_target(p_job_id bigint, p_lease_token bigint)
returns jsonb
language plpgsql
volatile
security definer -- Vault is closed to API roles; only service_role may execute this
set search_path = ''
as $$
declare
  v_place constant private.datastore_places :=
    private.leased_datastore_place(p_job_id, p_lease_token);
begin
  if v_place.id is null then
    return null;
  end if;

  return (
    select jsonb_build_object(
      'place_id', v_place.id,
      'organization_id', datastores.organization_id,
      'type', v_place.type,
      'config', coalesce(datastores.config, v_place.config),
      'api_key', decrypted_secrets.decrypted_secret
    )
    from (select v_place.id) as place
    left join public.datastores on datastores.id = v_place.datastore_id
    left join vault.decrypted_secrets
      on decrypted_secrets.id = v_place.vault_credential_id
      and datastores.id is null
  );
end;
$$;

-- What a chunk can be filtered by in a store. Never its text.
create function private.datastore_metadata(
  p_medium public.media_library,
  p_chunk public.media_chunks
)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select jsonb_strip_nulls(
    jsonb_build_object(
      'name', p_medium.display_name,
      'category', p_medium.category,
      'tags', to_jsonb(nullif(p_medium.tags, '{}')),
      'chunk_index', p_chunk.chunk_index,
      'page', p_chunk.page,
      'heading', nullif(array_to_string(p_chunk.heading_path, ' > '), '')
    )
  );
$$;

comment on function private.datastore_metadata(public.media_library, public.media_chunks) is
  'What a store keeps beside a chunk: where it is from.';

-- What is to be done next at a store: removals before additions, but what a newer generation
-- replaces only once that is there, so that the store is never without. Chunks are written down
-- before they are handed out: whatever becomes of them, they are known.
create function private.next_datastore_batch(
  p_job_id bigint,
  p_lease_token bigint,
  p_limit integer
)
returns jsonb
language plpgsql
volatile
security definer -- nobody is granted what is private
set search_path = ''
as $$
declare
  v_place constant private.datastore_places :=
    private.leased_datastore_place(p_job_id, p_lease_token);
  v_limit constant integer := least(greatest(coalesce(p_limit, 100), 1), 1000);
  v_settled_before constant timestamptz := now() - interval '5 minutes';
  v_is_active boolean;
  v_media private.datastore_media;
  v_removals jsonb;
  v_chunks jsonb;
begin
  select jsonb_agg(
    jsonb_build_object(
      'chunk_id', leaving.chunk_id,
      'external_id', leaving.external_id,
      'is_settled', leaving.handed_at < v_settled_before
    )
  )
  into v_removals
  from (
    select datastore_chunks.chunk_id, datastore_chunks.external_id, datastore_chunks.handed_at
    from private.datastore_media
    join private.datastore_chunks
      on datastore_chunks.place_id = datastore_media.place_id
      and datastore_chunks.media_id = datastore_media.media_id
    where datastore_media.place_id = v_place.id
      and datastore_media.is_due
      and (
        datastore_media.wanted_generation = 0
        or datastore_chunks.generation <> datastore_media.wanted_generation
        and datastore_media.stored_generation = datastore_media.wanted_generation
      )
    limit v_limit
  ) as leaving;

  if v_removals is not null then
    return jsonb_build_object('removals', v_removals, 'chunks', jsonb_build_array());
  end if;

  select datastores.is_active
  into v_is_active
  from public.datastores
  where datastores.id = v_place.datastore_id;

  while v_is_active loop
    select datastore_media.*
    into v_media
    from private.datastore_media
    where datastore_media.place_id = v_place.id
      and datastore_media.is_due
      and datastore_media.wanted_generation <> 0
      and (datastore_media.stored_generation, datastore_media.stored_model)
        is distinct from (datastore_media.wanted_generation, datastore_media.wanted_model)
      -- Since it was planned, it may have become somebody's own.
      and exists (
        select
        from public.media_library
        where media_library.id = datastore_media.media_id
          and media_library.visibility = 'organization'
          and not media_library.is_archived
      )
    order by datastore_media.media_id
    limit 1
    for no key update;
    exit when not found;

    with handed as (
      select
        chunk.id,
        chunk.chunk_index,
        chunk.content,
        known.chunk_id is not null as is_uncertain,
        coalesce(known.handed_at < v_settled_before, true) as is_settled,
        embedded.embedding,
        private.datastore_metadata(medium, chunk) as metadata
      from public.media_chunks as chunk
      join public.media_library as medium on medium.id = chunk.media_id
      left join private.datastore_chunks as known
        on known.place_id = v_place.id
        and known.chunk_id = chunk.id
      left join lateral (
        select to_jsonb(media_chunk_embeddings.embedding::real[]) as embedding
        from private.embedding_models
        join private.media_chunk_embeddings
          on media_chunk_embeddings.model_id = embedding_models.id
        where embedding_models.name = v_media.wanted_model
          and media_chunk_embeddings.chunk_id = chunk.id
          and media_chunk_embeddings.organization_id = chunk.organization_id
      ) as embedded on true
      where chunk.media_id = v_media.media_id
        and chunk.organization_id = medium.organization_id
        and chunk.generation = v_media.wanted_generation
        and (v_media.wanted_model is null or embedded.embedding is not null)
        and (
          known.stored_at is null
          or known.embedding_model is distinct from v_media.wanted_model
        )
      order by chunk.chunk_index
      limit v_limit
    ), written as (
      insert into private.datastore_chunks
        (place_id, chunk_id, media_id, generation, embedding_model, external_id)
      select
        v_place.id,
        handed.id,
        v_media.media_id,
        v_media.wanted_generation,
        v_media.wanted_model,
        -- Pinecone takes our ids.
        case when v_place.type = 'pinecone' then handed.id::text end
      from handed
      on conflict (place_id, chunk_id) do update
      set
        embedding_model = excluded.embedding_model,
        stored_at = null,
        -- What may still be on its way is looked for, and not sent again.
        handed_at = case
          when datastore_chunks.handed_at < v_settled_before then now()
          else datastore_chunks.handed_at
        end
    )
    select jsonb_agg(
      jsonb_build_object(
        'chunk_id', handed.id,
        'media_id', v_media.media_id,
        'generation', v_media.wanted_generation,
        'text', handed.content,
        'embedding', handed.embedding,
        'embedding_model', v_media.wanted_model,
        'metadata', handed.metadata,
        'is_uncertain', handed.is_uncertain,
        'is_settled', handed.is_settled
      )
      order by handed.chunk_index
    )
    into v_chunks
    from handed;

    if v_chunks is not null then
      return jsonb_build_object('removals', jsonb_build_array(), 'chunks', v_chunks);
    end if;

    -- It is all there. What was there before leaves with the next batch.
    update private.datastore_media
    set
      stored_generation = datastore_media.wanted_generation,
      stored_model = datastore_media.wanted_model
    where datastore_media.place_id = v_place.id
      and datastore_media.media_id = v_media.media_id;

    if exists (
      select
      from private.datastore_chunks
      where datastore_chunks.place_id = v_place.id
        and datastore_chunks.media_id = v_media.media_id
        and datastore_chunks.generation <> v_media.wanted_generation
    ) then
      return private.next_datastore_batch(p_job_id, p_lease_token, p_limit);
    end if;
  end loop;

  return jsonb_build_object('removals', jsonb_build_array(), 'chunks', jsonb_build_array());
end;
$$;

-- Takes down what became of a batch: which chunks the store says it has, which it says are gone,
-- and which were never sent, or were refused.
create function private.save_datastore_batch(
  p_job_id bigint,
  p_lease_token bigint,
  p_stored jsonb,
  p_removed uuid[],
  p_unsent uuid[]
)
returns void
language plpgsql
volatile
security definer -- nobody is granted what is private
set search_path = ''
as $$
declare
  v_place constant private.datastore_places :=
    private.leased_datastore_place(p_job_id, p_lease_token);
begin
  update private.datastore_chunks
  set external_id = stored.external_id, stored_at = now()
  from jsonb_to_recordset(p_stored) as stored (chunk_id uuid, external_id text)
  where datastore_chunks.place_id = v_place.id
    and datastore_chunks.chunk_id = stored.chunk_id;

  delete from private.datastore_chunks
  where datastore_chunks.place_id = v_place.id
    and datastore_chunks.chunk_id = any (p_removed);

  delete from private.datastore_chunks
  where datastore_chunks.place_id = v_place.id
    and datastore_chunks.chunk_id = any (p_unsent)
    and datastore_chunks.stored_at is null;

  -- One that gets on is not put off further each time, however often it says to wait.
  update private.datastore_places
  set failures = 0
  where datastore_places.id = v_place.id
    and datastore_places.failures > 0
    and (p_stored <> '[]' or p_removed <> '{}');
end;
$$;

-- Ends a job after whose last batch there was nothing left to do. What became due since then is
-- another job's. The organization is held first, as deleting it does.
create function private.complete_datastore_sync(p_job_id bigint, p_lease_token bigint)
returns void
language plpgsql
volatile
security definer -- nobody is granted what is private
set search_path = ''
as $$
declare
  v_job constant private.jobs := private.hold_lease(p_job_id, p_lease_token);
  v_place_id constant uuid := (v_job.payload ->> 'place_id')::uuid;
begin
  perform from public.organizations where organizations.id = v_job.organization_id for key share;

  perform from private.datastore_places where datastore_places.id = v_place_id for update;

  delete from private.datastore_media
  where datastore_media.place_id = v_place_id
    and datastore_media.wanted_generation = 0
    and not exists (
      select
      from private.datastore_chunks
      where datastore_chunks.place_id = datastore_media.place_id
        and datastore_chunks.media_id = datastore_media.media_id
    );

  update private.datastore_media
  set is_due = false
  where datastore_media.place_id = v_place_id
    and datastore_media.is_due
    and datastore_media.wanted_generation <> 0
    and (datastore_media.stored_generation, datastore_media.stored_model)
      is not distinct from (datastore_media.wanted_generation, datastore_media.wanted_model)
    and not exists (
      select
      from private.datastore_chunks
      where datastore_chunks.place_id = datastore_media.place_id
        and datastore_chunks.media_id = datastore_media.media_id
        and datastore_chunks.generation <> datastore_media.wanted_generation
    );

  -- A datastore that was deleted is over with its last chunk.
  delete from private.datastore_places
  where datastore_places.id = v_place_id
    and datastore_places.datastore_id is null
    and not exists (
      select from private.datastore_chunks where datastore_chunks.place_id = v_place_id
    );

  update private.datastore_places
  set is_sync_due = false, failures = 0, retry_at = now()
  where datastore_places.id = v_place_id;

  update public.datastores
  set status = 'ready', last_error = null, last_synced_at = now()
  where datastores.id = v_place_id;

  perform private.complete_job(p_job_id, p_lease_token);
end;
$$;

-- Ends a job whose store refused or did not answer, and says when it is asked again: after 10, 20,
-- 40 seconds and so on up to an hour, or when the store says, if that is later. However long it
-- takes, what has to leave is not forgotten.
create function private.fail_datastore_sync(
  p_job_id bigint,
  p_lease_token bigint,
  p_error text,
  p_retry_after_seconds integer
)
returns timestamptz
language plpgsql
volatile
security definer -- nobody is granted what is private
set search_path = ''
as $$
declare
  v_job constant private.jobs := private.hold_lease(p_job_id, p_lease_token);
  v_place_id constant uuid := (v_job.payload ->> 'place_id')::uuid;
  v_retry_at timestamptz;
begin
  perform from public.organizations where organizations.id = v_job.organization_id for key share;

  update private.datastore_places
  set
    failures = least(datastore_places.failures + 1, 100),
    retry_at = clock_timestamp() + make_interval(
      secs => greatest(
        least(10 * power(2, least(datastore_places.failures, 10)), 3600) * (0.75 + random() / 2),
        least(coalesce(p_retry_after_seconds, 0), 86400)
      )
    ),
    is_sync_due = true
  where datastore_places.id = v_place_id
  returning datastore_places.retry_at into v_retry_at;

  update public.datastores
  set
    status = 'error',
    last_error = left(coalesce(nullif(btrim(p_error), ''), 'No reason given'), 1000)
  where datastores.id = v_place_id;

  perform private.complete_job(p_job_id, p_lease_token);
  return v_retry_at;
end;
$$;

-- Has a store synced with the next turn of the engine, whatever it waits for; anew sends everything
-- again, as to a store that was emptied.
create function private.sync_datastore(p_datastore_id uuid, p_is_anew boolean)
returns public.datastores
language plpgsql
volatile
security definer -- nobody is granted what is private
set search_path = ''
as $$
declare
  v_is_service constant boolean := coalesce((select auth.role()) = 'service_role', false);
  v_datastore public.datastores;
begin
  select datastores.*
  into v_datastore
  from public.datastores
  where datastores.id = p_datastore_id
    and (
      v_is_service
      or datastores.organization_id = any (private.organizations_with('knowledge.read'))
    );

  if v_datastore.id is null then
    raise sqlstate 'PT404' using
      message = 'No datastore with that id',
      detail = 'datastore_not_found',
      hint = 'Select from datastores to see those you can reach.';
  elsif not v_is_service
    and v_datastore.organization_id <> all (private.organizations_with('knowledge.manage'))
  then
    raise sqlstate 'PT403' using
      message = 'You may not manage the datastores of this organization',
      detail = 'permission_denied',
      hint = 'It takes the permission knowledge.manage.';
  end if;

  update private.datastore_places
  set is_sync_due = true, failures = 0, retry_at = now(), planned_at = '-infinity'
  where datastore_places.id = p_datastore_id;

  if p_is_anew then
    update private.datastore_media
    set stored_generation = 0, stored_model = null, is_due = true
    where datastore_media.place_id = p_datastore_id;

    -- Known still, so that what is there after all can be taken away.
    update private.datastore_chunks
    set stored_at = null
    where datastore_chunks.place_id = p_datastore_id;
  end if;

  return v_datastore;
end;
$$;

-- The active stores of an agent, the built-in one too where it was given, by name.
create function private.agent_datastore_targets(p_agent_id uuid)
returns jsonb
language sql
stable
security definer -- asked by the service, for agents of all organizations
set search_path = ''
as $$
  select coalesce(
    jsonb_agg(
      jsonb_build_object(
        'datastore_id', datastores.id,
        'organization_id', datastores.organization_id,
        'name', datastores.name,
        'type', datastores.type,
        'config', datastores.config,
        'pending_media', case when datastores.type = 'postgres' then 0 else pending.media end
      )
      order by datastores.name
    ),
    '[]'
  )
  from public.agent_datastores
  join public.datastores on datastores.id = agent_datastores.datastore_id
  cross join lateral (
    select count(*) as media
    from public.agent_media_assignments
    join public.media_library on media_library.id = agent_media_assignments.media_id
    left join private.datastore_media
      on datastore_media.place_id = datastores.id
      and datastore_media.media_id = media_library.id
    where agent_media_assignments.agent_id = p_agent_id
      and not media_library.is_archived
      and media_library.generation > 0
      and media_library.visibility = 'organization'
      and datastore_media.stored_generation is distinct from media_library.generation
  ) as pending
  where agent_datastores.agent_id = p_agent_id
    and agent_datastores.is_active
    and datastores.is_active;
$$;

create function public.datastore_sync_target(p_job_id bigint, p_lease_token bigint)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.datastore_sync_target(p_job_id, p_lease_token);
$$;

create function public.next_datastore_batch(
  p_job_id bigint,
  p_lease_token bigint,
  p_limit integer default 100
)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.next_datastore_batch(p_job_id, p_lease_token, p_limit);
$$;

create function public.save_datastore_batch(
  p_job_id bigint,
  p_lease_token bigint,
  p_stored jsonb default '[]',
  p_removed uuid[] default '{}',
  p_unsent uuid[] default '{}'
)
returns void
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.save_datastore_batch(p_job_id, p_lease_token, p_stored, p_removed, p_unsent);
$$;

create function public.complete_datastore_sync(p_job_id bigint, p_lease_token bigint)
returns void
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.complete_datastore_sync(p_job_id, p_lease_token);
$$;

create function public.fail_datastore_sync(
  p_job_id bigint,
  p_lease_token bigint,
  p_error text,
  p_retry_after_seconds integer default null
)
returns timestamptz
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.fail_datastore_sync(p_job_id, p_lease_token, p_error, p_retry_after_seconds);
$$;

create function public.sync_datastore(p_datastore_id uuid, p_is_anew boolean default false)
returns public.datastores
language sql
volatile
security invoker
set search_path = ''
as $$
  select * from private.sync_datastore(p_datastore_id, p_is_anew);
$$;

create function public.agent_datastore_targets(p_agent_id uuid)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select private.agent_datastore_targets(p_agent_id);
$$;

comment on function public.datastore_sync_target(bigint, bigint) is
  'Where a leased job syncs: {place_id, organization_id, type, config, api_key}; the key only '
  'of a deleted one. Null when nothing is left there. Service only. Error: lease_lost.';
comment on function public.next_datastore_batch(bigint, bigint, integer) is
  'What is to be done next at the store of a leased job: {removals: [{chunk_id, external_id, '
  'is_settled}], chunks: [{chunk_id, media_id, generation, text, embedding, embedding_model, '
  'metadata, is_uncertain, is_settled}]}, both empty when nothing is. Service only. Error: '
  'lease_lost.';
comment on function public.save_datastore_batch(bigint, bigint, jsonb, uuid[], uuid[]) is
  'Takes down which chunks a store has, [{chunk_id, external_id}], which are gone from it, and '
  'which were never sent. Service only. Error: lease_lost.';
comment on function public.complete_datastore_sync(bigint, bigint) is
  'Ends a job after whose last batch nothing was left to do. Service only. Error: lease_lost.';
comment on function public.fail_datastore_sync(bigint, bigint, text, integer) is
  'Ends a job whose store refused or did not answer; returns when it is asked again. Service only. '
  'Error: lease_lost.';
comment on function public.sync_datastore(uuid, boolean) is
  'Has a datastore synced at once, and with p_is_anew sent everything again. Needs '
  'knowledge.manage. Errors: datastore_not_found, permission_denied.';
comment on function public.agent_datastore_targets(uuid) is
  'The active datastores of an agent: [{datastore_id, organization_id, name, type, config, '
  'pending_media}]; config names the secret. Service only.';

grant execute on function
  private.datastore_sync_target(bigint, bigint),
  private.next_datastore_batch(bigint, bigint, integer),
  private.save_datastore_batch(bigint, bigint, jsonb, uuid[], uuid[]),
  private.complete_datastore_sync(bigint, bigint),
  private.fail_datastore_sync(bigint, bigint, text, integer),
  private.agent_datastore_targets(uuid),
  public.datastore_sync_target(bigint, bigint),
  public.next_datastore_batch(bigint, bigint, integer),
  public.save_datastore_batch(bigint, bigint, jsonb, uuid[], uuid[]),
  public.complete_datastore_sync(bigint, bigint),
  public.fail_datastore_sync(bigint, bigint, text, integer),
  public.agent_datastore_targets(uuid)
to service_role;

grant execute on function
  private.sync_datastore(uuid, boolean),
  public.sync_datastore(uuid, boolean)
to authenticated, service_role;
