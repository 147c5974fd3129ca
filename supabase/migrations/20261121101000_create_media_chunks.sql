-- What is read out of media: text in chunks, each with its place in the source, and their vectors.
-- A medium is read into a generation, and each reading makes another one beside it: nothing that
-- agents read changes until media_library.generation names the new one. How a generation comes to
-- be is private.media_generations; what was done for it, step by step, media_processing_logs.

-- Where the platform did not switch them on. A rollback leaves them: others may use them.
create extension if not exists vector with schema extensions;
create extension if not exists pg_trgm with schema extensions;

-- What a chunk is found by: the words of its headings before those of its text. Immutable, for the
-- names that media_chunks.language may hold are those of configurations that come with Postgres.
create function private.chunk_words(p_language text, p_heading_path text[], p_content text)
returns tsvector
language plpgsql
immutable
set search_path = ''
as $$
begin
  return
    setweight(to_tsvector(p_language::regconfig, array_to_string(p_heading_path, ' ')), 'A')
    || setweight(to_tsvector(p_language::regconfig, p_content), 'B');
end;
$$;

comment on function private.chunk_words(text, text[], text) is
  'The search vector of a chunk: headings with weight A, text with weight B.';

create table public.media_chunks (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  media_id uuid not null,
  generation integer not null,
  chunk_index integer not null,
  content text not null,
  heading_path text[] not null default '{}',
  page integer,
  page_end integer,
  char_start integer not null,
  char_end integer not null,
  tokens integer not null,
  language text not null default 'simple',
  content_hash text not null,
  metadata jsonb not null default '{}',
  fts tsvector not null
    generated always as (private.chunk_words(language, heading_path, content)) stored,
  created_at timestamptz not null default now(),

  constraint media_chunks_id_organization_id_key unique (id, organization_id),
  -- The organization is in it so that it serves the foreign key, too.
  constraint media_chunks_media_id_generation_chunk_index_key
    unique (media_id, organization_id, generation, chunk_index),
  constraint media_chunks_media_id_fkey foreign key (media_id, organization_id)
    references public.media_library (id, organization_id) on delete cascade,
  constraint media_chunks_generation_check check (generation > 0),
  constraint media_chunks_chunk_index_check check (chunk_index >= 0),
  constraint media_chunks_content_check check (
    content <> '' and octet_length(content) <= 65536
  ),
  constraint media_chunks_pages_check check (
    page is null and page_end is null or page > 0 and page_end >= page
  ),
  constraint media_chunks_characters_check check (char_start >= 0 and char_end >= char_start),
  constraint media_chunks_tokens_check check (tokens >= 0),
  constraint media_chunks_language_check check (
    language in (
      'simple', 'arabic', 'armenian', 'basque', 'catalan', 'danish', 'dutch', 'english', 'finnish',
      'french', 'german', 'greek', 'hindi', 'hungarian', 'indonesian', 'irish', 'italian',
      'lithuanian', 'nepali', 'norwegian', 'portuguese', 'romanian', 'russian', 'serbian',
      'spanish', 'swedish', 'tamil', 'turkish', 'yiddish'
    )
  ),
  constraint media_chunks_metadata_check check (jsonb_typeof(metadata) = 'object')
);

comment on table public.media_chunks is
  'A piece of a medium''s text, with its place in the source.';
comment on column public.media_chunks.generation is
  'The reading of the medium that it belongs to. Current is the one that media_library names.';
comment on column public.media_chunks.chunk_index is 'Its place among the chunks, from 0.';
comment on column public.media_chunks.heading_path is 'The headings that it stands under.';
comment on column public.media_chunks.page is
  'The page, slide or sheet that it begins on, from 1; null where the format has none.';
comment on column public.media_chunks.char_start is
  'Where it begins in the text of the medium, from 0; char_end is where it has ended.';
comment on column public.media_chunks.language is
  'The name of a text-search configuration. Not a regconfig: a column of that type keeps a '
  'database from being upgraded by pg_upgrade.';
