begin;
select plan(14);

select tests.create_user('ada');
select tests.create_user('bob');

select tests.act_as('ada');
select results_eq(
  $$
    select name, slug, industry, owner_email, plan, is_personal, created_by_user_id
    from public.create_organization('Acme & Sons', null, 'manufacturing')
  $$,
  $$ select 'Acme & Sons', 'acme-sons', 'manufacturing', 'ada@example.test', 'free', false, tests.user_id('ada') $$,
  'an organization is made from a name'
);
select set_eq(
  $$ select public.my_permissions(id) from public.organizations where name = 'Acme & Sons' $$,
  'select key from public.permissions',
  'its maker owns it'
);
select matches(
  (public.create_organization('Acme & Sons')).slug,
  '^acme-sons-[0-9a-f]{8}$',
  'a slug that is made gives way to one that is taken'
);
select is((public.create_organization('Кооператив')).slug, 'organization', 'any script makes a slug');
select is((public.create_organization('X', 'my-slug')).slug, 'my-slug', 'a slug can be chosen');
select throws_ok(
  $$ select public.create_organization('Y', 'my-slug') $$, 'PT409', null, 'one that is taken is refused'
);
select throws_ok(
  $$ select public.create_organization('Y', 'My Slug') $$, 'PT400', null, 'an odd one is refused'
);
select throws_ok(
  $$ select public.create_organization('') $$, 'PT400', null, 'an empty name is refused'
);
select throws_ok(
  $$ select public.create_organization(null) $$, 'PT400', null, 'a missing name is refused'
);
select throws_ok(
  $$ select public.create_organization(repeat('x', 256)) $$, 'PT400', null, 'an endless name is refused'
);
select throws_ok(
  $$ select public.create_organization('Y', null, 'magic') $$, 'PT400', null, 'an unknown industry is refused'
);

select tests.act_as('bob');
select is_empty(
  $$ select id from public.organizations where not is_personal $$,
  'nobody else belongs to it'
);

select tests.act_as_service();
select throws_ok(
  $$ select public.create_organization('Z') $$, '42501', null, 'the service is nobody who could own it'
);
select tests.act_as_anon();
select throws_ok(
  $$ select public.create_organization('Z') $$, '42501', null, 'visitors create nothing'
);

select * from finish();
rollback;
