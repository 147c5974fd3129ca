-- expire_archives() and fail_lost_transfers(): archives go after seven days, and no transfer waits for a
-- job that is gone.
begin;
select * from no_plan();

select tests.create_user('ada');
select tests.act_as('ada');
select public.export_organization(tests.organization_of('ada'));
select public.export_personal_data();
select tests.act_as_nobody();
insert into public.organization_transfers (organization_id, kind, status, completed_at, archive_path, expires_at)
values
  (tests.organization_of('ada'), 'export', 'completed', now(), 'a/old.zip', now() - interval '1 second'),
  (tests.organization_of('ada'), 'export', 'completed', now(), 'a/new.zip', now() + interval '1 hour');
insert into public.personal_data_exports (user_id, status, completed_at, archive_path, expires_at)
values (tests.user_id('ada'), 'completed', now(), 'users/a/old.zip', now() - interval '1 second');
insert into storage.objects (bucket_id, name, created_at)
values
  ('imports', 'users/a/old.zip', now() - interval '9 days'),
  ('imports', 'users/a/busy.zip', now() - interval '9 days'),
  ('imports', 'users/a/new.zip', now()),
  ('exports', 'a/left.zip', now() - interval '9 days');
insert into public.organization_transfers (kind, archive_path, requested_by_user_id)
values ('import', 'users/a/busy.zip', tests.user_id('ada'));

select is(private.expire_archives(), 4, 'what is over is removed');
select results_eq(
  $$ select payload ->> 'bucket', payload ->> 'path' from private.jobs where kind = 'remove_archive' order by 1, 2 $$,
  $$ values ('exports', 'a/left.zip'), ('exports', 'a/old.zip'), ('exports', 'users/a/old.zip'), ('imports', 'users/a/old.zip') $$,
  'by jobs of the worker'
);
select results_eq(
  $$ select archive_path from public.organization_transfers where kind = 'export' and archive_path is not null $$,
  $$ values ('a/new.zip') $$,
  'and offered no more'
);
select lives_ok('select private.expire_archives()', 'again is fine');
select is((select count(*) from private.jobs where kind = 'remove_archive'), 4::bigint, 'nothing is removed twice');

-- Jobs that are gone.
delete from private.jobs where kind = 'export_organization';
insert into private.dead_jobs (job_id, queue, kind, payload, priority, attempts, max_attempts, last_error, enqueued_at)
select 1, 'transfers', 'export_organization', jsonb_build_object('transfer_id', id), 0, 5, 5, 'No room left', now()
from public.organization_transfers where kind = 'export' and status = 'pending';
insert into private.transfer_tables (transfer_id, table_name, place, columns, row_count, chunk_count)
select gen_random_uuid(), 'agents', 1, '[]', 0, 0;
select is(private.fail_lost_transfers(), 2, 'transfers without a job fail');
select results_eq(
  $$ select kind, error_message from public.organization_transfers where status = 'failed' order by kind $$,
  $$ values
    ('export', 'It broke off after 5 attempts: No room left'),
    ('import', 'It broke off: its job is gone from the queue.') $$,
  'and say why'
);
select is((select status from public.personal_data_exports where archive_path is null and completed_at is null), 'pending', 'others wait on');
select is((select count(*) from private.transfer_tables), 0::bigint, 'rows of no transfer are forgotten');

select results_eq(
  $$ select name, function_name from private.tick_parts where place between 160 and 169 order by place $$,
  $$ values ('archives_expired', 'expire_archives'), ('transfers_failed', 'fail_lost_transfers') $$,
  'the tick does both'
);

select * from finish();
rollback;
