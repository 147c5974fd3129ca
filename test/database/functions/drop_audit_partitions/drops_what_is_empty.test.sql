-- drop_audit_partitions(): a month that is past and empty goes.
begin;
select plan(5);
select tests.create_user('ada');

create function tests.partition(p_month text)
returns void
language plpgsql
as $$
begin
  execute format(
    'create table private.audit_logs_%s partition of public.audit_logs for values from (%L) to (%L)',
    p_month, (p_month || '01')::date::timestamp at time zone 'UTC',
    ((p_month || '01')::date + interval '1 month') at time zone 'UTC'
  );
end;
$$;

select private.drop_audit_partitions();
select tests.partition('202001'), tests.partition('202002');
select tests.partition(to_char(now() at time zone 'UTC' - interval '1 month', 'YYYYMM'));
insert into public.audit_logs (organization_id, actor_type, action, resource_type, created_at)
values (tests.organization_of('ada'), 'system', 'thing.seen', 'things', '2020-02-29 23:59:59+00');

select is(private.drop_audit_partitions(), 1, 'an empty month that is past goes');
select hasnt_table('private', 'audit_logs_202001', 'that one');
select has_table('private', 'audit_logs_202002', 'one with a row stays');
select has_table(
  'private', ('audit_logs_' || to_char(now() at time zone 'UTC' - interval '1 month', 'YYYYMM'))::name,
  'so does the month that has just ended'
);
select is(private.drop_audit_partitions(), 0, 'and that is all');

select * from finish();
rollback;
