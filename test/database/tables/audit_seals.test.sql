-- Seals and archives of the audit trail are read by auditors and written by nobody.
begin;
select plan(22);
select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('mia');
select tests.create_user('sue');
select tests.add_member(tests.organization_of('ada'), 'bob', 'admin');
select tests.add_member(tests.organization_of('ada'), 'mia', 'manager');
select tests.add_member(tests.organization_of('ada'), 'sue', 'admin', 'suspended');
select private.record_audit_event(tests.organization_of('ada'), 'thing.seen', 'things');
select private.seal_audit_logs();
insert into public.audit_archives
  (
    organization_id, month, part, path, sha256, byte_count, row_count, seal_count, first_sequence,
    last_sequence, first_row_at, last_row_at
  )
values (
  tests.organization_of('ada'), '2024-02-01', 1, tests.organization_of('ada') || '/a', repeat('0', 64),
  20, 2, 1, 1, 1, '2024-02-01', '2024-02-03'
);

select policies_are('public', 'audit_seals', array['select_auditor']);
select policies_are('public', 'audit_archives', array['select_auditor']);

-- The owner of the tables.
select throws_ok('update public.audit_seals set sequence = sequence + 1', 'PT403', null, 'no seal is changed');
select throws_ok(
  $$ update public.audit_seals set archive_path = 'x', archived_at = now(), rows_hash = '' $$, 'PT403', null,
  'not under the pretext of an archive'
);
select throws_ok('delete from public.audit_seals', 'PT403', null, 'none is deleted');
select throws_ok('truncate public.audit_seals', 'PT403', null, 'nor all of them');
select lives_ok(
  $$
    update public.audit_seals set archive_path = 'x', archived_at = now()
    where organization_id = tests.organization_of('ada')
  $$,
  'where its rows went is added'
);
select throws_ok(
  $$ update public.audit_seals set archive_path = null, archived_at = null where archive_path is not null $$,
  'PT403', null, 'once'
);
select throws_ok(
  'update public.audit_archives set sha256 = repeat(''1'', 64)', 'PT403', null, 'no archive is changed'
);
select throws_ok('delete from public.audit_archives', 'PT403', null, 'none is deleted');
select throws_ok('truncate public.audit_archives', 'PT403', null, 'nor all of them');

-- The service.
select tests.act_as_service();
select isnt_empty('select from public.audit_seals', 'the service reads seals');
select throws_ok('delete from public.audit_seals', '42501', null, 'and writes none');
select throws_ok('delete from public.audit_archives', '42501', null, 'nor archives');

-- People.
select tests.act_as('bob');
select isnt_empty(
  $$ select from public.audit_seals where organization_id = tests.organization_of('ada') $$,
  'an admin reads seals'
);
select isnt_empty('select from public.audit_archives', 'and where archives are');
select throws_ok('delete from public.audit_seals', '42501', null, 'and writes none');
select tests.act_as('mia');
select is_empty(
  $$
    select organization_id from public.audit_seals where organization_id = tests.organization_of('ada')
    union all
    select organization_id from public.audit_archives
  $$,
  'a manager reads none'
);
select tests.act_as('sue');
select is_empty(
  $$
    select organization_id from public.audit_seals where organization_id = tests.organization_of('ada')
    union all
    select organization_id from public.audit_archives
  $$,
  'nor does a suspended admin'
);
select tests.act_as_anon();
select throws_ok('select from public.audit_seals', '42501', null, 'visitors read nothing');

-- An organization that goes.
select tests.act_as_nobody();
delete from auth.users where id = tests.user_id('bob');
select lives_ok(
  $$ delete from public.organizations where id = tests.organization_of('ada') $$,
  'an organization with seals and archives can go'
);
select is_empty('select from public.audit_archives', 'and takes them along');

select * from finish();
rollback;
