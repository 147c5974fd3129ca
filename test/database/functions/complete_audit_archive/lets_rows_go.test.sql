-- complete_audit_archive(): rows leave the database once they are in Storage, and not before.
begin;
select plan(40);
select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('cleo');
select tests.create_user('mia');
select tests.add_member(tests.organization_of('ada'), 'cleo', 'admin', 'suspended');
select tests.add_member(tests.organization_of('ada'), 'mia', 'manager');

-- Neither sealing nor archiving asks whether the organization has room.
update public.organization_quotas set rows_limit = 0, storage_bytes_limit = 0, requests_per_minute_limit = 0;

create function tests.write(p_name text, p_day integer, p_text text default 'x')
returns void
language sql
as $$
  with written as (
    insert into public.audit_logs
      (organization_id, actor_type, action, resource_type, new_values, created_at)
    values (
      tests.organization_of(p_name), 'system', 'thing.seen', 'things',
      jsonb_build_object('day', p_day, 'text', p_text), '2024-02-01 00:00:00+00'::timestamptz + make_interval(days => p_day - 1)
    )
    returning id, organization_id, created_at
  )
  insert into private.audit_unsealed select * from written
$$;
select private.seal_audit_logs();
create temporary table base as
select sequence from private.audit_chains where organization_id = tests.organization_of('ada');
grant select on base to public;

-- Two seals of February, one of March between them, and one of another organization.
select tests.write('ada', 1), tests.write('ada', 2), tests.write('bob', 1);
select private.seal_audit_logs();
select tests.write('ada', 31);
select private.seal_audit_logs();
select tests.write('ada', 3), tests.write('ada', 4), tests.write('ada', 5);
select private.seal_audit_logs();

create function tests.february(p_name text default 'ada')
returns bigint
language sql
as $$
  select count(*) from public.audit_logs
  where organization_id = tests.organization_of(p_name)
    and created_at between '2024-02-01' and '2024-03-01'
$$;

-- What Storage knows after an upload.
create function tests.upload(p_path text, p_bytes integer)
returns void
language sql
security definer
as $$
  insert into storage.objects (bucket_id, name, metadata)
  values ('audit-archives', p_path, jsonb_build_object('size', p_bytes))
$$;

create function tests.claim()
returns void
language sql
as $$
  select set_config('tests.job', id::text, true), set_config('tests.token', lease_token::text, true)
  from public.claim_jobs('audit')
$$;
create function tests.job() returns bigint language sql stable as $$ select current_setting('tests.job')::bigint $$;
create function tests.token() returns bigint language sql stable as $$ select current_setting('tests.token')::bigint $$;

create function tests.complete(p_path text, p_bytes integer, p_rows integer, p_seal integer)
returns integer
language sql
as $$
  select public.complete_audit_archive(
    tests.job(), tests.token(), p_path, repeat('a', 64), p_bytes, p_rows,
    (select base.sequence + p_seal from base)
  )
$$;

select private.enqueue_jobs(
  'audit', 'archive_audit_month', array['{"month": "2024-02"}'::jsonb], array[tests.organization_of('ada')]
);
select tests.act_as_service();
select tests.claim();
select results_eq(
  $$
    select month ->> 'organization_id', month ->> 'month', month ->> 'seal_count', month ->> 'row_count'
    from public.start_audit_archive(tests.job(), tests.token()) as month
  $$,
  $$ select tests.organization_of('ada')::text, '2024-02', '2', '5' $$,
  'a worker is told what there is of the month'
);

