-- Whether another model is configured shows when a worker looks; the tick has one look every hour.
begin;
select plan(6);

select tests.create_user('ada');
insert into public.media_library (id, organization_id, user_id, file_name, file_type, file_size, uploaded_at, generation)
values ('00000000-0000-0000-0000-000000000001', tests.organization_of('ada'), tests.user_id('ada'), 'a.txt', 'text/plain', 9, now(), 1);
delete from private.jobs;
delete from private.media_generations;

select is(private.watch_embedding_model(), 0, 'nobody looks while there is nothing to embed');
insert into private.media_generations (media_id, generation, organization_id, status, chunk_count, ended_at)
values ('00000000-0000-0000-0000-000000000001', 1, tests.organization_of('ada'), 'published', 1, now());
select is(private.watch_embedding_model(), 1, 'then somebody is to look');
select is(private.watch_embedding_model(), 0, 'once');
select is(
  (select run_at from private.jobs where kind = 'check_embedding_model'),
  now() + interval '5 minutes',
  'in a few minutes'
);
delete from private.jobs;
select is(private.watch_embedding_model(), 1, 'and again when that is done');
select ok(
  (private.tick() -> 'errors') = '[]' and (private.tick() ? 'media_failed') and (private.tick() ? 'media_embeddings_enqueued'),
  'the tick takes care of it'
);

select * from finish();
rollback;
