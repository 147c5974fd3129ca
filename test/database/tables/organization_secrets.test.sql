-- Names and dates of secrets for those who hold secrets.read; values for nobody.
begin;
select plan(21);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('cleo');
select tests.create_user('sue');
select tests.create_user('eve');
select tests.add_member(tests.organization_of('ada'), 'bob', 'manager');
select tests.add_member(tests.organization_of('ada'), 'cleo', 'member');
select tests.add_member(tests.organization_of('ada'), 'sue', 'admin', 'suspended');

select policies_are('public', 'organization_secrets', array['select_member']);

select tests.act_as('ada');
select set_config('tests.secret', (
  public.create_organization_secret(tests.organization_of('ada'), 'mailer', 'hunter2-value')
).id::text, true);

select results_eq(
  'select name, description, version, rotated_at, created_by_user_id from public.organization_secrets',
  $$ values ('mailer', null::text, 1, null::timestamptz, tests.user_id('ada')) $$,
  'an owner lists the secrets'
);
select tests.act_as('bob');
select isnt_empty('select from public.organization_secrets', 'so does who holds secrets.read');

select tests.act_as('cleo');
select is_empty('select * from public.organization_secrets', 'a member without it sees none');
select tests.act_as('sue');
select is_empty('select * from public.organization_secrets', 'who is suspended sees none');
select tests.act_as('eve');
select is_empty('select * from public.organization_secrets', 'a stranger sees none');
select tests.act_as_anon();
select throws_ok(
  'select * from public.organization_secrets', '42501', null, 'a visitor may not even ask'
);

-- The columns hold nothing that leads to the value, and rows change through functions alone.
select tests.act_as('ada');
select throws_ok(attempt, '42501', null, 'an owner cannot: ' || attempt)
from unnest(array[
  'select * from private.organization_secret_values',
  'select * from vault.secrets',
  'select * from vault.decrypted_secrets',
  'update public.organization_secrets set version = 7',
  'delete from public.organization_secrets',
  format(
    'insert into public.organization_secrets (organization_id, name) values (%L, %L)',
    tests.organization_of('ada'), 'empty'
  )
]) as attempts (attempt);
select tests.act_as_service();
select throws_ok(attempt, '42501', null, 'nor can the service: ' || attempt)
from unnest(array[
  'select * from private.organization_secret_values',
  'update public.organization_secrets set version = 7',
  'delete from public.organization_secrets'
]) as attempts (attempt);

select tests.act_as_nobody();
select ok(
  not exists (
    select from public.organization_secrets as s
    where s::text like '%hunter2%' or s::text like '%' || (
      select vault_secret_id from private.organization_secret_values
    ) || '%'
  ),
  'the row holds neither value nor Vault''s id'
);
select throws_ok(
  format(
    'insert into public.organization_secrets (organization_id, name) values (%L, %L)',
    tests.organization_of('eve'), current_setting('tests.secret')
  ),
  '23514', null, 'no secret is called by an id, which would take another''s place'
);

-- What goes takes its value along.
select tests.act_as_nobody();
delete from auth.users where id = tests.user_id('bob');
select isnt_empty('select from public.organization_secrets', 'secrets stay when a member goes');
delete from auth.users where id = tests.user_id('ada');
select is_empty(
  $$ select from vault.secrets where name like 'organizations/%/secrets/%' $$,
  'values leave Vault with the organization'
);
select is_empty('select from private.organization_secret_values', 'and nothing points at them');

select * from finish();
rollback;
