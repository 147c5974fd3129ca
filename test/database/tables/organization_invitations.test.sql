begin;
select plan(17);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('cleo');
select tests.create_user('eve');
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme')).id::text, true);
select tests.act_as('eve');
select set_config('tests.evil', (public.create_organization('Evil')).id::text, true);
insert into public.roles (organization_id, name, display_name)
values (current_setting('tests.evil')::uuid, 'spy', 'Spy');
select tests.act_as_nobody();
select tests.add_member(current_setting('tests.acme')::uuid, 'bob', 'manager');
select tests.add_member(current_setting('tests.acme')::uuid, 'cleo', 'guest');

create function tests.system_role(p_name text) returns uuid language sql stable security definer
as $$ select id from public.roles where name = p_name and organization_id is null $$;
-- An invitation to Acme with some columns of one's own, as the service writes it.
create function tests.write(p_columns text, p_values text) returns text language sql volatile
as $$
  select format(
    'insert into public.organization_invitations (organization_id, role_id, %s) values (%L, %L, %s)',
    p_columns, current_setting('tests.acme'), tests.system_role('guest'), p_values
  )
$$;

select policies_are('public', 'organization_invitations', array['select_inviter']);
select tests.act_as_service();
select lives_ok(
  tests.write('email', $$ 'nora@example.test' $$), 'the service may write an invitation'
);

-- Reading.
select tests.act_as('bob');
select results_eq(
  'select email, status from public.organization_invitations',
  $$ values ('nora@example.test', 'pending') $$,
  'who may invite sees who is invited'
);
select tests.act_as('cleo');
select is_empty('select * from public.organization_invitations', 'other members do not');
select tests.act_as('eve');
select is_empty('select * from public.organization_invitations', 'nor do strangers');
select tests.act_as_anon();
select throws_ok(
  'select * from public.organization_invitations', '42501', null, 'visitors see nothing'
);

-- Writing past the functions.
select tests.act_as('ada');
select throws_ok(
  tests.write('email', $$ 'more@example.test' $$), '42501', null, 'not even an owner inserts'
);
select throws_ok(
  $$ update public.organization_invitations set expires_at = now() + interval '1 year' $$,
  '42501', null,
  'or updates'
);
select throws_ok(
  'delete from public.organization_invitations', '42501', null, 'or deletes'
);
select throws_ok(
  'select * from private.invitation_tokens', '42501', null, 'or reads what is kept of tokens'
);
select tests.act_as_service();
select throws_ok(
  'select * from private.invitation_tokens', '42501', null, 'nor does the service'
);

-- What can be.
select throws_ok(
  tests.write('email', $$ 'nora@example.test' $$),
  '23505', null,
  'one invitation at a time waits for an address'
);
select throws_ok(
  tests.write('email', $$ 'Nora@example.test' $$), '23514', null, 'addresses are lowercase'
);
select throws_ok(
  tests.write('email, status', $$ 'b@example.test', 'accepted' $$),
  '23514', null,
  'an answer has its time'
);
select throws_ok(
  tests.write(
    'email, accepted_by_user_id', format('%L, %L', 'b@example.test', tests.user_id('bob'))
  ),
  '23514', null,
  'what waits was accepted by nobody'
);
select throws_ok(
  $$
    update public.organization_invitations
    set role_id = (select id from public.roles where name = 'spy')
  $$,
  'PT404', null,
  'the role is of the system or of the organization'
);
select throws_ok(
  'update public.organization_invitations set role_id = null', 'PT404', null, 'and never none'
);

select * from finish();
rollback;
