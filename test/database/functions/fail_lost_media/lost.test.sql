-- A medium does not wait for ever for a job that is gone.
begin;
select plan(7);

select tests.create_user('ada');
insert into public.media_library (id, organization_id, user_id, file_name, file_type, file_size, uploaded_at)
values ('00000000-0000-0000-0000-000000000001', tests.organization_of('ada'), tests.user_id('ada'), 'a.txt', 'text/plain', 9, now());
delete from private.jobs;
delete from private.media_generations;
select private.request_media_indexing('{00000000-0000-0000-0000-000000000001}');
select is(private.fail_lost_media(), 0, 'whatever waits for its job is left alone');

-- The job kills its workers until it dies.
update private.jobs set attempts = 5, max_attempts = 5, lease_token = 7, leased_until = now() - interval '1 minute';
select is(private.return_expired_leases(), 1, 'its last lease ended');
select is(private.fail_lost_media(), 1, 'a medium whose job has died fails');
select is((select processing_status::text from public.media_library), 'failed', 'people see it');
select ok((select processing_error ~ '^The file could not be processed' from public.media_library), 'with a sentence for the uploader');
select ok((select error ~ 'It broke off after 5 attempts' from private.media_generations), 'and the reason for who looks into it');
select is(private.fail_lost_media(), 0, 'once');

select * from finish();
rollback;
