-- Objects of the media library in Storage: who uploads, reads, replaces and removes which. What the
-- Storage API asks is what is asked here: rows of storage.objects under the caller's role.
begin;
select * from no_plan();

select tests.create_user(name) from unnest(array['ada', 'max', 'bob', 'kim', 'gus', 'sue', 'eve']) as name;
select tests.add_member(tests.organization_of('ada'), 'max', 'admin');
select tests.add_member(tests.organization_of('ada'), 'bob', 'member');
select tests.add_member(tests.organization_of('ada'), 'kim', 'member');
select tests.add_member(tests.organization_of('ada'), 'gus', 'guest');
select tests.add_member(tests.organization_of('ada'), 'sue', 'admin', 'suspended');

create table tests.media (name text primary key, id uuid not null default gen_random_uuid());
insert into tests.media (name) values ('shared'), ('personal'), ('loose'), ('foreign'), ('awaited');
grant select on tests.media to public;
create function tests.path(p_name text, p_file text default 'a.pdf', p_organization text default 'ada') returns text
  language sql stable as $$
  select format('%s/%s/%s', tests.organization_of(p_organization), media.id, p_file) from tests.media where media.name = p_name
$$;
-- As Storage writes them, in the name of whoever asks.
create function tests.upload(p_path text, p_bucket text default 'media-library') returns void language sql as $$
  insert into storage.objects (bucket_id, name, owner, owner_id, version, metadata)
  values (p_bucket, p_path, auth.uid(), auth.uid()::text, gen_random_uuid()::text, '{"size": 7, "mimetype": "application/pdf"}')
$$;
create function tests.seen() returns text[] language sql as $$
  select coalesce(array_agg(media.name order by media.name), '{}')
  from storage.objects join tests.media on media.id::text = split_part(objects.name, '/', 2)
  where bucket_id = 'media-library'
$$;
create function tests.replaced(p_name text) returns bigint language plpgsql as $$
declare
  v_count bigint;
begin
  update storage.objects set version = gen_random_uuid()::text where name = tests.path(p_name);
  get diagnostics v_count = row_count;
  return v_count;
end;
$$;
create function tests.removed(p_name text) returns bigint language plpgsql as $$
declare
  v_count bigint;
begin
  delete from storage.objects where name = tests.path(p_name);
  get diagnostics v_count = row_count;
  return v_count;
end;
$$;

select results_eq(
  $$ select public, file_size_limit from storage.buckets where id = 'media-library' $$, $$ values (false, 52428800::bigint) $$,
  'the bucket is private, and its files have a limit'
);
select ok(
  (select allowed_mime_types @> '{application/pdf,text/plain,image/png}' and not allowed_mime_types && '{image/svg+xml,application/zip,application/octet-stream}'
    from storage.buckets where id = 'media-library'),
  'and are of types that the library takes'
);

