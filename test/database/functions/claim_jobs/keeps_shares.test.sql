-- claim_jobs(): an organization holds at most its share of a queue's leases.
begin;
select plan(8);
select tests.create_user('ada');
select tests.create_user('bob');
insert into private.queues (queue, organization_share) values ('q', 2);

create function tests.claim(p_limit integer)
returns text
language sql
as $$
  select coalesce(string_agg(kind, ' '), '') from public.claim_jobs('q', p_limit)
$$;

select public.enqueue_job('q', 'a' || n, '{}', tests.organization_of('ada')) from generate_series(1, 6) as n;
select public.enqueue_job('q', 'b' || n, '{}', tests.organization_of('bob')) from generate_series(1, 3) as n;
select public.enqueue_job('q', 's' || n) from generate_series(1, 3) as n;
select tests.act_as_service();

select is(tests.claim(1), 'a1', 'the first in the queue is served first');
select is(tests.claim(3), 'a2 b1 b2', 'a claim passes by an organization that has its share');
select is(tests.claim(1), 's1', 'then by two');
select is(tests.claim(10), 's2 s3', 'the system has no share to use up');
select is(tests.claim(10), '', 'what is left waits');

select tests.act_as_nobody();
select private.complete_job(id, lease_token) from private.jobs where kind = 'a1';
select tests.act_as_service();
select is(tests.claim(10), 'a3', 'a completed job makes room for one of the same organization');

select tests.act_as_nobody();
select private.fail_job(id, lease_token, 'No', p_permanent => true) from private.jobs where kind = 'b1';
select private.release_job(id, lease_token) from private.jobs where kind = 'b2';
select tests.act_as_service();
select is(tests.claim(1), 'b2', 'so does a job that failed or was handed back');
select is(tests.claim(10), 'b3', 'one by one');

select * from finish();
rollback;
