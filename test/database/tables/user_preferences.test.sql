begin;
select plan(13);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.add_member(tests.organization_of('ada'), 'bob', 'admin');

select policies_are('public', 'user_preferences', array['select_self', 'update_self']);

select tests.act_as('bob');
select results_eq(
  'select theme, timezone, notification_settings, ui_preferences from public.user_preferences',
  $$ values ('light', 'UTC', '{}'::jsonb, '{}'::jsonb) $$,
  'people see their own preferences, with the documented defaults, and nobody else''s'
);
select lives_ok(
  $$ update public.user_preferences set theme = 'dark', timezone = 'Europe/Berlin' $$,
  'people change their preferences'
);
select is_empty(
  $$
    update public.user_preferences set theme = 'dark'
    where user_id = tests.user_id('ada') returning user_id
  $$,
  'an admin changes nobody else''s preferences'
);
select throws_ok(
  $$ update public.user_preferences set timezone = 'Mars/Olympus' $$,
  'PT400', null,
  'a time zone that does not exist is refused'
);
select throws_ok(
  $$ update public.user_preferences set timezone = 'PST' $$,
  'PT400', null,
  'an abbreviation is no time zone'
);
select throws_ok(
  $$ update public.user_preferences set theme = 'pink' $$,
  '23514', null,
  'an unknown theme is refused'
);
select throws_ok(
  $$ update public.user_preferences set ui_preferences = '[]' $$,
  '23514', null,
  'preferences are an object'
);
select throws_ok(
  $$ update public.user_preferences set current_organization_id = tests.organization_of('ada') $$,
  '42501', null,
  'the current organization changes through switch_organization() alone'
);
select throws_ok(
  $$ insert into public.user_preferences (user_id) values (tests.user_id('ada')) $$,
  '42501', null,
  'nobody makes preferences'
);
select throws_ok(
  $$ delete from public.user_preferences $$,
  '42501', null,
  'nobody deletes preferences'
);
select lives_ok(
  format('select public.switch_organization(%L)', tests.organization_of('ada')),
  'a member switches'
);

select tests.act_as_nobody();
delete from public.organizations where id = tests.organization_of('ada');
select is(
  (
    select current_organization_id from public.user_preferences
    where user_id = tests.user_id('bob')
  ),
  null,
  'a deleted organization is nobody''s current one'
);

select * from finish();
rollback;
