-- expire_invitations(): the part of the tick that closes what nobody answered.
begin;
select plan(6);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('cleo');
select tests.create_user('dan');
select tests.create_user('eve');
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme')).id::text, true);
select tests.act_as_nobody();
select tests.add_member(current_setting('tests.acme')::uuid, 'bob', 'admin');
select tests.add_member(current_setting('tests.acme')::uuid, 'cleo', 'member');
select tests.add_member(current_setting('tests.acme')::uuid, 'dan', 'admin', 'suspended');

create function tests.system_role(p_name text) returns uuid language sql stable security definer
as $$ select id from public.roles where name = p_name and organization_id is null $$;
-- What a call said: "ok", or the sqlstate and the key.
create function tests.answer(p_statement text) returns text
language plpgsql volatile
as $$
declare
  v_detail text;
begin
  execute p_statement;
  return 'ok';
exception
  when others then
    get stacked diagnostics v_detail = pg_exception_detail;
    return concat_ws(' ', sqlstate, nullif(v_detail, ''));
end;
$$;

insert into public.organization_invitations (organization_id, email, role_id, expires_at)
select
  current_setting('tests.acme')::uuid, name || '@example.test', tests.system_role('guest'),
  now() + late
from (values
  ('late', interval '-1 second'), ('now', interval '0'), ('soon', interval '1 minute')
) as due (name, late);
insert into public.organization_invitations
  (organization_id, email, role_id, expires_at, status, responded_at)
values (
  current_setting('tests.acme')::uuid, 'no@example.test', tests.system_role('guest'),
  now() - interval '1 day', 'declined', now()
);

select tests.act_as_service();
select is(public.tick() ->> 'invitations_expired', '2', 'the tick counts what it closed');
select tests.act_as_nobody();
select bag_eq(
  $$ select email || ' ' || status from public.organization_invitations $$,
  array[
    'late@example.test expired', 'now@example.test expired', 'soon@example.test pending',
    'no@example.test declined'
  ],
  'only what was due, and never an answer'
);
select is(private.expire_invitations(), 0, 'once');

-- What goes with whom.
update auth.users set email_confirmed_at = now() where email = 'cleo@example.test';
insert into public.organization_invitations (organization_id, email, role_id, status)
values
  (current_setting('tests.acme')::uuid, 'cleo@example.test', tests.system_role('guest'), 'revoked'),
  (current_setting('tests.acme')::uuid, 'cleo@example.test', tests.system_role('guest'), 'pending'),
  (current_setting('tests.acme')::uuid, 'eve@example.test', tests.system_role('guest'), 'revoked');
delete from auth.users where email in ('cleo@example.test', 'eve@example.test');
select results_eq(
  $$
    select email, status from public.organization_invitations
    where email ~ '^(cleo|eve)' order by email
  $$,
  $$ values ('cleo@example.test', 'pending'), ('eve@example.test', 'revoked') $$,
  'closed invitations go with a user whose address was proven to be theirs'
);
insert into public.roles (organization_id, name, display_name)
values (current_setting('tests.acme')::uuid, 'clerk', 'Clerk');
update public.organization_invitations
set role_id = (select id from public.roles where name = 'clerk')
where email = 'soon@example.test';
delete from public.roles where name = 'clerk';
select is_empty(
  $$ select from public.organization_invitations where email = 'soon@example.test' $$,
  'an invitation goes with its role'
);
delete from public.organizations where id = current_setting('tests.acme')::uuid;
select is_empty(
  'select from public.organization_invitations', 'and all of them with their organization'
);

select * from finish();
rollback;
