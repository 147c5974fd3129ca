-- A medium that is about to be uploaded: what is refused before a byte is sent, and what is waited for.
begin;
select * from no_plan();

select tests.create_user(name) from unnest(array['ada', 'max', 'bob', 'gus', 'sue', 'eve']) as name;
select tests.add_member(tests.organization_of('ada'), 'max', 'admin');
select tests.add_member(tests.organization_of('ada'), 'bob', 'member');
select tests.add_member(tests.organization_of('ada'), 'gus', 'guest');
select tests.add_member(tests.organization_of('ada'), 'sue', 'admin', 'suspended');

create function tests.create_upload(
  p_name text default 'a.pdf', p_type text default 'application/pdf', p_size bigint default 10, p_checksum text default null,
  p_allow_duplicate boolean default false, p_visibility text default null, p_organization text default 'ada', p_media_id uuid default null
) returns public.media_library language sql as $$
  select * from public.create_media_upload(
    p_name, p_type, p_size, tests.organization_of(p_organization), p_checksum,
    p_visibility => p_visibility, p_media_id => p_media_id, p_allow_duplicate => p_allow_duplicate
  )
$$;
create function tests.arrive(p_file text) returns void language plpgsql as $$
begin
  insert into storage.objects (bucket_id, name, version, metadata)
  select bucket, storage_path, gen_random_uuid()::text, '{"size": 10}' from public.media_library where file_name = p_file
  on conflict (bucket_id, name) do update set version = excluded.version;
  perform private.receive_media(array(select id from public.media_library where file_name = p_file));
end;
$$;

-- Names and types.
select tests.act_as('bob');
select results_eq(
  format('select file_name, display_name, file_type, storage_path ~ file_name from tests.create_upload(%L, %L)', given, type),
  format('values (%L, %L, %L, true)', stored, given, wanted),
  format('%s is stored as %s', given, stored)
)
from (
  values
    ('Plan 2026.pdf', 'application/pdf', 'Plan 2026.pdf', 'application/pdf'),
    ('Bürgeramt Größe.docx', '', 'Burgeramt Gro_e.docx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'),
    ('notes.md', 'application/octet-stream', 'notes.md', 'text/markdown'),
    ('会社.csv', 'text/csv; charset=utf-8', '_.csv', 'text/csv'),
    ('C:\Users\x\report.HTML', '', 'C:_Users_x_report.HTML', 'text/html')
) as files (given, type, stored, wanted);
select tests.act_as_nobody();
select is(private.storage_file_name(given), stored, format('"%s" becomes "%s"', left(given, 20), left(stored, 20)))
from (
  values ('', 'file'), ('..', 'file'), ('   ', 'file'), ('../../etc/passwd', '.._.._etc_passwd'), ('a%2fb', 'a_2fb'),
    (repeat('a', 300) || '.pdf', repeat('a', 180) || repeat('a', 16) || '.pdf')
) as names (given, stored);
select tests.act_as('bob');
select throws_ok(
  format('select tests.create_upload(%L, %L, %s)', name, type, size), code, null, format('%s of %s is refused with %s', name, type, code)
)
from (
  values
    ('a.exe', '', 10, 'PT415'), ('a', '', 10, 'PT415'), ('a.pdf', 'application/zip', 10, 'PT415'),
    ('a.pdf', 'application/pdf', 52428801, 'PT413'), ('a.pdf', 'application/pdf', -1, 'PT400')
) as refused (name, type, size, code);
select throws_ok($$ select tests.create_upload(p_checksum => 'abc') $$, 'PT400', 'The description of the medium is not valid', 'so is a checksum that is none');
select throws_ok($$ select tests.create_upload(p_visibility => 'public') $$, 'PT400', null, 'and a visibility that there is not');

-- Who.
select throws_ok($$ select tests.create_upload(p_organization => 'eve') $$, 'PT403', null, 'nobody adds to another organization');
select tests.act_as('gus');
select throws_ok($$ select tests.create_upload() $$, 'PT403', null, 'guests add nothing');
select tests.act_as('sue');
select throws_ok($$ select tests.create_upload() $$, 'PT403', null, 'nor do the suspended');
select tests.act_as('eve');
select throws_ok($$ select tests.create_upload() $$, 'PT403', null, 'nor do strangers');
select tests.act_as_anon();
select throws_ok($$ select tests.create_upload() $$, '42501', null, 'nor visitors');

