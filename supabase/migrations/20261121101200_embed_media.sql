-- Embedding media: vectors for the chunks of a generation, while it is built or afterwards. The
-- model is what the worker's environment configures; the database keeps which one that is. When
-- another one is registered, what is published is embedded anew beside the old vectors, which stay
-- until a medium has all its new ones.

-- Makes a model the one that new vectors are made with, or with no name none. Media that have other
-- vectors, or none, are embedded in the background. Returns whether anything changed.
-- Errors: PT400 embedding_model_invalid.
create function private.register_embedding_model(p_name text, p_dimensions integer)
returns boolean
language plpgsql
volatile
security definer -- models are written by nobody else
set search_path = ''
as $$
declare
  v_model private.embedding_models;
begin
  if p_name is not null
    and (length(p_name) not between 1 and 200 or p_dimensions is distinct from 384)
  then
    raise sqlstate 'PT400' using
      message = 'Cannot register the embedding model',
      detail = 'embedding_model_invalid',
      hint = 'Give its name, of at most 200 characters, and ask it for 384 dimensions.';
  end if;

  -- Mostly there is nothing to do, and nobody to wait for.
  perform
  from private.embedding_models
  where embedding_models.is_current
    and embedding_models.name = p_name;
  if found then
    return false;
  end if;

  -- Whoever publishes holds this shared, so none slips through with the former model.
  perform pg_advisory_xact_lock(hashtextextended('private.embedding_models', 0));

  select embedding_models.*
  into v_model
  from private.embedding_models
  where embedding_models.is_current;
  if v_model.name is not distinct from p_name then
    return false;
  end if;

  update private.embedding_models set is_current = false where embedding_models.is_current;

  if p_name is null then
    update private.media_generations
    set embed_at = null
    where media_generations.embed_at is not null;
    return true;
  end if;

  insert into private.embedding_models as models (name, dimensions, is_current)
  values (p_name, p_dimensions, true)
  on conflict (name) do update set is_current = true
  returning models.* into v_model;

  update private.media_generations
  set embed_at = case
    when media_generations.embedding_model_id is distinct from v_model.id then now()
  end
  where media_generations.status = 'published';
  return true;
end;
$$;

-- What comes next: chunks that have no vector of the current model, in their order. Raises PT409
-- lease_lost, media_processing_over.
create function private.read_media_chunks(
  p_job_id bigint,
  p_lease_token bigint,
  p_limit integer
)
returns jsonb
language plpgsql
volatile
security definer -- reads for the service, with the lease as its right
set search_path = ''
as $$
declare
  v_generation constant private.media_generations :=
    private.hold_media_work(p_job_id, p_lease_token);
begin
  return (
    select coalesce(
      jsonb_agg(
        jsonb_build_object(
          'chunk_id', following.id,
          'heading_path', following.heading_path,
          'content', following.content
        )
        order by following.chunk_index
      ),
      '[]'
    )
    from (
      select media_chunks.id, media_chunks.heading_path, media_chunks.content,
        media_chunks.chunk_index
      from public.media_chunks
      where media_chunks.media_id = v_generation.media_id
        and media_chunks.organization_id = v_generation.organization_id
        and media_chunks.generation = v_generation.generation
        and not exists (
          select
          from private.media_chunk_embeddings
          join private.embedding_models
            on embedding_models.id = media_chunk_embeddings.model_id
          where media_chunk_embeddings.chunk_id = media_chunks.id
            and embedding_models.is_current
        )
      order by media_chunks.chunk_index
      limit least(greatest(p_limit, 1), 500)
    ) as following
  );
end;
$$;

-- Saves vectors of chunks of the generation; others are passed by. Returns how many chunks have one
-- of the current model. Raises PT409 lease_lost, media_processing_over, embedding_model_changed.
create function private.save_media_embeddings(
  p_job_id bigint,
  p_lease_token bigint,
  p_model text,
  p_embeddings jsonb,
  p_percent integer
)
returns integer
language plpgsql
volatile
security definer -- vectors are written by nobody else
set search_path = ''
as $$
declare
  v_model constant private.embedding_models := private.hold_embedding_model();
  v_generation constant private.media_generations :=
    private.hold_media_work(p_job_id, p_lease_token);
  v_count integer;
