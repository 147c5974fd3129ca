-- Objects that arrive, come anew, or never come; and objects that nobody claims.
begin;
select * from no_plan();

select tests.create_user(name) from unnest(array['ada', 'bob', 'max']) as name;
select tests.add_member(tests.organization_of('ada'), 'bob', 'member');
select tests.add_member(tests.organization_of('ada'), 'max', 'member');

create table tests.media (name text primary key, id uuid not null default gen_random_uuid());
insert into tests.media (name) values ('first'), ('second'), ('absent');
grant select on tests.media to public;
create function tests.medium(p_name text) returns uuid language sql stable as $$
  select media.id from tests.media where media.name = p_name
$$;
insert into public.media_library (id, organization_id, user_id, file_name, file_type, file_size, checksum)
select media.id, tests.organization_of('ada'), tests.user_id('bob'), 'a.pdf', 'application/pdf', 1, repeat('c', 64)
from tests.media;
create function tests.put(p_name text, p_size bigint default 5) returns void language sql as $$
  insert into storage.objects (bucket_id, name, version, metadata)
  select bucket, storage_path, gen_random_uuid()::text, jsonb_build_object('size', p_size)
  from public.media_library where id = tests.medium(p_name)
  on conflict (bucket_id, name) do update set version = excluded.version, metadata = excluded.metadata
$$;
-- What is handed to processing, in place of processing.
create table tests.requested (id uuid);
create or replace function private.request_processing(p_media_ids uuid[]) returns void language sql volatile set search_path = '' as $$
  insert into tests.requested select unnest(p_media_ids)
$$;
grant select, insert, delete on tests.requested to public;
create function tests.taken() returns text[] language sql as $$
  with gone as (delete from tests.requested returning id)
  select coalesce(array_agg(media.name order by media.name), '{}') from gone join tests.media on media.id = gone.id
$$;

-- Arrivals.
select is(private.receive_arrived_media(), 0, 'nothing arrived yet');
select tests.put('first');
select tests.put('second', 52428801);
select is(private.receive_arrived_media(), 1, 'what arrived is taken up');
select is(tests.taken(), '{first}', 'and processed');
select results_eq(
  $$ select file_size, uploaded_at is not null, upload_expires_at, processing_status::text, checksum is not null
    from public.media_library where id = tests.medium('first') $$,
  $$ values (5::bigint, true, null::timestamptz, 'uploaded', true) $$,
  'in the size that it has'
);
select results_eq(
  $$ select processing_status::text, processing_error from public.media_library where id = tests.medium('second') $$,
  $$ values ('failed', 'The file has more than 50 MiB. Split it.') $$,
  'what is larger than it may be says so, and is not processed'
);
select is(private.receive_arrived_media(), 0, 'nothing is taken up twice');

-- New versions.
update public.media_library set processing_status = 'completed', generation = 1, chunk_count = 3, processing_percent = 100
where id = tests.medium('first');
select tests.put('first', 6);
select is(private.receive_arrived_media(), 0, 'whatever is uploaded over something is not looked for all the time');
select is(private.receive_arrived_media('0 seconds'), 1, 'but now and then');
select is(tests.taken(), '{first}', 'and processed anew');
select results_eq(
  $$ select file_size, processing_status::text, processing_percent::integer, generation, chunk_count, checksum
    from public.media_library where id = tests.medium('first') $$,
  $$ values (6::bigint, 'uploaded', 0, 1, 3, null::text) $$,
  'agents go on reading the old one; the checksum is not known yet'
);
select tests.act_as('bob');
select lives_ok(
  $$ select public.create_media_upload('a.pdf', 'application/pdf', 7, p_media_id => tests.medium('first')) $$, 'a version is announced'
);
select tests.act_as_nobody();
select tests.put('first', 7);
select is(private.receive_arrived_media(), 1, 'and then looked for');
select is(tests.taken(), '{first}', 'it is processed');

