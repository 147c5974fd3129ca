-- Chunks are saved in batches under the lease, each with the checkpoint; a batch takes the place of
-- all from its first chunk on.
begin;
select plan(17);

create function tests.claim() returns void language plpgsql as $$
declare
  v_job record;
begin
  select * into strict v_job from public.claim_jobs('media', 1, 60, 'test');
  perform set_config('tests.job', v_job.id::text, true), set_config('tests.token', v_job.lease_token::text, true);
end;
$$;
create function tests.job() returns bigint language sql as $$ select current_setting('tests.job')::bigint $$;
create function tests.token() returns bigint language sql as $$ select current_setting('tests.token')::bigint $$;
create function tests.save(p_from integer, p_texts text[], p_percent integer default 10) returns void language sql as $$
  select public.save_media_chunks(
    tests.job(), tests.token(), p_from,
    (
      select coalesce(jsonb_agg(jsonb_build_object('content', t, 'char_start', 0, 'char_end', length(t), 'tokens', 1)), '[]')
      from unnest(p_texts) as t
    ),
    '{"at": 1}', p_percent
  )
$$;
create function tests.contents() returns text language sql as $$
  select string_agg(format('%s %s', chunk_index, content), ' ' order by chunk_index) from public.media_chunks
$$;

select tests.create_user('ada');
insert into public.media_library (id, organization_id, user_id, file_name, file_type, file_size, uploaded_at)
values ('00000000-0000-0000-0000-000000000001', tests.organization_of('ada'), tests.user_id('ada'), 'a.txt', 'text/plain', 9, now());
delete from private.jobs;
select private.request_media_indexing('{00000000-0000-0000-0000-000000000001}');
select tests.act_as_service();
select tests.claim();
select throws_ok($$ select tests.save(0, '{One.}') $$, 'PT409', null, 'what has not been started takes no chunks');
select public.start_media_processing(tests.job(), tests.token());

select tests.save(0, '{One.,Two.}', 30);
select tests.save(2, '{Three.}', 20);
select tests.act_as_nobody();
select is(tests.contents(), '0 One. 1 Two. 2 Three.', 'batches follow each other');
select is((select processing_percent::integer from public.media_library), 30, 'the percent never goes back');
select is((select chunk_count from public.media_library), 0, 'what people see counts what is published');
select is(
  (select content_hash from public.media_chunks where chunk_index = 0),
  encode(sha256('One.'), 'hex'),
  'a chunk knows what it holds'
);
update private.jobs set attempts = 4 where id = tests.job();
select tests.act_as_service();
select tests.save(1, '{Zwei.}', 100);
select tests.act_as_nobody();
select is(tests.contents(), '0 One. 1 Zwei.', 'a batch takes the place of what was there from its first chunk on');
select is((select chunk_count from private.media_generations), 2, 'and is counted');
select is((select processing_percent::integer from public.media_library), 99, 'only what is published is at 100 percent');
select is((select attempts::integer from private.jobs), 1, 'progress gives the job its attempts again');

select tests.act_as_service();
select throws_ok($$ select tests.save(3, '{Four.}') $$, 'PT400', null, 'a gap is refused');
select throws_ok($$ select tests.save(-1, '{Four.}') $$, 'PT400', null, 'and a place before the first');
select throws_ok(
  $$ select public.save_media_chunks(tests.job(), tests.token(), 2, '{}', '{}', 1) $$, 'PT400', null,
  'and what is no list'
);
select public.log_media_step(tests.job(), tests.token(), 'extract', 'started', '{"pages": 2}');
select public.log_media_step(tests.job(), tests.token(), 'extract', 'completed', '{"pages": 1}', 5);
select public.log_media_step(tests.job(), tests.token(), 'extract', 'completed', '{"pages": 2}', 9);
select tests.act_as('ada');
select results_eq(
  'select status::text, details ->> ''pages'', duration_ms from public.media_processing_logs order by duration_ms nulls first',
  $$ values ('started', '2', null::integer), ('completed', '2', 9) $$,
  'a step is logged as it began and as it ended, once each'
);
select throws_ok($$ select tests.save(2, '{Four.}') $$, '42501', null, 'people save nothing');
select throws_ok(
  $$ select public.log_media_step(1, 1, 'extract', 'started') $$, '42501', null, 'nor log anything'
);

-- The worker was taken for dead, and another one has the job.
select tests.act_as_nobody();
update private.jobs set lease_token = lease_token + 1 where id = tests.job();
select tests.act_as_service();
select throws_ok($$ select tests.save(2, '{Late.}') $$, 'PT409', null, 'whoever lost the lease saves nothing');
select tests.act_as_nobody();
select is(tests.contents(), '0 One. 1 Zwei.', 'and leaves nothing behind');

select * from finish();
rollback;