comment on column public.media_chunks.content_hash is 'SHA-256 of the content, in hex.';

create index media_chunks_organization_id_idx on public.media_chunks (organization_id);
create index media_chunks_fts_idx on public.media_chunks using gin (fts);

create trigger _050_inherit_organization
  before insert on public.media_chunks
  for each row
  when (new.organization_id is null)
  execute function private.inherit_organization('public.media_library', 'media_id');

-- No audit triggers: the engine makes them from files, and their text would fill the log.

alter table public.media_chunks enable row level security;

create policy select_reader on public.media_chunks
  for select
  to authenticated
  using (
    organization_id = any ((select private.organizations_with('knowledge.read'))::uuid[])
    -- The policy of media decides which media there are; other generations are not to be seen.
    and exists (
      select
      from public.media_library
      where media_library.id = media_chunks.media_id
        and media_library.generation = media_chunks.generation
    )
  );

grant select on public.media_chunks to authenticated, service_role;
-- No insert, update or delete for anyone: public.save_media_chunks() writes what was read.

select private.enable_row_quota('public.media_chunks');

insert into private.transfer_rules (table_name, is_exported, is_imported, reason)
values ('media_chunks', false, false, 'They are made from the file, and made anew.');

-- Which models made vectors. A vector is compared with those of the same model only.
create table private.embedding_models (
  id smallint generated always as identity primary key,
  name text not null,
  dimensions integer not null,
  is_current boolean not null default false,
  created_at timestamptz not null default now(),

  constraint embedding_models_name_key unique (name),
  constraint embedding_models_name_check check (length(name) between 1 and 200),
  -- Of the one column that holds them all.
  constraint embedding_models_dimensions_check check (dimensions = 384)
);

comment on table private.embedding_models is 'The embedding models that have been in use.';
comment on column private.embedding_models.is_current is
  'The one that new vectors are made with. Media with vectors of another are embedded anew.';

create unique index embedding_models_is_current_key
  on private.embedding_models (is_current)
  where is_current;

-- Narrow, so that the vectors of some media are read at once: five to a page, in the order in which
-- they were written, which is medium by medium.
create table private.media_chunk_embeddings (
  chunk_id uuid not null,
  organization_id uuid not null,
  media_id uuid not null,
  generation integer not null,
  model_id smallint not null references private.embedding_models (id) on delete cascade,
  embedding extensions.vector(384) not null,

  -- The organization is in it so that it serves the foreign key, too.
  constraint media_chunk_embeddings_pkey primary key (chunk_id, organization_id, model_id),
  constraint media_chunk_embeddings_chunk_id_fkey foreign key (chunk_id, organization_id)
    references public.media_chunks (id, organization_id) on delete cascade
);

alter table private.media_chunk_embeddings alter column embedding set storage plain;

comment on table private.media_chunk_embeddings is
  'The vectors of chunks, of length 1. A chunk has two while its medium moves to another model.';
comment on column private.media_chunk_embeddings.media_id is
  'As its chunk has it, like generation: a search reads no chunk that it does not return.';

-- For the exact scan of some media, which fixes the model; the model's foreign key is served, too.
create index media_chunk_embeddings_model_id_media_id_generation_idx
  on private.media_chunk_embeddings (model_id, media_id, generation);
create index media_chunk_embeddings_embedding_idx
  on private.media_chunk_embeddings using hnsw (embedding extensions.vector_cosine_ops);

create table private.media_generations (
  media_id uuid not null,
  generation integer not null,
  organization_id uuid not null references public.organizations (id) on delete cascade,
  status text not null default 'pending',
  object_version text,
  checkpoint jsonb not null default '{}',
  chunk_count integer not null default 0,
  embedded_count integer not null default 0,
  embedding_model_id smallint references private.embedding_models (id) on delete set null,
  embed_at timestamptz,
  error text,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  ended_at timestamptz,

  constraint media_generations_pkey primary key (media_id, generation),
  constraint media_generations_media_id_fkey foreign key (media_id, organization_id)
    references public.media_library (id, organization_id) on delete cascade,
  constraint media_generations_generation_check check (generation > 0),
  constraint media_generations_status_check check (
    status in ('pending', 'building', 'published', 'failed', 'superseded')
  ),
  constraint media_generations_checkpoint_check check (jsonb_typeof(checkpoint) = 'object'),
  constraint media_generations_counts_check check (
    embedded_count between 0 and chunk_count
  ),
  constraint media_generations_end_is_dated_check check (
    (status in ('published', 'failed', 'superseded')) = (ended_at is not null)
  )
);