-- Confirming.
select tests.put('first', 8);
select tests.act_as('bob');
select results_eq(
  $$ select file_size, upload_expires_at from public.confirm_media_upload(tests.medium('first')) $$, $$ values (8::bigint, null::timestamptz) $$,
  'whoever does not want to wait says that it is there'
);
select is(tests.taken(), '{first}', 'and it is processed at once');
select lives_ok($$ select public.confirm_media_upload(tests.medium('first')) $$, 'again is fine');
select is(tests.taken(), '{}', 'and processes nothing');
select throws_ok(
  $$ select public.confirm_media_upload(tests.medium('absent')) $$, 'PT409', 'The file of this medium has not arrived', 'what did not arrive is not confirmed'
);
select tests.act_as('max');
select throws_ok($$ select public.confirm_media_upload(tests.medium('first')) $$, 'PT403', null, 'a colleague confirms nothing');
select tests.act_as_anon();
select throws_ok($$ select public.confirm_media_upload(tests.medium('first')) $$, '42501', null, 'a visitor neither');

-- Claimed as the row is inserted.
select tests.act_as('bob');
insert into storage.objects (bucket_id, name, owner_id, version, metadata)
values ('media-library', format('%s/%s/b.pdf', tests.organization_of('ada'), '11111111-1111-4111-8111-111111111111'), tests.user_id('bob')::text, 'v', '{"size": 3}');
insert into public.media_library (id, organization_id, file_name, file_type, file_size)
values ('11111111-1111-4111-8111-111111111111', tests.organization_of('ada'), 'b.pdf', 'application/pdf', 1);
select is((select array_agg(id) from tests.requested), array['11111111-1111-4111-8111-111111111111'::uuid], 'what is there before its row is processed at once');
select throws_ok(
  $$ insert into public.media_library (id, organization_id, user_id, file_name, file_type, file_size)
    values ('11111111-1111-4111-8111-111111111112', tests.organization_of('max'), tests.user_id('bob'), 'b.pdf', 'application/pdf', 1) $$,
  '42501', null, 'whoever may not add there learns nothing of what lies there'
);

-- What fails for one organization keeps no other waiting.
select tests.act_as_nobody();
create or replace function private.request_processing(p_media_ids uuid[]) returns void language plpgsql volatile set search_path = '' as $$
begin
  if exists (select from public.media_library where id = any (p_media_ids) and organization_id = tests.organization_of('ada')) then
    raise sqlstate 'PT429' using message = 'No room', detail = 'jobs_quota_reached', hint = 'Wait.';
  end if;
end;
$$;
insert into public.media_library (id, organization_id, user_id, file_name, file_type, file_size)
select gen_random_uuid(), tests.organization_of(name), tests.user_id(name), name || '.pdf', 'application/pdf', 1 from unnest(array['ada', 'max']) as name;
insert into storage.objects (bucket_id, name, version) select bucket, storage_path, 'v' from public.media_library where file_name in ('ada.pdf', 'max.pdf');
select is(private.receive_arrived_media(), 1, 'what fails for one organization keeps no other waiting');
delete from public.media_library where file_name in ('ada.pdf', 'max.pdf');

