-- Processing media: how a generation of chunks comes to be. Whoever finds a new object, or wants a
-- medium read anew, asks for a generation; the function media-processor builds it as a job of the
-- queue "media", in steps that it can take up again after a crash, and publishes it at the end.
-- Until then nothing that agents read has changed, and nothing has when it fails.
--
-- Every call of the worker presents its lease, and saves what it did together with where it is. A
-- generation that was asked for later supersedes one that is under way.
--
-- Locks are taken in one order: embedding models, organization, job, medium, generation.

insert into private.queue_workers (queue, function_name) values ('media', 'media-processor');

-- Has media read anew, each into a generation of its own. One that waits already takes the object
-- as it is now; one that is under way is given up. Media whose object never arrived are passed by.
-- Returns how many are to be read.
create function private.request_media_indexing(p_media_ids uuid[])
returns integer
language plpgsql
volatile
security definer -- generations and jobs are written by nobody else
set search_path = ''
as $$
declare
  v_media_ids uuid[];
  v_payloads jsonb[];
  v_organization_ids uuid[];
  v_dedupe_keys text[];
begin
  perform
  from public.organizations
  where organizations.id in (
    select media_library.organization_id
    from public.media_library
    where media_library.id = any (p_media_ids)
  )
  order by organizations.id
  for key share;

  select array_agg(locked.id)
  into v_media_ids
  from (
    select media_library.id
    from public.media_library
    where media_library.id = any (p_media_ids)
      and media_library.uploaded_at is not null
    order by media_library.id
    for no key update
  ) as locked;

  if v_media_ids is null then
    return 0;
  end if;

  with given_up as (
    update private.media_generations
    set status = 'superseded', ended_at = now(), checkpoint = '{}'
    where media_generations.media_id = any (v_media_ids)
      and media_generations.status = 'building'
    returning media_generations.media_id, media_generations.generation
  )
  delete from public.media_chunks
  using given_up
  where media_chunks.media_id = given_up.media_id
    and media_chunks.generation = given_up.generation;

  insert into private.media_generations (media_id, generation, organization_id)
  select
    media_library.id,
    1 + greatest(
      media_library.generation,
      (
        select max(media_generations.generation)
        from private.media_generations
        where media_generations.media_id = media_library.id
      )
    ),
    media_library.organization_id
  from public.media_library
  where media_library.id = any (v_media_ids)
    and not exists (
      select
      from private.media_generations
      where media_generations.media_id = media_library.id
        and media_generations.status = 'pending'
    );

  update public.media_library
  set processing_status = 'uploaded', processing_error = null, processing_percent = 0
  where media_library.id = any (v_media_ids)
    and media_library.processing_status = 'failed';

  select
    array_agg(
      jsonb_build_object('media_id', waiting.media_id, 'generation', waiting.generation)
      order by waiting.media_id
    ),
    array_agg(waiting.organization_id order by waiting.media_id),
    array_agg(
      format('index %s %s', waiting.media_id, waiting.generation) order by waiting.media_id
    )
  into v_payloads, v_organization_ids, v_dedupe_keys
  from private.media_generations as waiting
  where waiting.media_id = any (v_media_ids)
    and waiting.status = 'pending';

  perform private.enqueue_jobs(
    p_queue => 'media',
    p_kind => 'index_medium',
    p_payloads => v_payloads,
    p_organization_ids => v_organization_ids,
    p_dedupe_keys => v_dedupe_keys
  );
  return cardinality(v_media_ids);
end;
$$;

comment on function private.request_media_indexing(uuid[]) is
  'Has media whose object is there read into a new generation. Returns how many.';

-- What a leased job works on: its generation, locked together with the medium; null when that is
-- gone. Whoever deletes an organization locks it before the jobs, so it is locked first here, too.
-- Raises PT409 lease_lost.
create function private.hold_media_generation(p_job_id bigint, p_lease_token bigint)
returns private.media_generations
language plpgsql
volatile
security definer -- no role has a grant on the queue's tables
set search_path = ''
as $$
declare
  v_job private.jobs;
  v_generation private.media_generations;