-- Uploading ahead of the row.
select tests.act_as('bob');
select lives_ok($$ select tests.upload(tests.path('loose')) $$, 'a member uploads under a new id of their organization');
select throws_ok(format('select tests.upload(%L, %L)', path, bucket), '42501', null, format('nowhere else: %s', path))
from (
  values
    (tests.path('foreign', 'a.pdf', 'eve'), 'media-library'),
    (format('users/%s/a.pdf', tests.user_id('bob')), 'media-library'),
    (format('%s/a.pdf', tests.organization_of('ada')), 'media-library'),
    (format('%s/new/a.pdf', tests.organization_of('ada')), 'media-library'),
    (format('%s/%s/', tests.organization_of('ada'), gen_random_uuid()), 'media-library'),
    (format('%s/%s/b/a.pdf', tests.organization_of('ada'), gen_random_uuid()), 'media-library'),
    (format('%s/%s/a.pdf', tests.organization_of('ada'), upper(gen_random_uuid()::text)), 'media-library'),
    (format('%s/../%s/%s/a.pdf', tests.organization_of('ada'), tests.organization_of('eve'), gen_random_uuid()), 'media-library'),
    ('a.pdf', 'media-library'),
    (format('%s/%s/a.pdf', tests.organization_of('ada'), gen_random_uuid()), 'exports'),
    (format('%s/%s/a.pdf', tests.organization_of('ada'), gen_random_uuid()), 'imports'),
    (format('%s/%s/a.pdf', tests.organization_of('ada'), gen_random_uuid()), 'audit-archives')
) as places (path, bucket);
select is(tests.seen(), '{loose}', 'what no row claims is there for whoever uploaded it');
select is(tests.replaced('loose'), 0::bigint, 'they do not replace it: nobody says yet what it is');
select tests.act_as(name) from (values ('max')) as other (name);
select is(tests.seen(), '{}', 'an admin does not see it');
select is(tests.removed('loose'), 0::bigint, 'nor remove it');
select throws_ok(
  format(
    'insert into public.media_library (id, organization_id, file_name, file_type, file_size) select media.id, %L, %L, %L, 1 from tests.media where name = %L',
    tests.organization_of('ada'), 'a.pdf', 'application/pdf', 'loose'
  ),
  'PT409', 'Somebody else uploaded that file', 'nor claim it'
);
select tests.act_as('gus');
select throws_ok($$ select tests.upload(tests.path('awaited')) $$, '42501', null, 'guests upload nothing');
select tests.act_as('sue');
select throws_ok($$ select tests.upload(tests.path('awaited')) $$, '42501', null, 'nor do the suspended');
select tests.act_as('eve');
select throws_ok($$ select tests.upload(tests.path('awaited')) $$, '42501', null, 'nor do strangers');
select tests.act_as_anon();
select throws_ok($$ select tests.upload(tests.path('awaited')) $$, '42501', null, 'nor do visitors');
select is(tests.seen(), '{}', 'who see nothing');

-- Claiming it.
select tests.act_as('bob');
select lives_ok(
  format(
    'insert into public.media_library (id, organization_id, file_name, file_type, file_size) select media.id, %L, %L, %L, 1 from tests.media where name = %L',
    tests.organization_of('ada'), 'a.pdf', 'application/pdf', 'loose'
  ),
  'whoever uploaded it inserts the row'
);
select results_eq(
  $$ select file_size, uploaded_at is not null, upload_expires_at, object_version is not null from public.media_library $$,
  $$ values (7::bigint, true, null::timestamptz, true) $$,
  'and the object is taken up at once, in the size it has'
);
select is(tests.removed('loose'), 0::bigint, 'now it goes with its row alone');
select is(tests.replaced('loose'), 1::bigint, 'and is replaced by its owner');

-- Rows before objects.
select tests.act_as_nobody();
insert into public.media_library (id, organization_id, user_id, file_name, file_type, file_size, visibility)
select media.id, tests.organization_of('ada'), tests.user_id('bob'), 'a.pdf', 'application/pdf', 1,
  case media.name when 'personal' then 'personal' else 'organization' end
