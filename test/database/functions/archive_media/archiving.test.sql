-- Archiving and restoring: for the owner, and for who manages knowledge where the medium is shared.
begin;
select * from no_plan();

select tests.create_user(name) from unnest(array['ada', 'max', 'bob', 'gus', 'sue', 'eve']) as name;
select tests.add_member(tests.organization_of('ada'), 'max', 'member');
select tests.add_member(tests.organization_of('ada'), 'bob', 'member');
select tests.add_member(tests.organization_of('ada'), 'gus', 'guest');
select tests.add_member(tests.organization_of('ada'), 'sue', 'admin', 'suspended');
create table tests.media (name text primary key, id uuid not null default gen_random_uuid());
insert into tests.media (name) values ('shared'), ('personal');
grant select on tests.media to public;
create function tests.medium(p_name text) returns uuid language sql stable as $$
  select coalesce((select media.id from tests.media where media.name = p_name), gen_random_uuid())
$$;
insert into public.media_library
  (id, organization_id, user_id, file_name, file_type, file_size, visibility, processing_status, uploaded_at)
select media.id, tests.organization_of('ada'), tests.user_id('bob'), 'a.pdf', 'application/pdf', 1,
  case media.name when 'personal' then 'personal' else 'organization' end, 'completed', now()
from tests.media;

select tests.act_as('bob');
select results_eq(
  $$ select is_archived, processing_status::text from public.archive_media(tests.medium('shared')) $$, $$ values (true, 'archived') $$,
  'an owner archives their medium'
);
select results_eq(
  $$ select is_archived, status_before_archive::text from public.archive_media(tests.medium('shared')) $$, $$ values (true, 'completed') $$,
  'again changes nothing'
);
select results_eq(
  $$ select is_archived, processing_status::text, archived_at from public.restore_media(tests.medium('shared')) $$,
  $$ values (false, 'completed', null::timestamptz) $$,
  'restoring gives the status back'
);
select results_eq(
  $$ select is_archived, processing_status::text from public.restore_media(tests.medium('shared')) $$, $$ values (false, 'completed') $$,
  'again changes nothing, either'
);
select lives_ok(
  $$ update public.media_library set is_archived = true where id = tests.medium('personal') $$, 'a plain update archives as well'
);
select is((select processing_status::text from public.media_library where id = tests.medium('personal')), 'archived', 'and sets the status');

select tests.act_as('ada');
select lives_ok($$ select public.archive_media(tests.medium('shared')) $$, 'who manages knowledge archives what is shared');
select throws_ok($$ select public.restore_media(tests.medium('personal')) $$, 'PT404', 'No medium with that id', 'what is personal is not there for them');
select tests.act_as('max');
select throws_ok(
  $$ select public.restore_media(tests.medium('shared')) $$, 'PT403', 'You may not change this medium', 'a colleague sees it, and changes nothing'
);
select tests.act_as('gus');
select throws_ok($$ select public.restore_media(tests.medium('shared')) $$, 'PT404', null, 'for a guest it is not there');
select tests.act_as('sue');
select throws_ok($$ select public.archive_media(tests.medium('shared')) $$, 'PT404', null, 'nor for someone suspended');
select tests.act_as('eve');
select throws_ok($$ select public.archive_media(tests.medium('shared')) $$, 'PT404', null, 'nor for a stranger');
select throws_ok($$ select public.archive_media(tests.medium('absent')) $$, 'PT404', null, 'as for what is nowhere');
select tests.act_as_anon();
select throws_ok($$ select public.archive_media(tests.medium('shared')) $$, '42501', null, 'visitors ask nothing');
select tests.act_as_service();
select lives_ok($$ select public.restore_media(tests.medium('shared')) $$, 'the service may');

select * from finish();
rollback;
