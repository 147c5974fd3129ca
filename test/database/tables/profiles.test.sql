begin;
select plan(13);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('eve');
select tests.add_member(tests.organization_of('ada'), 'bob', 'guest');

select policies_are('public', 'profiles', array['select_fellow', 'update_self']);

select tests.act_as('bob');
select results_eq(
  'select full_name from public.profiles order by full_name',
  array['Ada', 'Bob'],
  'people see themself and those with whom they share an organization'
);
select is_empty(
  $$ update public.profiles set full_name = 'Mallory' where id = tests.user_id('ada') returning id $$,
  'nobody renames another person'
);
select lives_ok(
  $$ update public.profiles set full_name = 'Robert', avatar_url = 'https://example.test/b.png' $$,
  'people rename themself'
);
select throws_ok(
  $$ update public.profiles set avatar_url = 'javascript:alert(1)' $$,
  '23514', null,
  'a picture is an http address'
);
select throws_ok(
  $$ update public.profiles set id = gen_random_uuid() $$,
  '42501', null,
  'nobody changes who they are'
);
select throws_ok(
  $$ insert into public.profiles (id) values (gen_random_uuid()) $$,
  '42501', null,
  'nobody makes profiles'
);
select throws_ok(
  $$ delete from public.profiles $$,
  '42501', null,
  'nobody deletes profiles'
);

select tests.act_as('eve');
select results_eq(
  'select full_name from public.profiles',
  array['Eve'],
  'strangers see themself alone'
);

select tests.act_as_nobody();
update public.organization_members set status = 'suspended'
where organization_id = tests.organization_of('ada') and user_id = tests.user_id('bob');
select tests.act_as('bob');
select results_eq(
  'select full_name from public.profiles',
  array['Robert'],
  'a suspended member sees no fellow any more'
);

select tests.act_as_anon();
select throws_ok(
  'select full_name from public.profiles',
  '42501', null,
  'visitors see nobody'
);

select tests.act_as_nobody();
select ok(
  (select updated_at >= created_at from public.profiles where id = tests.user_id('bob')),
  'updated_at is kept'
);
delete from auth.users where id = tests.user_id('bob');
select is_empty(
  $$ select id from public.profiles where full_name = 'Robert' $$,
  'a profile goes with its user'
);

select * from finish();
rollback;