-- Duplicates.
select tests.act_as('bob');
select lives_ok($$ select tests.create_upload('first.pdf', p_checksum => repeat('A', 64)) $$, 'a file is announced with its checksum');
select lives_ok($$ select tests.create_upload('retry.pdf', p_checksum => repeat('a', 64)) $$, 'again, as long as it did not arrive');
select tests.act_as_nobody();
select tests.arrive('first.pdf');
select tests.act_as('bob');
select throws_ok(
  $$ select tests.create_upload('second.pdf', p_checksum => repeat('a', 64)) $$, 'PT409', 'The media library has this file already', 'then no more'
);
select tests.act_as_nobody();
create function tests.hint_of(p_statement text) returns text language plpgsql as $$
declare
  v_hint text;
begin
  execute p_statement;
  return null;
exception
  when others then
    get stacked diagnostics v_hint = pg_exception_hint;
    return v_hint;
end;
$$;
select tests.act_as('bob');
select ok(
  tests.hint_of($$ select tests.create_upload('second.pdf', p_checksum => repeat('a', 64)) $$)
    like '%' || (select id from public.media_library where file_name = 'first.pdf') || '%',
  'and the refusal names the medium'
);
select isnt(
  (select duplicate_of_media_id from tests.create_upload('second.pdf', p_checksum => repeat('a', 64), p_allow_duplicate => true)), null,
  'unless it is meant; the new one says what it is'
);
select lives_ok($$ select tests.create_upload('own.pdf', p_checksum => repeat('b', 64), p_visibility => 'personal') $$, 'something personal is announced');
select tests.act_as_nobody();
select tests.arrive('own.pdf');
select tests.act_as('max');
select lives_ok(
  $$ select tests.create_upload('theirs.pdf', p_checksum => repeat('b', 64)) $$, 'nobody learns from a refusal what others keep to themselves'
);
select is((select duplicate_of_media_id from public.media_library where file_name = 'theirs.pdf'), null, 'nor from the row');

-- New versions.
select tests.act_as_nobody();
create function tests.first_medium() returns uuid language sql stable security definer as $$
  select id from public.media_library where file_name = 'first.pdf'
$$;
select tests.act_as('bob');
select results_eq(
  $$ select id, file_name, upload_expires_at > now(), uploaded_at is not null, checksum is not null
    from tests.create_upload('whatever.pdf', p_media_id => tests.first_medium()) $$,
  $$ values (tests.first_medium(), 'first.pdf', true, true, true) $$,
  'a medium waits for a new version under its own path, and stays what it is meanwhile'
);
select throws_ok(
  $$ select tests.create_upload('a.csv', 'text/csv', p_media_id => tests.first_medium()) $$, 'PT409', 'The medium is of the type application/pdf',
  'a new version is of the same type'
);
select tests.act_as('max');
select lives_ok($$ select tests.create_upload(p_media_id => tests.first_medium()) $$, 'who manages knowledge uploads one as well');
select tests.act_as('eve');
select throws_ok($$ select tests.create_upload(p_media_id => tests.first_medium(), p_organization => 'eve') $$, 'PT404', null, 'a stranger none');
select tests.act_as_nobody();
select tests.add_member(tests.organization_of('ada'), 'eve', 'member');
select tests.act_as('eve');
select throws_ok($$ select tests.create_upload(p_media_id => tests.first_medium()) $$, 'PT403', null, 'nor a colleague');
select tests.act_as('bob');
select lives_ok($$ select public.archive_media(tests.first_medium()) $$, 'archived');
select throws_ok($$ select tests.create_upload(p_media_id => tests.first_medium()) $$, 'PT409', 'The medium is archived', 'a medium takes no new version');

-- Room.
select tests.act_as_nobody();
update public.organization_quotas set storage_bytes_limit = 30 where organization_id = tests.organization_of('ada');
select tests.act_as('bob');
select lives_ok($$ select tests.create_upload('small.pdf', p_size => 10) $$, 'what fits is announced');
select throws_ok($$ select tests.create_upload('large.pdf', p_size => 11) $$, 'PT429', null, 'what does not is refused');
select tests.act_as_nobody();
update public.organization_quotas
set storage_bytes_limit = null, rows_limit = private.count_organization_rows(tests.organization_of('ada'))
where organization_id = tests.organization_of('ada');
select tests.act_as('bob');
set constraints all immediate;
select throws_ok($$ select tests.create_upload('row.pdf') $$, 'PT429', null, 'media count as rows');

select * from finish();
rollback;
