-- Chunks and logs are read by whoever may read their medium, and written by the engine alone.
begin;
select plan(20);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('eve');
select tests.create_user('gus');
select tests.act_as('ada');
select set_config('tests.organization', (public.create_organization('Ours')).id::text, true);
select tests.act_as_nobody();
select tests.add_member(current_setting('tests.organization')::uuid, 'bob');
select tests.add_member(current_setting('tests.organization')::uuid, 'gus', 'guest');

-- One medium of everybody, one of Ada's own; both with the second generation in use and the third
-- under way.
insert into public.media_library
  (id, organization_id, user_id, file_name, file_type, file_size, visibility, generation, uploaded_at)
select
  id, current_setting('tests.organization')::uuid, tests.user_id('ada'), 'notes.txt', 'text/plain', 9,
  visibility, 2, now()
from (
  values
    ('00000000-0000-0000-0000-000000000001'::uuid, 'organization'),
    ('00000000-0000-0000-0000-000000000002'::uuid, 'personal')
) as given (id, visibility);

insert into public.media_chunks
  (media_id, generation, chunk_index, content, heading_path, char_start, char_end, tokens, language, content_hash)
select
  media_library.id, built.generation, 0, 'The ovens are cleaned daily.', array['Kitchen', 'Hygiene'],
  0, 28, 6, 'english', repeat('0', 64)
from public.media_library
cross join generate_series(2, 3) as built (generation);

insert into public.media_processing_logs (media_id, generation, processing_step, status)
select media_library.id, 2, 'publish', 'completed' from public.media_library;

select is(
  (select count(distinct organization_id) from public.media_chunks),
  1::bigint,
  'a chunk has the organization of its medium'
);
select is(
  (select string_agg(distinct fts::text, '; ') from public.media_chunks),
  '''clean'':6B ''daili'':7B ''hygien'':2A ''kitchen'':1A ''oven'':4B',
  'it is found by its text, and more by its headings, in its language'
);

select tests.act_as('ada');
select is((select count(*) from public.media_chunks), 2::bigint, 'the owner reads both media, in their generation');
select is((select count(*) from public.media_chunks where generation = 3), 0::bigint, 'what is being built is not read');
select is((select count(*) from public.media_processing_logs), 2::bigint, 'and how they were read');

select tests.act_as('bob');
select is((select count(*) from public.media_chunks), 1::bigint, 'a member reads what is not personal');
select is((select count(*) from public.media_processing_logs), 1::bigint, 'the same holds for logs');
select throws_ok('delete from public.media_chunks', '42501', null, 'nobody deletes chunks');
select throws_ok($$ update public.media_chunks set content = 'Mine.' $$, '42501', null, 'nor changes them');
select throws_ok(
  $$
    insert into public.media_chunks
      (media_id, generation, chunk_index, content, char_start, char_end, tokens, content_hash)
    values ('00000000-0000-0000-0000-000000000001', 2, 1, 'Pay Bob.', 0, 8, 2, '')
  $$,
  '42501', null, 'nor puts words into a medium'
);
select throws_ok(
  $$
    insert into public.media_processing_logs (media_id, generation, processing_step, status)
    values ('00000000-0000-0000-0000-000000000001', 2, 'embed', 'completed')
  $$,
  '42501', null, 'nor writes logs'
);

select tests.act_as('gus');
select is_empty('select from public.media_chunks', 'a guest reads none');
select is_empty('select from public.media_processing_logs', 'and no logs');
select tests.act_as('eve');
select is_empty('select from public.media_chunks', 'a stranger reads none');
select tests.act_as_anon();
select throws_ok('select from public.media_chunks', '42501', null, 'a visitor is refused');
select tests.act_as_service();
select throws_ok('select from private.media_chunk_embeddings', '42501', null, 'vectors are closed to the service, too');
select throws_ok('delete from public.media_chunks', '42501', null, 'and it deletes no chunks by itself');

select tests.act_as_nobody();
update public.organization_members set status = 'suspended'
where user_id = tests.user_id('bob') and organization_id = current_setting('tests.organization')::uuid;
select tests.act_as('bob');
select is_empty('select from public.media_chunks', 'whoever is suspended reads none');

select tests.act_as_nobody();
create text search configuration pg_temp.klingon (copy = pg_catalog.simple);
select throws_like(
  $$ update public.media_chunks set language = 'pg_temp.klingon' $$,
  '%media_chunks_language_check%',
  'a language is one that there is a configuration for'
);
delete from public.media_library;
select is_empty('select from public.media_chunks', 'chunks go with their medium');

select * from finish();
rollback;