-- Pages.
select set_config(
  'tests.page', public.read_audit_archive_page(tests.job(), tests.token())::text, true
);
select is(current_setting('tests.page')::jsonb ->> 'row_count', '5', 'a page holds its rows');
select is(current_setting('tests.page')::jsonb -> 'is_whole', 'true', 'and ends with a whole seal');
select is(
  (current_setting('tests.page')::jsonb ->> 'through_sequence')::bigint, (select sequence + 3 from base),
  'the last one'
);
select is(
  (
    select string_agg(coalesce(line::jsonb #>> '{new_values,day}', 'seal'), ' ' order by place)
    from regexp_split_to_table(rtrim(current_setting('tests.page')::jsonb ->> 'lines', E'\n'), E'\n')
      with ordinality as lines (line, place)
  ),
  '1 2 seal 3 4 5 seal', 'each seal after its rows'
);
select results_eq(
  $$
    select sha256(convert_to(line, 'UTF8'))
    from regexp_split_to_table(rtrim(current_setting('tests.page')::jsonb ->> 'lines', E'\n'), E'\n') as line
    where line::jsonb ? 'sequence'
    order by 1
  $$,
  $$
    select hash from public.audit_seals
    where organization_id = tests.organization_of('ada') and month = '2024-02-01'
    order by 1
  $$,
  'a line is what its hash was taken of'
);
select is(
  public.read_audit_archive_page(
    tests.job(), tests.token(),
    (current_setting('tests.page')::jsonb ->> 'sequence')::bigint,
    (current_setting('tests.page')::jsonb ->> 'row_id')::bigint
  ),
  null, 'behind the last page there is none'
);

-- What is refused.
select throws_ok(
  $$ select tests.complete(tests.organization_of('ada') || '/one', 100, 2, 1) $$,
  'PT409', 'There is no such object in Storage, or it is not whole',
  'nothing goes before the archive is in Storage'
);
select tests.upload(tests.organization_of('ada') || '/one', 100);
select throws_ok(
  $$ select tests.complete(tests.organization_of('ada') || '/one', 99, 2, 1) $$,
  'PT409', 'There is no such object in Storage, or it is not whole', 'nor in another size'
);
select throws_ok(
  $$ select tests.complete(tests.organization_of('ada') || '/one', 100, 1, 1) $$,
  'PT409', 'The archive holds 1 rows where there are 2', 'nor with another number of rows'
);
select tests.upload(tests.organization_of('bob') || '/one', 100);
select throws_ok(
  $$ select tests.complete(tests.organization_of('bob') || '/one', 100, 2, 1) $$,
  '23514', null, 'nor in the folder of another organization'
);
select tests.act_as_nobody();
select is(tests.february(), 5::bigint, 'so far all is here');
select throws_ok(
  'delete from public.audit_logs where created_at < ''2024-03-01''', 'PT403', null,
  'and nobody may delete any'
);

-- The first part.
select tests.act_as_service();
select is(tests.complete(tests.organization_of('ada') || '/one', 100, 2, 1), 2, 'then the rows go');
select tests.act_as_nobody();
select is(tests.february(), 3::bigint, 'those of the part');
select is(tests.february('bob'), 1::bigint, 'of the organization');
select results_eq(
  $$
    select part, path, row_count, seal_count, first_sequence, last_sequence, byte_count
    from public.audit_archives
  $$,
  $$
    select 1, tests.organization_of('ada') || '/one', 2::bigint, 1::bigint, sequence + 1, sequence + 1, 100::bigint
    from base
  $$,
  'it is recorded where they are'
);
select is(
  (
    select new_values ->> 'sha256' from public.audit_logs
    where organization_id = tests.organization_of('ada') and action = 'audit.archived'
  ),
  repeat('a', 64), 'also in the trail itself'
);
select is(
  (
    select count(*) from private.audit_documents
    where organization_id = tests.organization_of('ada') and created_at between '2024-02-01' and '2024-03-01'
  ),
  3::bigint, 'and what they were found by goes with them'
);
select throws_ok(
  $$
    delete from public.audit_logs
    where organization_id = tests.organization_of('ada') and created_at between '2024-02-03' and '2024-02-29'
  $$,
  'PT403', null, 'what no archive holds stays guarded'
);
select tests.act_as_service();
select is(
  (select concat_ws(' ', is_valid, sealed_row_count >= 4, archived_row_count) from public.verify_audit_chain(tests.organization_of('ada'))),
  't t 2', 'the chain still verifies'
);
select is(
  (select month ->> 'row_count' from public.start_audit_archive(tests.job(), tests.token()) as month),
  '3', 'the rest of the month is left'
);

-- The second part, with a row that was altered and one that is missing.
select tests.act_as_nobody();
alter table public.audit_logs disable trigger _100_keep;
update public.audit_logs set new_values = '{}'
where organization_id = tests.organization_of('ada') and created_at = '2024-02-03';
alter table public.audit_logs enable trigger _100_keep;
select tests.act_as_service();
select tests.upload(tests.organization_of('ada') || '/two', 200);
select is(tests.complete(tests.organization_of('ada') || '/two', 200, 3, 3), 3, 'what was altered goes, too');
select is(
  (
    select concat_ws(' ', is_valid, broken_sequence - (select sequence from base), reason)
    from public.verify_audit_chain(tests.organization_of('ada'))
  ),
  'f 3 row_altered', 'and it stays known that it was'
);
select is(
  public.start_audit_archive(tests.job(), tests.token()), null, 'then the month is through'
);
select tests.act_as_nobody();
select is(
  (select count(*) from public.audit_logs where organization_id = tests.organization_of('ada') and created_at = '2024-03-02'),
  1::bigint, 'the next month is still here'
);

-- A row that comes late.
select tests.write('ada', 4, 'late');
select private.seal_audit_logs();
select tests.act_as_service();
select is(
  (select month ->> 'row_count' from public.start_audit_archive(tests.job(), tests.token()) as month),
  '1', 'a row that was sealed after its month was archived is archived after it'
);
select tests.upload(tests.organization_of('ada') || '/three', 10);
select is(
  public.complete_audit_archive(
    tests.job(), tests.token(), tests.organization_of('ada') || '/three', repeat('b', 64), 10, 1, 1000000
  ),
  1, 'as a part of its own'
);
select is((select max(part) from public.audit_archives), 3, 'the next');

-- A worker that was given up on.
select throws_ok(
  $$ select public.start_audit_archive(tests.job(), tests.token() - 1) $$, 'PT409', null,
  'who lost the lease starts nothing'
);
select throws_ok(
  $$ select public.read_audit_archive_page(tests.job(), tests.token() - 1) $$, 'PT409', null,
  'reads nothing'
);
select throws_ok(
  $$ select public.complete_audit_archive(tests.job(), tests.token() - 1, 'x', 'x', 1, 0, 1) $$,
  'PT409', null, 'and completes nothing'
);
select is(
  public.is_audit_archive_orphaned(tests.organization_of('ada') || '/one'), false,
  'the archive of an organization is kept'
);
select is(
  public.is_audit_archive_orphaned(gen_random_uuid() || '/one'), true,
  'that of one that is gone is not'
);

-- People.
select tests.act_as('ada');
select is((select count(*) from public.audit_archives), 3::bigint, 'an owner sees the archives');
select is(
  (select count(*) from storage.objects where bucket_id = 'audit-archives'), 3::bigint,
  'and may fetch them'
);
select throws_ok(
  $$ select public.start_audit_archive(1, 1) $$, '42501', null, 'but archives nothing'
);
select tests.act_as('mia');
select is_empty(
  $$ select from public.audit_archives union all select from storage.objects where bucket_id = 'audit-archives' $$,
  'a manager sees none'
);
select tests.act_as('cleo');
select is_empty(
  $$ select from public.audit_archives union all select from storage.objects where bucket_id = 'audit-archives' $$,
  'nor does a suspended admin'
);
select tests.act_as('bob');
select is(
  (select string_agg(name, ' ') from storage.objects where bucket_id = 'audit-archives'),
  tests.organization_of('bob') || '/one', 'nor anybody what is not theirs'
);

select * from finish();
rollback;