begin
  perform
  from public.organizations
  where organizations.id = (
    select jobs.organization_id from private.jobs where jobs.id = p_job_id
  )
  for key share;

  v_job := private.hold_lease(p_job_id, p_lease_token);

  perform
  from public.media_library
  where media_library.id = (v_job.payload ->> 'media_id')::uuid
  for no key update;

  select media_generations.*
  into v_generation
  from private.media_generations
  where media_generations.media_id = (v_job.payload ->> 'media_id')::uuid
    and media_generations.generation = (v_job.payload ->> 'generation')::integer
  for update;
  return v_generation;
end;
$$;

-- The same for a worker in the middle of its work. Raises PT409 lease_lost, media_processing_over.
create function private.hold_media_work(p_job_id bigint, p_lease_token bigint)
returns private.media_generations
language plpgsql
volatile
security definer -- no role has a grant on the queue's tables
set search_path = ''
as $$
declare
  v_generation constant private.media_generations :=
    private.hold_media_generation(p_job_id, p_lease_token);
begin
  if v_generation.status in ('building', 'published') then
    return v_generation;
  end if;

  raise sqlstate 'PT409' using
    message = 'The medium is not read for this job any more',
    detail = 'media_processing_over',
    hint = 'Complete the job: the medium was deleted, or is read anew by another one.';
end;
$$;

-- Attempts are counted since the last progress: a long document may take more workers than a job
-- has attempts, and one that kills its workers at the same page still comes to an end.
create function private.count_media_progress(
  p_job_id bigint,
  p_generation private.media_generations,
  p_percent integer
)
returns void
language plpgsql
volatile
security definer -- no role has a grant on the queue's tables
set search_path = ''
as $$
begin
  update private.jobs set attempts = 1 where jobs.id = p_job_id and jobs.attempts > 1;

  update public.media_library
  set processing_percent = least(p_percent, 99)
  where media_library.id = p_generation.media_id
    and p_generation.status = 'building'
    and media_library.processing_percent < least(p_percent, 99);
end;
$$;

comment on function private.count_media_progress(
  bigint, private.media_generations, integer
) is 'Moves the percent of a medium forward, never back, and gives its job all its attempts again.';

create function private.write_media_log(
  p_generation private.media_generations,
  p_step text,
  p_status public.processing_log_status,
  p_details jsonb default '{}',
  p_duration_ms integer default null
)
returns void
language plpgsql
volatile
security definer -- logs are written by nobody else
set search_path = ''
as $$
begin
  insert into public.media_processing_logs as logs
    (organization_id, media_id, generation, processing_step, status, details, duration_ms)
  values (
    p_generation.organization_id, p_generation.media_id, p_generation.generation, p_step,
    p_status, coalesce(p_details, '{}'), p_duration_ms
  )
  on conflict (media_id, organization_id, generation, processing_step, status) do update
  set
    details = excluded.details,
    duration_ms = coalesce(excluded.duration_ms, logs.duration_ms);
end;
$$;

comment on function private.write_media_log(
  private.media_generations, text, public.processing_log_status, jsonb, integer
) is 'Writes what became of a step of a generation; said again, it takes the place of the former.';

-- Begins or goes on with the generation of a leased job. Null when there is nothing to do: the job
-- is ended then. Raises PT409 lease_lost.
create function private.start_media_processing(p_job_id bigint, p_lease_token bigint)
returns jsonb
language plpgsql
volatile
security definer -- generations are written by nobody else
set search_path = ''
as $$
declare
  v_generation private.media_generations :=
    private.hold_media_generation(p_job_id, p_lease_token);
  v_kind constant text := (select jobs.kind from private.jobs where jobs.id = p_job_id);
  v_medium public.media_library;
  v_model private.embedding_models;
begin
  select media_library.*
  into v_medium
  from public.media_library
  where media_library.id = v_generation.media_id;

  if v_medium.id is null
    or v_kind = 'index_medium' and v_generation.status not in ('pending', 'building')
    or v_kind = 'embed_medium' and v_generation.status <> 'published'
  then
    perform private.complete_job(p_job_id, p_lease_token);
    return null;
  end if;

  if v_generation.status = 'pending' then
    update private.media_generations
    set
      status = 'building',
      started_at = now(),
      object_version = v_medium.object_version
    where media_generations.media_id = v_generation.media_id
      and media_generations.generation = v_generation.generation
    returning media_generations.* into v_generation;

    update public.media_library
    set processing_status = 'processing', processing_percent = 0, processing_error = null
    where media_library.id = v_medium.id;
  end if;

  select embedding_models.*
  into v_model
  from private.embedding_models
  where embedding_models.is_current;

  return jsonb_build_object(
    'kind', v_kind,
    'media_id', v_medium.id,
    'organization_id', v_medium.organization_id,
    'generation', v_generation.generation,
    'bucket', v_medium.bucket,
    'storage_path', v_medium.storage_path,
    'file_name', v_medium.file_name,
    'file_type', v_medium.file_type,
    'checkpoint', v_generation.checkpoint,
    'chunk_count', v_generation.chunk_count,
    'embedding_model', v_model.name
  );
