begin;
select plan(15);

select tests.create_user('ada');
select tests.act_as('ada');
select results_eq(
  'select id, full_name from public.profiles',
  $$ select tests.user_id('ada'), 'Ada' $$,
  'signing up makes a profile'
);
select results_eq(
  'select user_id from public.user_preferences',
  $$ select tests.user_id('ada') $$,
  'and preferences'
);
select results_eq(
  'select name, owner_email, is_personal, created_by_user_id from public.organizations',
  $$ select 'Ada', 'ada@example.test', true, tests.user_id('ada') $$,
  'and a personal organization'
);
select matches(
  (select slug from public.organizations),
  '^personal-[0-9a-f]{32}$',
  'whose address does not give the person away'
);
select results_eq(
  $$
    select roles.name, organization_members.status
    from public.organization_members
    join public.roles on roles.id = organization_members.role_id
  $$,
  $$ values ('owner', 'active') $$,
  'which they own'
);
select is(
  (select count(*) from public.organization_quotas), 1::bigint, 'and which has quotas'
);
select set_eq(
  'select * from public.my_permissions()',
  'select key from public.permissions',
  'in which they may do everything'
);

-- Whatever a user or a provider claims.
select tests.act_as_nobody();
create function tests.sign_up_with(p_email text, p_claims jsonb) returns uuid language sql
as $$
  insert into auth.users (id, aud, role, email, raw_user_meta_data)
  values (gen_random_uuid(), 'authenticated', 'authenticated', p_email, p_claims)
  returning id
$$;
select lives_ok(
  format('select tests.sign_up_with(null, %L)', claims.claims),
  'nobody is kept out by ' || coalesce(left(claims.claims, 40), 'no claims')
)
from unnest(array[
  null,
  '"a string"',
  '[1, 2]',
  '{"full_name": {"first": "A"}, "avatar_url": ["x"]}',
  '{"full_name": "", "avatar_url": "javascript:alert(1)"}'
]) as claims (claims);
select set_config(
  'tests.long',
  tests.sign_up_with(
    'long@example.test',
    jsonb_build_object(
      'full_name', e' \t' || repeat('x', 500), 'avatar_url', 'https://' || repeat('x', 5000),
      'role', 'service_role', 'organization_id', gen_random_uuid(), 'is_admin', true
    )
  )::text,
  true
);
select is(
  (select full_name from public.profiles where id = current_setting('tests.long')::uuid),
  repeat('x', 200),
  'a name is trimmed and cut'
);
select is_empty(
  $$
    select 1 from public.profiles
    where avatar_url is not null and char_length(avatar_url) > 2048 or avatar_url like 'javascript%'
  $$,
  'a picture is an http address of bounded length'
);
select is(
  (select count(*) from public.organization_members
    where user_id = current_setting('tests.long')::uuid),
  1::bigint,
  'claims lead into no organization but one''s own'
);

select * from finish();
rollback;
