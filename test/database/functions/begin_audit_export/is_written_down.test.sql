-- begin_audit_export(): whoever takes the audit trail along is written down first.
begin;
select plan(9);
select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('cleo');
select tests.create_user('dan');
insert into public.roles (organization_id, name, display_name)
values (tests.organization_of('ada'), 'courier', 'Courier');
insert into public.role_permissions (organization_id, role_id, permission_key)
select organization_id, id, 'audit.export' from public.roles where name = 'courier';
select tests.add_member(tests.organization_of('ada'), 'bob', 'manager');
select tests.add_member(tests.organization_of('ada'), 'cleo', 'admin', 'suspended');
select tests.add_member(tests.organization_of('ada'), 'dan', 'guest');
update public.organization_members
set role_id = (select id from public.roles where name = 'courier')
where user_id = tests.user_id('dan') and organization_id = tests.organization_of('ada');

select tests.act_as('ada');
select is(
  public.begin_audit_export(tests.organization_of('ada'), 'csv', '{"query": "green", "token": "tttt"}'),
  (select slug from public.organizations where id = tests.organization_of('ada')),
  'an owner begins'
);
select results_eq(
  $$
    select actor_id, resource_type, new_values, severity
    from public.audit_logs
    where organization_id = tests.organization_of('ada') and action = 'audit.exported'
  $$,
  $$
    select tests.user_id('ada'), 'audit_logs', '{
      "format": "csv", "filters": {"query": "green", "token": "[redacted]"}
    }'::jsonb, 'warning'
  $$,
  'and it is written down, with what was asked for'
);
select throws_ok(
  $$ select public.begin_audit_export(tests.organization_of('ada'), 'xlsx') $$,
  'PT400', null, 'there are two formats'
);
select throws_ok(
  $$ select public.begin_audit_export(tests.organization_of('ada'), 'csv', '[]') $$,
  'PT400', null, 'filters are an object'
);
select tests.act_as('bob');
select throws_ok(
  $$ select public.begin_audit_export(tests.organization_of('ada'), 'csv') $$,
  'PT403', null, 'a manager exports nothing'
);
select tests.act_as('cleo');
select throws_ok(
  $$ select public.begin_audit_export(tests.organization_of('ada'), 'csv') $$,
  'PT403', null, 'nor does a suspended admin'
);
select tests.act_as('dan');
select throws_ok(
  $$ select public.begin_audit_export(tests.organization_of('ada'), 'csv') $$,
  'PT403', null, 'nor does who may export and not read'
);
select tests.act_as_anon();
select throws_ok(
  $$ select public.begin_audit_export(gen_random_uuid(), 'csv') $$,
  '42501', null, 'visitors begin nothing'
);
select tests.act_as_nobody();
select is(
  (select count(*) from public.audit_logs where action = 'audit.exported'),
  1::bigint, 'what was refused left nothing'
);

select * from finish();
rollback;
