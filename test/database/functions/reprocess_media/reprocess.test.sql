-- A medium is read anew for whoever may change it.
begin;
select plan(14);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('max');
select tests.create_user('eve');
select tests.act_as('ada');
select set_config('tests.organization', (public.create_organization('Ours')).id::text, true);
select tests.act_as_nobody();
select tests.add_member(current_setting('tests.organization')::uuid, 'bob');
select tests.add_member(current_setting('tests.organization')::uuid, 'max', 'admin');
insert into public.media_library
  (id, organization_id, user_id, file_name, file_type, file_size, uploaded_at, visibility)
values
  ('00000000-0000-0000-0000-000000000001', current_setting('tests.organization')::uuid, tests.user_id('bob'), 'a.txt', 'text/plain', 9, now(), 'organization'),
  ('00000000-0000-0000-0000-000000000002', current_setting('tests.organization')::uuid, tests.user_id('bob'), 'b.txt', 'text/plain', 9, null, 'organization'),
  ('00000000-0000-0000-0000-000000000003', current_setting('tests.organization')::uuid, tests.user_id('bob'), 'c.txt', 'text/plain', 9, now(), 'personal');
delete from private.jobs;
delete from private.media_generations;
update public.media_library set processing_status = 'failed', processing_error = 'Broken.' where file_name = 'a.txt';

select tests.act_as('bob');
select is(
  (public.reprocess_media('00000000-0000-0000-0000-000000000001')).processing_status::text, 'uploaded',
  'its owner has a medium read anew'
);
select is(
  (public.reprocess_media('00000000-0000-0000-0000-000000000001')).processing_error, null,
  'twice is fine, and the error is gone'
);
select tests.act_as_nobody();
select is((select count(*) from private.jobs where queue = 'media'), 1::bigint, 'there is one job');
select tests.act_as('max');
select lives_ok(
  $$ select public.reprocess_media('00000000-0000-0000-0000-000000000001') $$,
  'so does who holds knowledge.manage'
);
select throws_ok(
  $$ select public.reprocess_media('00000000-0000-0000-0000-000000000003') $$, 'PT404', null,
  'but another''s personal medium is not there for them'
);
select throws_ok(
  $$ select public.reprocess_media('00000000-0000-0000-0000-000000000002') $$, 'PT409', null,
  'what never arrived cannot be read'
);
select lives_ok(
  $$ select public.archive_media('00000000-0000-0000-0000-000000000001') $$, 'archived'
);
select throws_ok(
  $$ select public.reprocess_media('00000000-0000-0000-0000-000000000001') $$, 'PT409', null,
  'what is archived is restored first'
);
select tests.act_as('eve');
select throws_ok(
  $$ select public.reprocess_media('00000000-0000-0000-0000-000000000001') $$, 'PT404', null,
  'a stranger learns nothing'
);
select throws_ok(
  $$ select public.reprocess_media('00000000-0000-0000-0000-00000000000f') $$, 'PT404', null,
  'which is what one that does not exist says'
);
select tests.act_as_anon();
select throws_ok(
  $$ select public.reprocess_media('00000000-0000-0000-0000-000000000001') $$, '42501', null,
  'a visitor is refused'
);

select tests.act_as_nobody();
update public.media_library set user_id = tests.user_id('ada') where file_name = 'b.txt';
select tests.act_as('bob');
select throws_ok(
  $$ select public.reprocess_media('00000000-0000-0000-0000-000000000002') $$, 'PT403', null,
  'another''s medium is not a member''s to change'
);
select tests.act_as_nobody();
update public.organization_quotas set jobs_in_flight_limit = 1
where organization_id = current_setting('tests.organization')::uuid;
select tests.act_as('bob');
select throws_ok(
  $$ select public.reprocess_media('00000000-0000-0000-0000-000000000003') $$, 'PT429', null,
  'the organization has room for so many jobs'
);
select tests.act_as_nobody();
update public.organization_members set status = 'suspended'
where user_id = tests.user_id('bob') and organization_id = current_setting('tests.organization')::uuid;
select tests.act_as('bob');
select throws_ok(
  $$ select public.reprocess_media('00000000-0000-0000-0000-000000000003') $$, 'PT404', null,
  'whoever is suspended reaches none'
);

select * from finish();
rollback;