comment on table private.media_generations is
  'A reading of a medium: asked for, under way, or over. One of a medium is published at most.';
comment on column private.media_generations.object_version is
  'The version of the object that it was begun with.';
comment on column private.media_generations.checkpoint is
  'Where the worker is, in its own words: it goes on from there.';
comment on column private.media_generations.embedding_model_id is
  'Whose vectors a search compares; null where there are none.';
comment on column private.media_generations.embed_at is
  'When the vectors of the current model are to be made for a published one; null when they are '
  'there or there is no model.';

create index media_generations_media_id_organization_id_idx
  on private.media_generations (media_id, organization_id);
create index media_generations_organization_id_idx on private.media_generations (organization_id);
create index media_generations_embedding_model_id_idx
  on private.media_generations (embedding_model_id);
create index media_generations_embed_at_idx
  on private.media_generations (embed_at)
  where embed_at is not null;
create index media_generations_unfinished_idx
  on private.media_generations (created_at)
  where status in ('pending', 'building');
create unique index media_generations_published_key
  on private.media_generations (media_id)
  where status = 'published';

create table public.media_processing_logs (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  media_id uuid not null,
  generation integer not null,
  processing_step text not null,
  status public.processing_log_status not null,
  details jsonb not null default '{}',
  duration_ms integer,
  created_at timestamptz not null default now(),

  -- The organization is in it so that it serves the foreign key, too.
  constraint media_processing_logs_step_key
    unique (media_id, organization_id, generation, processing_step, status),
  constraint media_processing_logs_media_id_fkey foreign key (media_id, organization_id)
    references public.media_library (id, organization_id) on delete cascade,
  constraint media_processing_logs_processing_step_check check (
    processing_step in ('download', 'identify', 'extract', 'chunk', 'embed', 'publish')
  ),
  constraint media_processing_logs_details_check check (
    jsonb_typeof(details) = 'object' and octet_length(details::text) <= 8192
  ),
  constraint media_processing_logs_duration_ms_check check (duration_ms >= 0)
);

comment on table public.media_processing_logs is
  'What was done to read a medium, step by step; followed live through Realtime.';
comment on column public.media_processing_logs.generation is 'The reading that it was done for.';
comment on column public.media_processing_logs.duration_ms is
  'Work on the step in all, in milliseconds, waiting between two workers left out.';

create index media_processing_logs_organization_id_created_at_idx
  on public.media_processing_logs (organization_id, created_at desc);

create trigger _050_inherit_organization
  before insert on public.media_processing_logs
  for each row
  when (new.organization_id is null)
  execute function private.inherit_organization('public.media_library', 'media_id');

-- No audit triggers: it is a record itself, of what the engine did.

alter table public.media_processing_logs enable row level security;

create policy select_reader on public.media_processing_logs
  for select
  to authenticated
  using (
    organization_id = any ((select private.organizations_with('knowledge.read'))::uuid[])
    and exists (
      select from public.media_library where media_library.id = media_processing_logs.media_id
    )
  );

grant select on public.media_processing_logs to authenticated, service_role;
-- No insert, update or delete for anyone: public.log_media_step() writes what was done.

select private.enable_row_quota('public.media_processing_logs');

insert into private.transfer_rules (table_name, is_exported, is_imported, reason)
values ('media_processing_logs', true, false, 'What was done elsewhere was not done here.');

alter publication supabase_realtime add table public.media_processing_logs;