begin
  if v_model.name is distinct from p_model then
    raise sqlstate 'PT409' using
      message = 'The embedding model is another one now',
      detail = 'embedding_model_changed',
      hint = 'Drop the vectors: the medium is embedded with the other model later.';
  end if;

  insert into private.media_chunk_embeddings
    (chunk_id, organization_id, media_id, generation, model_id, embedding)
  select
    media_chunks.id,
    media_chunks.organization_id,
    media_chunks.media_id,
    media_chunks.generation,
    v_model.id,
    (given.item ->> 'embedding')::extensions.vector
  from jsonb_array_elements(p_embeddings) with ordinality as given (item, place)
  join public.media_chunks
    on media_chunks.id = (given.item ->> 'chunk_id')::uuid
    and media_chunks.media_id = v_generation.media_id
    and media_chunks.generation = v_generation.generation
  order by given.place
  on conflict (chunk_id, organization_id, model_id) do update
  set embedding = excluded.embedding;

  v_count := private.count_media_embeddings(v_generation, v_model.id);

  update private.media_generations
  set embedded_count = v_count
  where media_generations.media_id = v_generation.media_id
    and media_generations.generation = v_generation.generation;

  perform private.count_media_progress(p_job_id, v_generation, p_percent);
  return v_count;
end;
$$;

-- Has a published generation read with its new vectors; those of other models go. Ends the job.
-- When some are missing, or the model is another one by now, the medium has its turn again. Returns
-- whether the new vectors are read. Raises PT409 lease_lost, media_processing_over.
create function private.publish_media_embeddings(p_job_id bigint, p_lease_token bigint)
returns boolean
language plpgsql
volatile
security definer -- generations are written by nobody else
set search_path = ''
as $$
declare
  v_model constant private.embedding_models := private.hold_embedding_model();
  v_generation constant private.media_generations :=
    private.hold_media_work(p_job_id, p_lease_token);
  v_is_complete constant boolean := v_model.id is not null
    and v_generation.status = 'published'
    and private.count_media_embeddings(v_generation, v_model.id) = v_generation.chunk_count;
begin
  if v_is_complete then
    update private.media_generations
    set embedding_model_id = v_model.id, embed_at = null
    where media_generations.media_id = v_generation.media_id
      and media_generations.generation = v_generation.generation;

    update public.media_library
    set embedding_model = v_model.name, embedding_dimensions = v_model.dimensions
    where media_library.id = v_generation.media_id;

    delete from private.media_chunk_embeddings
    where media_chunk_embeddings.model_id <> v_model.id
      and media_chunk_embeddings.chunk_id in (
        select media_chunks.id
        from public.media_chunks
        where media_chunks.media_id = v_generation.media_id
          and media_chunks.organization_id = v_generation.organization_id
          and media_chunks.generation = v_generation.generation
      );

    perform private.write_media_log(
      v_generation,
      'embed',
      'completed',
      jsonb_build_object('model', v_model.name, 'chunks', v_generation.chunk_count)
    );
  end if;

  perform private.complete_job(p_job_id, p_lease_token);
  return v_is_complete;
end;
$$;

-- Enqueues published media whose vectors are due. Should a job come to nothing, an hour later there
-- is another. Returns how many.
create function private.enqueue_media_embeddings()
returns integer
language plpgsql
volatile
security definer -- no role has a grant on the queue's tables
set search_path = ''
as $$
declare
  v_payloads jsonb[];
  v_organization_ids uuid[];
  v_dedupe_keys text[];