end;
$$;

-- Saves chunks and where the worker is. They take the place of all from p_from_index on: a worker
-- that begins anew saves from 0. Raises PT409 lease_lost, media_processing_over, PT400
-- media_chunks_invalid.
create function private.save_media_chunks(
  p_job_id bigint,
  p_lease_token bigint,
  p_from_index integer,
  p_chunks jsonb,
  p_checkpoint jsonb,
  p_percent integer
)
returns void
language plpgsql
volatile
security definer -- chunks are written by nobody else
set search_path = ''
as $$
declare
  v_generation constant private.media_generations :=
    private.hold_media_work(p_job_id, p_lease_token);
begin
  if v_generation.status <> 'building'
    or jsonb_typeof(p_chunks) is distinct from 'array'
    or coalesce(p_from_index, -1) not between 0 and v_generation.chunk_count
  then
    raise sqlstate 'PT400' using
      message = 'Cannot save the chunks: they do not follow those that are there',
      detail = 'media_chunks_invalid',
      hint = 'Pass an array that begins at chunk_count or before, of a generation being built.';
  end if;

  if p_from_index < v_generation.chunk_count then
    delete from public.media_chunks
    where media_chunks.media_id = v_generation.media_id
      and media_chunks.organization_id = v_generation.organization_id
      and media_chunks.generation = v_generation.generation
      and media_chunks.chunk_index >= p_from_index;
  end if;

  insert into public.media_chunks (
    organization_id, media_id, generation, chunk_index, content, heading_path, page, page_end,
    char_start, char_end, tokens, language, content_hash, metadata
  )
  select
    v_generation.organization_id,
    v_generation.media_id,
    v_generation.generation,
    p_from_index + given.place::integer - 1,
    chunk.content,
    coalesce(chunk.heading_path, '{}'),
    chunk.page,
    chunk.page_end,
    chunk.char_start,
    chunk.char_end,
    chunk.tokens,
    coalesce(chunk.language, 'simple'),
    encode(sha256(convert_to(chunk.content, 'UTF8')), 'hex'),
    coalesce(chunk.metadata, '{}')
  from jsonb_array_elements(p_chunks) with ordinality as given (chunk, place)
  cross join lateral jsonb_to_record(given.chunk) as chunk (
    content text, heading_path text[], page integer, page_end integer, char_start integer,
    char_end integer, tokens integer, language text, metadata jsonb
  )
  order by given.place;

  update private.media_generations
  set
    checkpoint = coalesce(p_checkpoint, '{}'),
    chunk_count = p_from_index + jsonb_array_length(p_chunks),
    -- What was deleted above has taken its vectors along.
    embedded_count = least(media_generations.embedded_count, p_from_index)
  where media_generations.media_id = v_generation.media_id
    and media_generations.generation = v_generation.generation;

  perform private.count_media_progress(p_job_id, v_generation, p_percent);
end;
$$;

-- Raises PT409 lease_lost, media_processing_over.
create function private.log_media_step(
  p_job_id bigint,
  p_lease_token bigint,
  p_step text,
  p_status public.processing_log_status,
  p_details jsonb default '{}',
  p_duration_ms integer default null
)
returns void
language plpgsql
volatile
security definer -- logs are written by nobody else
set search_path = ''
as $$
begin
  perform private.write_media_log(
    private.hold_media_work(p_job_id, p_lease_token), p_step, p_status, p_details, p_duration_ms
  );
end;
$$;

-- The current model, if there is one, and that it stays so until commit.
create function private.hold_embedding_model()
returns private.embedding_models
language plpgsql
volatile
security definer -- no role has a grant on tables in private
set search_path = ''
as $$
declare
  v_model private.embedding_models;
begin
  -- Not the row: that there is none must stay so, too.
  perform pg_advisory_xact_lock_shared(hashtextextended('private.embedding_models', 0));

  select embedding_models.*
  into v_model
  from private.embedding_models
  where embedding_models.is_current;
  return v_model;
