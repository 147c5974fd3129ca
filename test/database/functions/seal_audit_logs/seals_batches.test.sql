-- seal_audit_logs(): what writers left in the queue becomes seals, each chained to the one before.
begin;
select plan(13);
select tests.create_user('ada');
select tests.create_user('bob');
select private.seal_audit_logs();
create temporary table before as
select organization_id, sequence, hash from private.audit_chains;

create function tests.write(p_name text, p_resource_id text)
returns void
language sql
as $$
  select private.record_audit_event(
    tests.organization_of(p_name), 'thing.seen', 'things', p_resource_id, '{"colour": "green"}'
  )
$$;

select tests.write('ada', n::text) from generate_series(1, 5) as n;
select tests.write('bob', n::text) from generate_series(1, 3) as n;
select is(private.seal_audit_logs(), 8, 'all that waits is sealed');
select is_empty('select from private.audit_unsealed', 'and waits no longer');
select is(private.seal_audit_logs(), 0, 'a turn without work does nothing');

select results_eq(
  $$
    select users.email::text, audit_seals.row_count, audit_seals.sequence = before.sequence + 1,
      audit_seals.previous_hash is not distinct from before.hash
    from public.audit_seals
    join before on before.organization_id = audit_seals.organization_id
      and audit_seals.sequence > before.sequence
    join public.organizations on organizations.id = audit_seals.organization_id
    join auth.users on users.id = organizations.created_by_user_id
    order by 1
  $$,
  $$ values ('ada@example.test', 5, true, true), ('bob@example.test', 3, true, true) $$,
  'each organization gets a seal of its own, chained to its last one'
);
select results_eq(
  $$
    select unnest(audit_seals.row_ids)
    from public.audit_seals
    join private.audit_chains using (organization_id, sequence)
    where organization_id = tests.organization_of('ada')
  $$,
  $$
    select id from public.audit_logs
    where organization_id = tests.organization_of('ada') and resource_type = 'things'
    order by id
  $$,
  'a seal names its rows'
);
select is_empty(
  $$
    select from public.audit_seals
    where rows_hash <> (
      select sha256(string_agg(sha256(convert_to(private.audit_log_text(audit_logs), 'UTF8')), '' order by id))
      from public.audit_logs
      where audit_logs.organization_id = audit_seals.organization_id
        and audit_logs.id = any (audit_seals.row_ids)
    )
  $$,
  'and is a hash over the hash of each'
);

-- The text of a row is the same whatever the session prefers.
create temporary table texts as select id, private.audit_log_text(audit_logs) as text from public.audit_logs;
set local time zone 'Asia/Kathmandu';
set local datestyle = 'German, DMY';
set local intervalstyle = 'iso_8601';
set local bytea_output = 'escape';
set local extra_float_digits = -5;
select is_empty(
  $$
    select from texts join public.audit_logs using (id)
    where text <> private.audit_log_text(audit_logs)
  $$,
  'the text of a row depends on no setting of the session'
);
select tests.act_as_service();
select ok(
  (select is_valid from public.verify_audit_chain(tests.organization_of('ada'))),
  'nor does the text of a seal'
);
select tests.act_as_nobody();
reset time zone;
reset datestyle;

-- A row of another month gets a seal of its own: months are archived one by one.
insert into public.audit_logs
  (organization_id, actor_type, action, resource_type, created_at)
values
  (tests.organization_of('ada'), 'system', 'thing.seen', 'things', '2024-02-29 23:59:59.999999+00'),
  (tests.organization_of('ada'), 'system', 'thing.seen', 'things', '2024-03-01 00:00:00+00'),
  (tests.organization_of('ada'), 'system', 'thing.seen', 'things', '2024-02-01 00:00:00+00');
insert into private.audit_unsealed
select id, organization_id, created_at from public.audit_logs where created_at < '2025-01-01';
select private.seal_audit_logs();
select results_eq(
  $$
    select month, row_count from public.audit_seals
    where month < '2025-01-01'
    order by sequence
  $$,
  $$ values ('2024-02-01'::date, 2), ('2024-03-01', 1) $$,
  'a seal never spans two months, as UTC counts them'
);
select tests.act_as_service();
select ok(
  (select is_valid from public.verify_audit_chain(tests.organization_of('ada'))),
  'and the chain goes through all of them'
);
select tests.act_as_nobody();

-- The bound of a turn.
select tests.write('ada', n::text) from generate_series(1, 30) as n;
select is(private.seal_audit_logs(20), 20, 'a turn takes no more than it is given');
select is(private.seal_audit_logs(20), 10, 'the next takes the rest');

-- An organization that goes.
select tests.write('bob', 'last');
delete from auth.users where id = tests.user_id('bob');
set constraints all immediate;
select is(
  (select count(*) from public.audit_seals where not exists (
    select from public.organizations where organizations.id = audit_seals.organization_id
  )),
  0::bigint,
  'an organization takes its seals along'
);

select * from finish();
rollback;