begin
  with due as (
    select media_generations.media_id, media_generations.generation
    from private.media_generations
    join public.organizations on organizations.id = media_generations.organization_id
    where media_generations.embed_at <= now()
      and organizations.deletion_due_at is null
    order by media_generations.embed_at
    limit 200
    -- The jobs will hold on to the organizations, and must not wait for any.
    for update of media_generations skip locked
    for key share of organizations skip locked
  ), claimed as (
    update private.media_generations
    set embed_at = now() + interval '1 hour'
    from due
    where media_generations.media_id = due.media_id
      and media_generations.generation = due.generation
    returning
      media_generations.media_id,
      media_generations.generation,
      media_generations.organization_id
  )
  select
    array_agg(
      jsonb_build_object('media_id', claimed.media_id, 'generation', claimed.generation)
    ),
    array_agg(claimed.organization_id),
    array_agg(format('embed %s', claimed.media_id))
  into v_payloads, v_organization_ids, v_dedupe_keys
  from claimed;

  if v_payloads is null then
    return 0;
  end if;

  return private.enqueue_jobs(
    p_queue => 'media',
    p_kind => 'embed_medium',
    p_payloads => v_payloads,
    p_organization_ids => v_organization_ids,
    -- What was uploaded is read first.
    p_priority => -10,
    p_dedupe_keys => v_dedupe_keys
  );
end;
$$;

comment on function private.enqueue_media_embeddings() is
  'Enqueues media to be embedded with the current model. Returns how many.';

-- A model that is configured anew shows when a worker looks: every few minutes one does, where
-- there is anything to embed. Until then only words are searched. Returns how many jobs were added.
create function private.watch_embedding_model()
returns integer
language plpgsql
volatile
security definer -- no role has a grant on the queue's tables
set search_path = ''
as $$
begin
  if exists (
    select from private.jobs
    where jobs.queue = 'media'
      and jobs.dedupe_key = 'embedding model'
  ) or not exists (
    select from private.media_generations where media_generations.status = 'published'
  ) then
    return 0;
  end if;

  perform private.enqueue_job(
    p_queue => 'media',
    p_kind => 'check_embedding_model',
    p_priority => -20,
    p_run_at => now() + interval '5 minutes',
    p_dedupe_key => 'embedding model'
  );
  return 1;
end;
$$;

comment on function private.watch_embedding_model() is
  'Has a worker look every few minutes whether another embedding model is configured.';

insert into private.tick_parts (name, place, function_name)
values
  ('media_embeddings_enqueued', 421, 'enqueue_media_embeddings'),
  ('embedding_model_watched', 422, 'watch_embedding_model');

create function public.register_embedding_model(
  p_name text,
  p_dimensions integer default 384
)
returns boolean
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.register_embedding_model(p_name, p_dimensions);
$$;

create function public.read_media_chunks(
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
  select private.read_media_chunks(p_job_id, p_lease_token, p_limit);
$$;

create function public.save_media_embeddings(
  p_job_id bigint,
  p_lease_token bigint,
  p_model text,
  p_embeddings jsonb,
  p_percent integer
)
returns integer
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.save_media_embeddings(p_job_id, p_lease_token, p_model, p_embeddings, p_percent);
$$;

create function public.publish_media_embeddings(p_job_id bigint, p_lease_token bigint)
returns boolean
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.publish_media_embeddings(p_job_id, p_lease_token);
$$;

comment on function public.register_embedding_model(text, integer) is
  'Makes a model the one that vectors are made with, null for none; media with others are embedded '
  'anew. Returns whether it changed. Service only. Errors: embedding_model_invalid.';
comment on function public.read_media_chunks(bigint, bigint, integer) is
  'The next chunks without a vector of the current model: [{chunk_id, heading_path, content}]. '
  'Service only. Errors: lease_lost, media_processing_over.';
comment on function public.save_media_embeddings(bigint, bigint, text, jsonb, integer) is
  'Saves [{chunk_id, embedding}] of a leased job''s medium; returns how many chunks have one. '
  'Service only. Errors: lease_lost, media_processing_over, embedding_model_changed.';
comment on function public.publish_media_embeddings(bigint, bigint) is
  'Lets searches read the new vectors of a medium in place of the old, and ends the job; false '
  'when some are missing. Service only. Errors: lease_lost, media_processing_over.';

grant execute on function
  private.register_embedding_model(text, integer),
  private.read_media_chunks(bigint, bigint, integer),
  private.save_media_embeddings(bigint, bigint, text, jsonb, integer),
  private.publish_media_embeddings(bigint, bigint),
  public.register_embedding_model(text, integer),
  public.read_media_chunks(bigint, bigint, integer),
  public.save_media_embeddings(bigint, bigint, text, jsonb, integer),
  public.publish_media_embeddings(bigint, bigint)
to service_role;
