-- The media library: who sees, adds, changes and deletes which medium, and what a row says of itself.
begin;
select * from no_plan();

select tests.create_user(name) from unnest(array['ada', 'max', 'bob', 'gus', 'sue', 'eve']) as name;
select tests.add_member(tests.organization_of('ada'), 'max', 'admin');
select tests.add_member(tests.organization_of('ada'), 'bob', 'member');
select tests.add_member(tests.organization_of('ada'), 'gus', 'guest');
select tests.add_member(tests.organization_of('ada'), 'sue', 'admin', 'suspended');

create table tests.media (name text primary key, id uuid not null default gen_random_uuid());
insert into tests.media (name) values ('shared'), ('personal'), ('of max'), ('foreign');
grant select on tests.media to public;
create function tests.medium(p_name text) returns uuid language sql stable as $$
  select media.id from tests.media where media.name = p_name
$$;
create function tests.insert_medium(
  p_organization text, p_file_name text default 'a.pdf', p_file_type text default 'application/pdf',
  p_file_size bigint default 10, p_id uuid default gen_random_uuid(), p_visibility text default 'organization'
) returns void language sql as $$
  insert into public.media_library (id, organization_id, file_name, file_type, file_size, visibility)
  values (p_id, tests.organization_of(p_organization), p_file_name, p_file_type, p_file_size, p_visibility)
$$;
create function tests.seen() returns text[] language sql as $$
  select coalesce(array_agg(media.name order by media.name), '{}')
  from public.media_library join tests.media on media.id = media_library.id
$$;

select policies_are(
  'public', 'media_library', array['select_reader', 'insert_writer', 'update_owner', 'delete_owner']
);

-- Adding.
select tests.act_as('bob');
select lives_ok(
  $$ select tests.insert_medium('ada', 'Hand book (1).pdf', 'Application/PDF; charset=binary', 10, tests.medium('shared')) $$,
  'a member adds a medium'
);
select results_eq(
  $$ select storage_path, display_name, file_type, bucket, processing_status::text, uploaded_at is null, upload_expires_at > now() + interval '23 hours',
      user_id, file_url
    from public.media_library $$,
  $$ select
    format('%s/%s/Hand book (1).pdf', tests.organization_of('ada'), tests.medium('shared')),
    'Hand book (1).pdf', 'application/pdf', 'media-library', 'uploaded', true, true, tests.user_id('bob'),
    format('/storage/v1/object/authenticated/media-library/%s/%s/Hand book (1).pdf', tests.organization_of('ada'), tests.medium('shared')) $$,
  'its path, name and type are filled in, and its object is waited for'
);
select lives_ok(
  $$ select tests.insert_medium('ada', p_id => tests.medium('personal'), p_visibility => 'personal') $$, 'or a personal one'
);
select throws_ok(
  format('select tests.insert_medium(%L, %L, %L, %s)', 'ada', file_name, file_type, file_size), code, null,
  format('a file %s of %s is refused: %s', file_name, file_type, code)
)
from (
  values
    ('../a.pdf', 'application/pdf', 10, 'PT400'),
    ('a/b.pdf', 'application/pdf', 10, 'PT400'),
    ('..', 'application/pdf', 10, 'PT400'),
    ('', 'application/pdf', 10, 'PT400'),
    ('größe.pdf', 'application/pdf', 10, 'PT400'),
    (repeat('a', 201), 'application/pdf', 10, 'PT400'),
    ('a.exe', 'application/x-msdownload', 10, 'PT415'),
    ('a.docm', 'application/vnd.ms-word.document.macroenabled.12', 10, 'PT415'),
    ('a.svg', 'image/svg+xml', 10, 'PT415'),
    ('a.pdf', '', 10, 'PT415'),
    ('a.pdf', 'application/pdf', 52428801, 'PT413'),
    ('a.pdf', 'application/pdf', -1, '23514')
) as refused (file_name, file_type, file_size, code);
select throws_ok(
  format(
    'insert into public.media_library (organization_id, file_name, file_type, file_size, storage_path) values (%L, %L, %L, 1, %L)',
    tests.organization_of('ada'), 'a.pdf', 'application/pdf', path
  ),
  'PT400', null, format('a path of one''s own choice is refused: %s', path)
)
from (
  values
    (format('%s/%s/a.pdf', tests.organization_of('eve'), gen_random_uuid())),
    (format('users/%s/a.pdf', tests.user_id('ada'))),
    ('')
) as paths (path);
select throws_ok(
  format(
    'insert into public.media_library (organization_id, file_name, file_type, file_size, %I) values (%L, %L, %L, 1, %s)',
    name, tests.organization_of('ada'), 'a.pdf', 'application/pdf', value
  ),
  '42501', null, format('nobody says for the engine what %s is', name)
)
from (
  values
    ('processing_status', '''completed'''), ('generation', '1'), ('chunk_count', '9'),
    ('assigned_agents_count', '9'), ('uploaded_at', 'now()'), ('object_version', '''x'''),
    ('is_archived', 'true'), ('duplicate_of_media_id', 'null'), ('embedding_model', '''x''')
) as machine (name, value);
select throws_ok(
  format(
    'insert into public.media_library (organization_id, user_id, file_name, file_type, file_size) values (%L, %L, %L, %L, 1)',
    tests.organization_of('ada'), tests.user_id('max'), 'a.pdf', 'application/pdf'
  ),
  '42501', null, 'nobody adds a medium in another''s name'
);
select throws_ok(
  $$ insert into public.media_library (organization_id, file_name, file_type, file_size, bucket)
    values (tests.organization_of('ada'), 'a.pdf', 'application/pdf', 1, 'exports') $$,
  '23514', null, 'or in another bucket'
);
select throws_ok($$ select tests.insert_medium('eve') $$, '42501', null, 'or in another organization');
select tests.act_as('gus');
select throws_ok($$ select tests.insert_medium('ada') $$, '42501', null, 'guests add none');
select tests.act_as('sue');
select throws_ok($$ select tests.insert_medium('ada') $$, '42501', null, 'nor do the suspended');
select tests.act_as_anon();
select throws_ok($$ select tests.insert_medium('ada') $$, '42501', null, 'nor visitors');
select tests.act_as('max');
select lives_ok($$ select tests.insert_medium('ada', p_id => tests.medium('of max'), p_visibility => 'personal') $$, 'an admin adds one');
select tests.act_as('eve');
select lives_ok($$ select tests.insert_medium('eve', p_id => tests.medium('foreign')) $$, 'a stranger in their own organization');