-- What is not taken up, however much of it there is, takes nobody's place.
create or replace function private.request_processing(p_media_ids uuid[]) returns void language sql volatile set search_path = '' as $$ select $$;
insert into public.media_library (id, organization_id, user_id, file_name, file_type, file_size, visibility, upload_expires_at)
select gen_random_uuid(), tests.organization_of('ada'), tests.user_id('bob'), 'stuck.pdf', 'application/pdf', 1, 'personal', now() + interval '1 hour'
from generate_series(1, 500);
insert into public.media_library (id, organization_id, user_id, file_name, file_type, file_size, visibility, uploaded_at, object_version)
select gen_random_uuid(), tests.organization_of('ada'), tests.user_id('bob'), 'kept.pdf', 'application/pdf', 1, 'personal', now(), 'u' from generate_series(1, 500);
insert into public.media_library (id, organization_id, user_id, file_name, file_type, file_size)
values (gen_random_uuid(), tests.organization_of('max'), tests.user_id('max'), 'late.pdf', 'application/pdf', 1);
insert into public.media_library (id, organization_id, user_id, file_name, file_type, file_size, uploaded_at, object_version)
values (gen_random_uuid(), tests.organization_of('max'), tests.user_id('max'), 'anew.pdf', 'application/pdf', 1, now(), 'u');
insert into storage.objects (bucket_id, name, owner_id, version)
select bucket, storage_path, tests.user_id('max')::text, 'v' from public.media_library where file_name in ('stuck.pdf', 'kept.pdf', 'late.pdf', 'anew.pdf');
select is(private.receive_arrived_media(), 1, 'what others put under personal media keeps no arrival waiting');
select is(private.receive_arrived_media('0 seconds'), 1, 'nor a new version');
delete from public.media_library where file_name in ('stuck.pdf', 'kept.pdf', 'late.pdf', 'anew.pdf');

-- Expiry.
select tests.act_as_nobody();
delete from tests.requested;
delete from private.jobs where queue = 'storage';
select is(private.expire_media_uploads(), 0, 'nothing expires within the day');
update public.media_library set upload_expires_at = now() - interval '1 second' where id in (tests.medium('absent'), tests.medium('first'));
select is(private.expire_media_uploads(), 2, 'then waiting ends');
select results_eq(
  $$ select media.name, upload_expires_at from public.media_library join tests.media on media.id = media_library.id order by 1 $$,
  $$ values ('first', null::timestamptz), ('second', null) $$,
  'a medium without an object is gone, one whose new version never came stays'
);
select isnt_empty(
  $$ select id from private.jobs where queue = 'storage' and payload ->> 'prefix' like '%' || tests.medium('absent') || '/' $$,
  'whatever comes too late is removed'
);

-- Sweeping.
insert into storage.objects (bucket_id, name, created_at)
values
  ('media-library', 'loose/old.pdf', now() - interval '25 hours'),
  ('media-library', format('%s/%s/other.pdf', tests.organization_of('ada'), tests.medium('first')), now() - interval '25 hours'),
  ('media-library', 'loose/new.pdf', now() - interval '23 hours'),
  ('exports', 'loose/old.zip', now() - interval '25 hours');
update storage.objects set created_at = now() - interval '25 hours' where name like '%' || tests.medium('first') || '/a.pdf';
select is(private.sweep_media_objects('0 seconds'), 2, 'what nobody claimed for a day is removed');
select results_eq(
  $$ select payload ->> 'path' from private.jobs where kind = 'remove_archive' and payload ->> 'bucket' = 'media-library' order by 1 $$,
  $$ select path from (values ('loose/old.pdf'), (format('%s/%s/other.pdf', tests.organization_of('ada'), tests.medium('first')))) as swept (path) order by 1 $$,
  'that, and nothing that a row claims'
);
select is(private.sweep_media_objects(), 0, 'it is swept once in a while');
select tests.act_as('bob');
insert into storage.objects (bucket_id, name, owner_id, created_at)
values (
  'media-library', format('%s/11111111-1111-4111-8111-111111111113/b.pdf', tests.organization_of('ada')), tests.user_id('bob')::text,
  now() - interval '24 hours'
);
select throws_ok(
  $$ insert into public.media_library (id, organization_id, file_name, file_type, file_size)
    values ('11111111-1111-4111-8111-111111111113', tests.organization_of('ada'), 'b.pdf', 'application/pdf', 1) $$,
  'PT409', 'That file was uploaded too long ago', 'what is about to be swept away is not claimed any more'
);

-- The turn of the engine does all of it.
select tests.act_as_nobody();
select ok((public.tick() - 'errors') ?& array['media_received', 'media_uploads_expired', 'media_objects_swept'], 'each turn receives, expires and sweeps');

select * from finish();
rollback;
