begin;
select plan(25);

select tests.create_user('ada');

select tests.act_as_service();
select set_config('tests.secret', public.create_vault_secret('s3cret', 'tests/one', 'A test'), true);
select is(public.vault_decrypt(current_setting('tests.secret')), 's3cret', 'a secret can be read back');
select lives_ok(
  format('select public.update_vault_secret(%L, %L)', current_setting('tests.secret'), 'n3w'),
  'a secret is replaced'
);
select is(public.vault_decrypt(current_setting('tests.secret')), 'n3w', 'and read anew');
select lives_ok(
  $$ select public.create_vault_secret('same'), public.create_vault_secret('same') $$,
  'secrets need no name'
);
select throws_ok(
  $$ select public.create_vault_secret('other', 'tests/one') $$, 'PT409', null, 'a name is given once'
);
select throws_ok(
  $$ select public.create_vault_secret('') $$, 'PT400', null, 'an empty secret is refused'
);
select throws_ok(
  $$ select public.create_vault_secret(null) $$, 'PT400', null, 'so is none'
);
select throws_ok(
  format('select public.update_vault_secret(%L, %L)', current_setting('tests.secret'), ''),
  'PT400', null,
  'a secret is not emptied'
);
select throws_ok(
  format('select public.vault_decrypt(%L)', gen_random_uuid()), 'PT404', null, 'an unknown id is told'
);
select throws_ok($$ select public.vault_decrypt('x') $$, 'PT404', null, 'so is what is no id');
select throws_ok('select public.vault_decrypt(null)', 'PT404', null, 'and none');
select throws_ok(
  format('select public.update_vault_secret(%L, %L)', gen_random_uuid(), 'x'),
  'PT404', null,
  'what is not there is not replaced'
);

select tests.act_as_nobody();
select isnt(
  (select secret from vault.secrets where id = current_setting('tests.secret')::uuid),
  'n3w',
  'what is stored is not the secret'
);

select tests.act_as('ada');
select throws_ok(
  attempt, '42501', null, 'a signed-in user cannot: ' || split_part(attempt, '(', 1)
)
from unnest(array[
  $$select public.create_vault_secret('x')$$,
  format('select public.vault_decrypt(%L)', current_setting('tests.secret')),
  format('select public.update_vault_secret(%L, %L)', current_setting('tests.secret'), 'x'),
  format('select public.delete_vault_secret(%L)', current_setting('tests.secret')),
  format('select private.vault_decrypt(%L)', current_setting('tests.secret'))
]) as attempts (attempt);
select tests.act_as_anon();
select throws_ok(
  attempt, '42501', null, 'a visitor cannot: ' || split_part(attempt, '(', 1)
)
from unnest(array[
  $$select public.create_vault_secret('x')$$,
  format('select public.vault_decrypt(%L)', current_setting('tests.secret')),
  format('select public.update_vault_secret(%L, %L)', current_setting('tests.secret'), 'x'),
  format('select public.delete_vault_secret(%L)', current_setting('tests.secret'))
]) as attempts (attempt);

select tests.act_as_service();
select ok(public.delete_vault_secret(current_setting('tests.secret')), 'a secret is deleted');
select ok(not public.delete_vault_secret(current_setting('tests.secret')), 'once');
select throws_ok(
  format('select public.vault_decrypt(%L)', current_setting('tests.secret')),
  'PT404', null,
  'and cannot be read any more'
);

select * from finish();
rollback;