-- Seeing.
select tests.act_as('bob');
select is(tests.seen(), '{personal,shared}', 'one sees what is shared and what is one''s own');
select tests.act_as('ada');
select is(tests.seen(), '{shared}', 'the owner of the organization nothing personal of others');
select tests.act_as('max');
select is(tests.seen(), '{"of max",shared}', 'nor does an admin');
select tests.act_as('gus');
select is(tests.seen(), '{}', 'a guest sees nothing');
select tests.act_as('sue');
select is(tests.seen(), '{}', 'someone suspended nothing');
select tests.act_as('eve');
select is(tests.seen(), '{foreign}', 'a stranger their own alone');
select tests.act_as_anon();
select throws_ok('select tests.seen()', '42501', null, 'a visitor nothing');
select tests.act_as_nobody();
select ok(private.can_read_medium(tests.medium('personal'), tests.user_id('bob')), 'asked by name, the owner reads what is personal');
select ok(not private.can_read_medium(tests.medium('personal'), tests.user_id('ada')), 'and nobody else');
select ok(not private.can_read_medium(tests.medium('shared'), tests.user_id(name)), format('%s reads nothing by name', name))
from unnest(array['gus', 'sue', 'eve']) as name;
select is(
  (
    select count(*) from public.media_library
    where organization_id = tests.organization_of('ada') and private.can_read_medium(id, tests.user_id('bob'))
  ), 2::bigint,
  'a member reads two of the organization'
);
select is(
  (
    select count(*) from public.media_library
    where organization_id = tests.organization_of('ada') and private.can_read_medium(id, tests.user_id('eve'))
  ), 0::bigint, 'a stranger none'
);

-- Changing.
create function tests.changed(p_set text, p_name text) returns bigint language plpgsql as $$
declare
  v_count bigint;
begin
  execute format('update public.media_library set %s where id = %L', p_set, tests.medium(p_name));
  get diagnostics v_count = row_count;
  return v_count;
end;
$$;
select tests.act_as('bob');
select is(tests.changed($$ display_name = 'Handbook', tags = '{hr}', category = 'people' $$, 'shared'), 1::bigint, 'an owner describes their medium');
select throws_ok(format('select tests.changed(%L, %L)', assignment, 'shared'), '42501', null, format('nobody sets %s', assignment))
from unnest(array[
  'generation = 2', 'chunk_count = 3', 'assigned_agents_count = 1', 'processing_status = ''completed''', 'user_id = null',
  'organization_id = tests.organization_of(''eve'')', 'storage_path = ''x''', 'file_name = ''x''', 'checksum = null',
  'uploaded_at = now()', 'object_version = ''x''', 'status_before_archive = ''completed'''
]) as assignment;
select is(tests.changed('is_archived = true', 'of max'), 0::bigint, 'what one does not see one does not change');
select throws_ok(format('select tests.changed(%L, %L)', assignment, 'shared'), '23514', null, format('the row refuses %s', assignment))
from unnest(array[
  'display_name = ''''', 'tags = ''{a,""}''', 'tags = array_fill(''a''::text, array[51])', 'visibility = ''public''',
  'category = repeat(''a'', 101)'
]) as assignment;
select tests.act_as('max');
select is(tests.changed($$ description = 'Checked.' $$, 'shared'), 1::bigint, 'so does who manages knowledge');
select throws_ok(
  $$ select tests.changed('visibility = ''personal''', 'shared') $$, '42501', null,
  'who cannot make it personal: it would be another''s'
);
select tests.act_as('gus');
select is(tests.changed('description = null', 'shared'), 0::bigint, 'a guest changes nothing');
select tests.act_as('eve');
select is(tests.changed('description = null', 'shared'), 0::bigint, 'nor does a stranger');

