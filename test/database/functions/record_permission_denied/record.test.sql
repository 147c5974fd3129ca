begin;
select plan(13);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.add_member(tests.organization_of('ada'), 'bob', 'member');

select tests.act_as_service();
select ok(
  public.record_permission_denied(
    tests.user_id('bob'), tests.organization_of('ada'), 'secrets.manage', 'permission_denied',
    'invitation-email'
  ),
  'a function tells whom the database refused'
);
select is(
  auth.role(), 'service_role', 'and is itself again'
);
select is(auth.uid(), null, 'with no user');
select ok(
  not public.record_permission_denied(
    tests.user_id('bob'), tests.organization_of('ada'), 'secrets.manage', 'permission_denied', 'x'
  ),
  'a repetition is not written down'
);
select tests.act_as_nobody();
select results_eq(
  $$
    select actor_type, actor_id, resource_type, resource_id, severity, new_values
    from public.audit_logs
    where action = 'permission.denied' and organization_id = tests.organization_of('ada')
  $$,
  $$
    values (
      'user', tests.user_id('bob'), 'permissions', 'secrets.manage', 'warning',
      jsonb_build_object(
        'permission', 'secrets.manage', 'error', 'permission_denied',
        'function', 'invitation-email', 'suppressed_count', 0
      )
    )
  $$,
  'the denied is the user'
);

select tests.act_as_service();
select ok(
  public.record_permission_denied(tests.user_id('bob'), p_error => 'exceeds_own_permissions'),
  'without an organization'
);
select tests.act_as_nobody();
select results_eq(
  $$
    select actor_id, resource_id, new_values
    from public.audit_logs
    where action = 'permission.denied' and organization_id = tests.organization_of('bob')
  $$,
  $$
    values (
      tests.user_id('bob'), 'exceeds_own_permissions',
      '{"error": "exceeds_own_permissions", "suppressed_count": 0}'::jsonb
    )
  $$,
  'it is that in which the user works, and without a permission the error says what it was'
);

select tests.act_as_service();
select ok(
  public.record_permission_denied(
    tests.user_id('bob'), tests.organization_of('ada'), 'no such permission', repeat('x', 300), 'f'
  ),
  'what is no permission is left out, and texts are cut'
);
select ok(
  not public.record_permission_denied(gen_random_uuid(), tests.organization_of('ada')),
  'nobody is denied who does not exist'
);
select ok(
  not public.record_permission_denied(tests.user_id('bob'), gen_random_uuid()),
  'nor anything where there is nothing'
);
select ok(not public.record_permission_denied(null), 'and null is nobody');

select tests.act_as('bob');
select throws_ok(
  format('select public.record_permission_denied(%L)', tests.user_id('ada')),
  '42501', null, 'nobody writes denials of others into the log'
);
select tests.act_as_anon();
select throws_ok(
  format('select public.record_permission_denied(%L)', gen_random_uuid()),
  '42501', null, 'nor does a visitor'
);

select * from finish();
rollback;