end;
$$;

create function private.count_media_embeddings(
  p_generation private.media_generations,
  p_model_id smallint
)
returns integer
language plpgsql
stable
security definer -- no role has a grant on tables in private
set search_path = ''
as $$
begin
  return (
    select count(*)
    from private.media_chunk_embeddings
    where media_chunk_embeddings.model_id = p_model_id
      and media_chunk_embeddings.media_id = p_generation.media_id
      and media_chunk_embeddings.generation = p_generation.generation
  );
end;
$$;

-- Makes a generation the one that is read, in place of the former, whose chunks go; ends the job.
-- It has the vectors of a model when all its chunks have them. Raises PT409 lease_lost,
-- media_processing_over, media_generation_empty.
create function private.publish_media_generation(
  p_job_id bigint,
  p_lease_token bigint,
  p_page_count integer default null,
  p_language text default null,
  p_checksum text default null
)
returns void
language plpgsql
volatile
security definer -- generations are written by nobody else
set search_path = ''
as $$
declare
  v_current private.embedding_models := private.hold_embedding_model();
  v_generation private.media_generations := private.hold_media_work(p_job_id, p_lease_token);
  v_is_embedded boolean;
begin
  if v_generation.status <> 'building' or v_generation.chunk_count = 0 then
    raise sqlstate 'PT409' using
      message = 'There is nothing to publish',
      detail = 'media_generation_empty',
      hint = 'Save chunks first, or fail the medium with the reason why there are none.';
  end if;

  v_is_embedded := v_current.id is not null
    and private.count_media_embeddings(v_generation, v_current.id) = v_generation.chunk_count;

  update private.media_generations
  set status = 'superseded', ended_at = now(), embed_at = null
  where media_generations.media_id = v_generation.media_id
    and media_generations.status = 'published';

  update private.media_generations
  set
    status = 'published',
    ended_at = now(),
    checkpoint = '{}',
    embedding_model_id = case when v_is_embedded then v_current.id end,
    embedded_count = case when v_is_embedded then media_generations.chunk_count else 0 end,
    embed_at = case when v_current.id is not null and not v_is_embedded then now() end
  where media_generations.media_id = v_generation.media_id
    and media_generations.generation = v_generation.generation
  returning media_generations.* into v_generation;

  update public.media_library
  set
    generation = v_generation.generation,
    chunk_count = v_generation.chunk_count,
    page_count = p_page_count,
    language = p_language,
    checksum = coalesce(p_checksum, media_library.checksum),
    processing_status = 'completed',
    processing_percent = 100,
    processing_error = null,
    processed_at = now(),
    embedding_model = case when v_is_embedded then v_current.name end,
    embedding_dimensions = case when v_is_embedded then v_current.dimensions end
  where media_library.id = v_generation.media_id;

  delete from public.media_chunks
  where media_chunks.media_id = v_generation.media_id
    and media_chunks.organization_id = v_generation.organization_id
    and media_chunks.generation <> v_generation.generation;

  -- Of what was before, the last ten readings are remembered.
  delete from private.media_generations
  where media_generations.media_id = v_generation.media_id
    and media_generations.generation <= v_generation.generation - 10;
  delete from public.media_processing_logs
  where media_processing_logs.media_id = v_generation.media_id
    and media_processing_logs.organization_id = v_generation.organization_id
    and media_processing_logs.generation <= v_generation.generation - 10;

  perform private.write_media_log(
    v_generation,
    'publish',
    'completed',
    jsonb_build_object('chunks', v_generation.chunk_count)
  );
  perform private.complete_job(p_job_id, p_lease_token);
end;
$$;

-- Ends a generation without it: its chunks go, the one before stays.
create function private.fail_media_generation(
  p_generation private.media_generations,
  p_error text,
  p_reason text
)
returns void
language plpgsql
volatile
security definer -- generations are written by nobody else
set search_path = ''
as $$
begin
  delete from public.media_chunks
  where media_chunks.media_id = p_generation.media_id
    and media_chunks.organization_id = p_generation.organization_id
    and media_chunks.generation = p_generation.generation;

  update private.media_generations
  set
    status = 'failed',
    ended_at = now(),
    checkpoint = '{}',
    chunk_count = 0,
    embedded_count = 0,
    error = left(p_reason, 4000)
  where media_generations.media_id = p_generation.media_id
    and media_generations.generation = p_generation.generation;

  update public.media_library
  set
    processing_status = 'failed',
    processing_error = left(coalesce(nullif(p_error, ''), 'The file could not be read.'), 1000)
  where media_library.id = p_generation.media_id;