-- The status while it is archived.
select tests.act_as_nobody();
update public.media_library set processing_status = 'processing' where id = tests.medium('shared');
update public.media_library set is_archived = true where id = tests.medium('shared');
update public.media_library set processing_status = 'completed', generation = 1 where id = tests.medium('shared');
select results_eq(
  format('select processing_status::text, status_before_archive::text, archived_at is not null from public.media_library where id = %L', tests.medium('shared')),
  $$ values ('archived', 'completed', true) $$,
  'what processing comes to meanwhile does not restore an archived medium'
);
update public.media_library set is_archived = false where id = tests.medium('shared');
select results_eq(
  format('select processing_status::text, status_before_archive::text, archived_at from public.media_library where id = %L', tests.medium('shared')),
  $$ values ('completed', null::text, null::timestamptz) $$,
  'restored, it is what processing came to'
);

-- Duplicates.
insert into public.media_library (organization_id, user_id, file_name, file_type, file_size, checksum, visibility, created_at)
values
  (tests.organization_of('ada'), tests.user_id('max'), 'one.pdf', 'application/pdf', 1, repeat('a', 64), 'personal', now() - interval '3 days'),
  (tests.organization_of('eve'), tests.user_id('eve'), 'two.pdf', 'application/pdf', 1, repeat('a', 64), 'organization', now() - interval '2 days'),
  (tests.organization_of('ada'), tests.user_id('ada'), 'three.pdf', 'application/pdf', 1, repeat('a', 64), 'organization', now() - interval '1 day'),
  (tests.organization_of('ada'), tests.user_id('bob'), 'four.pdf', 'application/pdf', 1, repeat('a', 64), 'organization', now());
select is(
  (select duplicate.file_name from public.media_library join public.media_library as duplicate on duplicate.id = media_library.duplicate_of_media_id
    where media_library.file_name = 'four.pdf'),
  'three.pdf', 'a duplicate names the oldest that its owner may read, of the same organization'
);
delete from public.media_library where file_name = 'three.pdf';
select is(
  (select duplicate_of_media_id from public.media_library where file_name = 'four.pdf'), null,
  'when that one goes, it is a duplicate of nothing'
);

-- Deleting.
create function tests.cleanups() returns text[] language sql as $$
  select coalesce(array_agg(payload ->> 'prefix' order by id), '{}') from private.jobs
  where queue = 'storage' and payload ->> 'bucket' = 'media-library'
$$;
delete from private.jobs where queue = 'storage';
create function tests.deleted(p_name text) returns bigint language plpgsql as $$
declare
  v_count bigint;
begin
  delete from public.media_library where id = tests.medium(p_name);
  get diagnostics v_count = row_count;
  return v_count;
end;
$$;
select tests.act_as('bob');
select is(tests.deleted('of max'), 0::bigint, 'what one does not see one does not delete');
select tests.act_as('ada');
select is(tests.deleted('personal'), 0::bigint, 'not even as the owner of the organization');
select tests.act_as('gus');
select is(tests.deleted('shared'), 0::bigint, 'a guest deletes nothing');
select tests.act_as('eve');
select is(tests.deleted('shared'), 0::bigint, 'nor does a stranger');
select tests.act_as('bob');
select is(tests.deleted('shared'), 1::bigint, 'an owner deletes their medium');
select tests.act_as_nobody();
select is(
  tests.cleanups(), array[format('%s/%s/', tests.organization_of('ada'), tests.medium('shared'))],
  'and its object is removed'
);

-- Owners who leave.
insert into public.media_library (organization_id, user_id, file_name, file_type, file_size)
values (tests.organization_of('ada'), tests.user_id('bob'), 'left.pdf', 'application/pdf', 1);
delete from private.jobs where queue = 'storage';
delete from public.organization_members where user_id = tests.user_id('bob') and organization_id = tests.organization_of('ada');
select is(
  (select count(*) from public.media_library where id = tests.medium('personal')), 0::bigint,
  'what is personal goes with its owner''s place'
);
select results_eq(
  $$ select user_id from public.media_library where file_name = 'left.pdf' $$, array[null::uuid], 'what is shared stays, without an owner'
);
select is(
  tests.cleanups(), array[format('%s/%s/', tests.organization_of('ada'), tests.medium('personal'))],
  'and the object of the former is removed'
);
select tests.act_as('max');
select isnt_empty(
  $$ delete from public.media_library where file_name = 'left.pdf' returning id $$, 'who manages knowledge deletes what was left'
);
select tests.act_as_nobody();

-- An organization takes its folder along, without a job for each medium.
delete from private.jobs where queue = 'storage';
select set_config('tests.gone', tests.organization_of('eve')::text, true);
delete from public.organizations where id = tests.organization_of('eve');
select is(tests.cleanups(), array[current_setting('tests.gone') || '/'], 'the objects of an organization go in one');

select * from finish();
rollback;
