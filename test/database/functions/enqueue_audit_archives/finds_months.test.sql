-- enqueue_audit_archives(): a month past its organization's retention becomes a job.
begin;
select plan(15);
select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('cleo');
select tests.add_member(tests.organization_of('ada'), 'cleo', 'admin');

create function tests.write(p_name text, p_months integer)
returns void
language sql
as $$
  with written as (
    insert into public.audit_logs (organization_id, actor_type, action, resource_type, created_at)
    values (
      tests.organization_of(p_name), 'system', 'thing.seen', 'things',
      (date_trunc('month', now() at time zone 'UTC') - make_interval(months => p_months))
        at time zone 'UTC' + interval '3 days'
    )
    returning id, organization_id, created_at
  )
  insert into private.audit_unsealed select * from written
$$;

create function tests.months_enqueued()
returns text
language sql
as $$
  select string_agg(
    (select split_part(email, '@', 1) from auth.users
      join public.organizations on organizations.created_by_user_id = users.id
      where organizations.id = jobs.organization_id)
    || (
      extract(year from age(date_trunc('month', now()), (payload ->> 'month' || '-01')::date)) * 12
      + extract(month from age(date_trunc('month', now()), (payload ->> 'month' || '-01')::date))
    ), ' ' order by organization_id = tests.organization_of('cleo'), organization_id = tests.organization_of('bob')
  )
  from private.jobs
  where queue = 'audit' and kind = 'archive_audit_month'
$$;

select is(
  (select audit_retention_months from public.organization_quotas where organization_id = tests.organization_of('ada')),
  24, 'audit logs stay two years unless something else is said'
);
select tests.write('ada', 0), tests.write('ada', 1), tests.write('ada', 24), tests.write('cleo', 5);
select private.seal_audit_logs();
select is(private.enqueue_audit_archives('0'), 0, 'what is within them stays');
select tests.write('ada', 25), tests.write('ada', 26), tests.write('ada', 26), tests.write('bob', 30);
select is(private.enqueue_audit_archives('0'), 0, 'what is not sealed stays');
select private.seal_audit_logs();
select is(private.enqueue_audit_archives('0'), 2, 'of each organization, the oldest month goes first');
select is(tests.months_enqueued(), 'ada26 bob30', 'that is past them');
select is(private.enqueue_audit_archives('0'), 0, 'and has one job');
delete from private.jobs where organization_id = tests.organization_of('bob');
select is(private.enqueue_audit_archives(), 0, 'it is looked for from time to time');
select is(private.enqueue_audit_archives('0'), 1, 'and a job that got lost comes back');
insert into private.dead_jobs
  (job_id, queue, kind, organization_id, payload, priority, attempts, max_attempts, last_error, enqueued_at)
select id, queue, kind, organization_id, payload, 0, 5, 5, 'No', now()
from private.jobs where organization_id = tests.organization_of('bob');
delete from private.jobs where organization_id = tests.organization_of('bob');
select is(private.enqueue_audit_archives('0'), 0, 'one that died rests');
update private.dead_jobs set died_at = now() - interval '25 hours';
select is(private.enqueue_audit_archives('0'), 1, 'and is tried again after a day');
select is(
  (select jsonb_agg(functions order by functions) from jsonb_array_elements(private.tick() -> 'functions') as functions)
    @> '["audit-archiver"]',
  true, 'the tick names the function that does it'
);

-- Who decides how long.
delete from private.jobs;
select tests.act_as('ada');
update public.organization_quotas set audit_retention_months = 1;
select throws_ok(
  'update public.organization_quotas set audit_retention_months = 0', '23514', null,
  'a month is the least'
);
select throws_ok(
  'update public.organization_quotas set audit_retention_months = 121', '23514', null,
  'ten years are the most'
);
select tests.act_as('cleo');
select is_empty(
  $$
    update public.organization_quotas set audit_retention_months = 120
    where organization_id = tests.organization_of('ada') returning organization_id
  $$,
  'an admin does not decide that'
);
select tests.act_as_nobody();
update public.organization_quotas set audit_retention_months = 4
where organization_id = tests.organization_of('cleo');
select private.enqueue_audit_archives('0');
select is(tests.months_enqueued(), 'ada26 bob30 cleo5', 'an organization with another retention has its own months');

select * from finish();
rollback;