end;
$$;

comment on function private.fail_media_generation(
  private.media_generations, text, text
) is
  'Ends a generation that cannot be built: with a sentence for the uploader, and what is known of '
  'the reason.';

-- Ends the generation and the job with a sentence for the uploader. Raises PT409 lease_lost,
-- media_processing_over.
create function private.fail_media_processing(
  p_job_id bigint,
  p_lease_token bigint,
  p_step text,
  p_error text,
  p_code text default null
)
returns void
language plpgsql
volatile
security definer -- generations are written by nobody else
set search_path = ''
as $$
declare
  v_generation constant private.media_generations :=
    private.hold_media_work(p_job_id, p_lease_token);
begin
  perform private.write_media_log(
    v_generation,
    p_step,
    'failed',
    jsonb_strip_nulls(jsonb_build_object('error', left(p_error, 1000), 'code', p_code))
  );

  if v_generation.status = 'building' then
    perform private.fail_media_generation(v_generation, p_error, p_error);
  end if;
  perform private.complete_job(p_job_id, p_lease_token);
end;
$$;

-- Lets no medium wait for ever: a generation whose job has died, or is gone, fails. Returns how
-- many.
create function private.fail_lost_media()
returns integer
language plpgsql
volatile
security definer -- generations are written by nobody else
set search_path = ''
as $$
declare
  v_generation private.media_generations;
  v_reason text;
  v_count integer := 0;
begin
  for v_generation in
    select media_generations.*
    from private.media_generations
    join public.media_library on media_library.id = media_generations.media_id
    join public.organizations on organizations.id = media_generations.organization_id
    where media_generations.status in ('pending', 'building')
      and not exists (
        select
        from private.jobs
        where jobs.queue = 'media'
          and jobs.dedupe_key
            = format('index %s %s', media_generations.media_id, media_generations.generation)
      )
    order by media_generations.created_at
    limit 100
    for key share of organizations skip locked
    for update of media_library, media_generations skip locked
  loop
    select format('It broke off after %s attempts: %s', dead_jobs.attempts, dead_jobs.last_error)
    into v_reason
    from private.dead_jobs
    where dead_jobs.queue = 'media'
      and dead_jobs.organization_id = v_generation.organization_id
      and dead_jobs.payload @> jsonb_build_object(
        'media_id', v_generation.media_id, 'generation', v_generation.generation
      )
    order by dead_jobs.id desc
    limit 1;

    perform private.fail_media_generation(
      v_generation,
      'The file could not be processed: it broke off again and again. Try again later, or upload '
      'the file in another format.',
      coalesce(v_reason, 'Its job is gone from the queue.')
    );
    v_count := v_count + 1;
  end loop;
  return v_count;
end;
$$;

comment on function private.fail_lost_media() is
  'Fails media whose job is not in the queue any more. Returns how many.';

insert into private.tick_parts (name, place, function_name)
values ('media_failed', 420, 'fail_lost_media');

-- Has a medium read anew, for instance after a failure that was not the file's. Errors: PT404
-- media_not_found, PT403 permission_denied, PT409 media_archived, media_not_uploaded, PT429
-- jobs_quota_reached.
create function private.reprocess_media(p_media_id uuid)
returns public.media_library
language plpgsql
volatile
security definer -- generations and jobs are written by nobody else
set search_path = ''
as $$
declare
  v_medium public.media_library;
begin
  -- As in hold_media_generation().
  perform
  from public.organizations
  where organizations.id = (
    select media_library.organization_id
    from public.media_library
    where media_library.id = p_media_id
  )
  for key share;

  v_medium := private.open_medium(p_media_id);

  if v_medium.is_archived then
    raise sqlstate 'PT409' using
      message = 'The medium is archived',
      detail = 'media_archived',
      hint = 'Restore it first.';
  elsif v_medium.uploaded_at is null then
    raise sqlstate 'PT409' using
      message = 'There is no file to read yet',
      detail = 'media_not_uploaded',
      hint = 'Upload the file to storage_path.';
  end if;

  perform private.require_job_room(v_medium.organization_id);
  perform private.request_media_indexing(array[v_medium.id]);

  select media_library.*
  into v_medium
  from public.media_library
  where media_library.id = p_media_id;
  return v_medium;
