begin;
select plan(30);

select tests.create_user(name) from unnest(array['ada', 'bob', 'cleo', 'dan']) as names (name);
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme')).id::text, true);
select set_config('tests.solo', (public.create_organization('Solo')).id::text, true);
select tests.add_member(current_setting('tests.acme')::uuid, 'bob', 'member');
select tests.add_member(current_setting('tests.acme')::uuid, 'cleo', 'admin');
select set_config('tests.ada', tests.user_id('ada')::text, true);

select is(
  public.delete_user_account(),
  jsonb_build_object('status', 'pending', 'deletion_due_at', now() + interval '30 days'),
  'an account is deleted in 30 days'
);
select results_eq(
  'select deletion_due_at from public.user_preferences', array[now() + interval '30 days'],
  'which its user can see'
);
select set_eq(
  $$ select public.my_permissions(current_setting('tests.acme')::uuid) $$,
  'select key from public.permissions', 'until then everything goes on'
);
select is(public.delete_user_account() ->> 'status', 'pending', 'asking twice is no error');
select tests.act_as('cleo');
select is_empty(
  $$ select from public.user_preferences where user_id = tests.user_id('ada') $$,
  'others do not see it'
);
select tests.act_as_nobody();
select is(private.delete_due_users(), 0, 'the engine deletes nobody early');
select tests.act_as('ada');
select is((public.restore_user_account()).deletion_due_at, null, 'it can be taken back');
select is((public.restore_user_account()).deletion_due_at, null, 'more than once');
select throws_ok(
  $$ update public.user_preferences set deletion_due_at = now() $$, '42501', null,
  'nobody writes the date'
);

select throws_ok(
  format('select public.delete_user_account(%L)', email), 'PT400',
  'That is not the email address of your account', format('"%s" is not the address', email)
)
from unnest(array['', 'bob@example.test', 'ada@example.tes', '%']) as emails (email);
select tests.act_as_anon();
select throws_ok(
  'select public.delete_user_account()', '42501', null, 'visitors have no account'
);
select throws_ok('select public.restore_user_account()', '42501', null, 'nor to restore');
select tests.act_with(
  'authenticated', jsonb_build_object('sub', gen_random_uuid(), 'role', 'authenticated')
);
select throws_ok(
  'select public.delete_user_account()', 'PT401', null, 'nor has a token whose user is gone'
);
select tests.act_as_service();
select throws_ok(
  'select public.delete_user_account()', '42501', null, 'the service has none either'
);

-- A pending organization passes to the member whose role carries most, though nobody holds a thing.
select tests.act_as('ada');
select public.delete_organization(current_setting('tests.acme')::uuid);
select is(
  public.delete_user_account(' ADA@example.test '), '{"status": "deleted", "deletion_due_at": null}',
  'with the address typed it goes at once'
);
select tests.act_as_nobody();
select is_empty(
  $$ select from auth.users where id = current_setting('tests.ada')::uuid $$, 'the user is gone'
);
select is_empty(
  $$ select from public.organizations where name in ('Solo', 'Ada') $$,
  'with the organizations that nobody else is in'
);
select results_eq(
  $$
    select organization_members.user_id
    from public.organization_members
    join public.roles on roles.id = organization_members.role_id
    where organization_members.organization_id = current_setting('tests.acme')::uuid
      and roles.name = 'owner'
  $$,
  $$ select tests.user_id('cleo') $$,
  'and others pass to whose role carries most, also while a deletion is pending'
);
select tests.act_as('cleo');
select ok(
  'organizations.delete' in (select public.my_permissions(current_setting('tests.acme')::uuid)),
  'who may restore them'
);

-- The engine.
select public.delete_user_account();
select tests.act_as('dan');
select public.delete_user_account();
select tests.act_as_nobody();
update public.user_preferences set deletion_due_at = now() where user_id = tests.user_id('dan');
select tests.act_as('dan');
select throws_ok(
  'select public.restore_user_account()', 'PT409', null, 'when the time is over there is no way back'
);
select tests.act_as_nobody();
select is(private.delete_due_users(), 1, 'who is due is deleted');
select set_eq(
  'select email from auth.users', array['bob@example.test', 'cleo@example.test'], 'and nobody else'
);

-- One with much to delete.
create or replace function private.organization_exceeds(p_organization_id uuid, p_rows bigint)
returns boolean language sql stable set search_path = '' as 'select true';
select tests.act_as('bob');
select is(
  public.delete_user_account('bob@example.test') ->> 'status', 'deleting',
  'who has much is deleted by the engine'
);
select throws_ok(
  'select public.delete_large_user(1, 1)', '42501', null, 'people do no jobs'
);
select tests.act_as_service();
create temporary table claimed as
select * from public.claim_jobs('storage', 100) where kind = 'delete_user';
select throws_ok(
  'select public.delete_large_user(id, lease_token + 1) from claimed', 'PT409', null,
  'nor does a worker without the lease'
);
select lives_ok('select public.delete_large_user(id, lease_token) from claimed', 'a worker does');
select tests.act_as_nobody();
select results_eq('select email::text from auth.users', array['cleo@example.test'], 'and the user is gone');

select * from finish();
rollback;