from tests.media where media.name in ('shared', 'personal', 'awaited');
select tests.act_as('kim');
select throws_ok($$ select tests.upload(tests.path('awaited')) $$, '42501', null, 'a colleague uploads nothing for another''s row');
select tests.act_as('bob');
select throws_ok($$ select tests.upload(tests.path('awaited', 'b.pdf')) $$, '42501', null, 'the owner no other file');
select lives_ok(format('select tests.upload(tests.path(%L))', name), format('but the one of %s', name))
from unnest(array['shared', 'personal']) as name;
select is(tests.seen(), '{loose,personal,shared}', 'and sees them');
select tests.act_as('kim');
select is(tests.seen(), '{loose,shared}', 'a colleague sees what is shared');
select is(tests.replaced('shared'), 0::bigint, 'and replaces nothing of others');
select is(tests.removed('shared'), 0::bigint, 'nor removes it');
select tests.act_as('gus');
select is(tests.seen(), '{}', 'a guest sees nothing');
select tests.act_as('sue');
select is(tests.seen(), '{}', 'someone suspended nothing');
select tests.act_as('eve');
select is(tests.seen(), '{}', 'a stranger nothing');
select tests.act_as('max');
select is(tests.seen(), '{loose,shared}', 'an admin nothing personal');
select is(tests.replaced('personal'), 0::bigint, 'and replaces no such thing');
select lives_ok($$ select tests.upload(tests.path('awaited')) $$, 'but uploads for what is shared');
select is(tests.replaced('shared'), 1::bigint, 'and replaces it');
select throws_ok(
  format('update storage.objects set name = %L where name = tests.path(%L)', format('%s/%s/a.pdf', tests.organization_of('ada'), gen_random_uuid()), 'shared'),
  '42501', null, 'nothing is moved away from its row'
);
select throws_ok(
  format('update storage.objects set name = %L where name = tests.path(%L)', tests.path('foreign', 'a.pdf', 'eve'), 'shared'),
  '42501', null, 'least of all into another organization'
);
select throws_ok(
  format('update storage.objects set bucket_id = %L where name = tests.path(%L)', 'exports', 'shared'), '42501', null, 'or another bucket'
);

-- What an admin uploaded is not theirs for that, once it is taken up or made personal.
select tests.act_as_nobody();
update storage.objects set owner = tests.user_id('max'), owner_id = tests.user_id('max')::text
where name in (tests.path('shared'), tests.path('awaited'));
select isnt_empty(
  $$ select unnest(private.receive_media(array(select id from tests.media where name = 'awaited'))) $$, 'what arrives is taken up'
);
select is(
  (select owner_id from storage.objects where name = tests.path('awaited')), tests.user_id('bob')::text,
  'and is its owner''s in Storage, too'
);
select tests.act_as('bob');
update public.media_library set visibility = 'personal' where storage_path in (tests.path('shared'), tests.path('awaited'));
select tests.act_as('max');
select is(tests.seen(), '{loose}', 'who uploaded a version loses sight of a medium that becomes personal');
select is(tests.removed('shared'), 0::bigint, 'and may not remove it');

-- A version that somebody else put under a personal medium is not taken up.
select tests.act_as_nobody();
select is(cardinality(private.receive_media(array(select id from tests.media where name = 'personal'))), 1, 'the owner''s is');
update storage.objects set owner = tests.user_id('max'), owner_id = tests.user_id('max')::text, version = 'other'
where name = tests.path('personal');
select is(private.receive_media(array(select id from tests.media where name = 'personal')), '{}', 'another''s is not');

-- The room of the organization.
update public.organization_quotas set storage_bytes_limit = 1 where organization_id = tests.organization_of('ada');
select tests.act_as('bob');
select throws_ok(
  format('select tests.upload(%L)', format('%s/%s/a.pdf', tests.organization_of('ada'), gen_random_uuid())), '42501', null,
  'an organization without room gets no more'
);
select throws_ok($$ select tests.replaced('loose') $$, '42501', null, 'nor larger versions');

-- Suspended, one loses also what no row claims.
select tests.act_as_nobody();
update public.organization_quotas set storage_bytes_limit = null where organization_id = tests.organization_of('ada');
insert into storage.objects (bucket_id, name, owner, owner_id)
values ('media-library', tests.path('foreign'), tests.user_id('bob'), tests.user_id('bob')::text);
select tests.act_as('bob');
select ok('foreign' = any (tests.seen()), 'their own upload is there');
select tests.act_as_nobody();
update public.organization_members set status = 'suspended' where user_id = tests.user_id('bob') and organization_id = tests.organization_of('ada');
select tests.act_as('bob');
select is(tests.seen(), '{}', 'until they are suspended');
select is(tests.removed('foreign'), 0::bigint, 'and they remove nothing more');

select * from finish();
rollback;