end;
$$;

create function public.reprocess_media(p_media_id uuid)
returns public.media_library
language sql
volatile
security invoker
set search_path = ''
as $$
  select * from private.reprocess_media(p_media_id);
$$;

create function public.start_media_processing(p_job_id bigint, p_lease_token bigint)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.start_media_processing(p_job_id, p_lease_token);
$$;

create function public.save_media_chunks(
  p_job_id bigint,
  p_lease_token bigint,
  p_from_index integer,
  p_chunks jsonb,
  p_checkpoint jsonb,
  p_percent integer
)
returns void
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.save_media_chunks(
    p_job_id, p_lease_token, p_from_index, p_chunks, p_checkpoint, p_percent
  );
$$;

create function public.log_media_step(
  p_job_id bigint,
  p_lease_token bigint,
  p_step text,
  p_status public.processing_log_status,
  p_details jsonb default '{}',
  p_duration_ms integer default null
)
returns void
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.log_media_step(
    p_job_id, p_lease_token, p_step, p_status, p_details, p_duration_ms
  );
$$;

create function public.publish_media_generation(
  p_job_id bigint,
  p_lease_token bigint,
  p_page_count integer default null,
  p_language text default null,
  p_checksum text default null
)
returns void
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.publish_media_generation(
    p_job_id, p_lease_token, p_page_count, p_language, p_checksum
  );
$$;

create function public.fail_media_processing(
  p_job_id bigint,
  p_lease_token bigint,
  p_step text,
  p_error text,
  p_code text default null
)
returns void
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.fail_media_processing(p_job_id, p_lease_token, p_step, p_error, p_code);
$$;

comment on function public.reprocess_media(uuid) is
  'Has a medium read anew; agents read what there was until it is done. For its owner, and for '
  'knowledge.manage when it is shared. Errors: media_not_found, permission_denied, '
  'media_archived, media_not_uploaded, jobs_quota_reached.';
comment on function public.start_media_processing(bigint, bigint) is
  'Begins or goes on with the medium of a leased job: {kind, media_id, organization_id, '
  'generation, bucket, storage_path, file_name, file_type, checkpoint, chunk_count, '
  'embedding_model}, or null when there is nothing to do and the job is ended. Service only. '
  'Errors: lease_lost.';
comment on function public.save_media_chunks(bigint, bigint, integer, jsonb, jsonb, integer) is
  'Saves [{content, heading_path, page, page_end, char_start, char_end, tokens, language, '
  'metadata}] as the chunks from p_from_index on, with where the worker is. Service only. Errors: '
  'lease_lost, media_processing_over, media_chunks_invalid.';
comment on function public.log_media_step(
  bigint, bigint, text, public.processing_log_status, jsonb, integer
) is
  'Writes what became of a step: download, identify, extract, chunk or embed. Service only. '
  'Errors: lease_lost, media_processing_over.';
comment on function public.publish_media_generation(bigint, bigint, integer, text, text) is
  'Lets agents read what was built in place of what they read before, and ends the job. Service '
  'only. Errors: lease_lost, media_processing_over, media_generation_empty.';
comment on function public.fail_media_processing(bigint, bigint, text, text, text) is
  'Ends a leased job with a sentence for the uploader; agents go on reading what they read '
  'before. Service only. Errors: lease_lost, media_processing_over.';

grant execute on function
  private.start_media_processing(bigint, bigint),
  private.save_media_chunks(bigint, bigint, integer, jsonb, jsonb, integer),
  private.log_media_step(
    bigint, bigint, text, public.processing_log_status, jsonb, integer
  ),
  private.publish_media_generation(bigint, bigint, integer, text, text),
  private.fail_media_processing(bigint, bigint, text, text, text),
  public.start_media_processing(bigint, bigint),
  public.save_media_chunks(bigint, bigint, integer, jsonb, jsonb, integer),
  public.log_media_step(bigint, bigint, text, public.processing_log_status, jsonb, integer),
  public.publish_media_generation(bigint, bigint, integer, text, text),
  public.fail_media_processing(bigint, bigint, text, text, text)
to service_role;

grant execute on function private.reprocess_media(uuid), public.reprocess_media(uuid)
  to authenticated, service_role;
