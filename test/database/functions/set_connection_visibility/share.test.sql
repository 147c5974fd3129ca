begin;
select plan(21);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('cleo');
select tests.create_user('eve');
select tests.add_member(tests.organization_of('ada'), 'bob', 'admin');
select tests.add_member(tests.organization_of('ada'), 'cleo', 'member');

select tests.act_as_service();
select set_config('tests.id', (
  public.save_oauth_connection(
    tests.user_id('cleo'), tests.organization_of('ada'), id, 'ya29.a', p_account_id => 'a'
  ) ->> 'id'
), true)
from public.service_providers where name = 'gmail';

select tests.act_as('bob');
select throws_ok(attempt, 'PT404', null, 'to others a personal connection is not there: ' || attempt)
from unnest(array[
  format('select public.set_connection_visibility(%L, %L)', current_setting('tests.id'), 'organization'),
  format('select public.rename_connection(%L, %L)', current_setting('tests.id'), 'Mine')
]) as attempts (attempt);

select tests.act_as('cleo');
select is(
  public.set_connection_visibility(current_setting('tests.id')::uuid, 'organization') ->> 'visibility',
  'organization',
  'its owner shares it'
);
select tests.act_as('bob');
select isnt_empty('select id from public.user_integration_credentials', 'now others see it');
select throws_ok(
  format('select public.set_connection_visibility(%L, %L)', current_setting('tests.id'), visibility),
  'PT403', null, 'but an admin does not say who may use it: ' || visibility
)
from unnest(array['personal', 'organization']) as visibility;
select is(
  public.rename_connection(current_setting('tests.id')::uuid, '  Post of the desk ') ->> 'connection_name',
  'Post of the desk',
  'an admin names what is shared'
);
select ok(
  not public.rename_connection(current_setting('tests.id')::uuid, 'Post') ?| array[
    'vault_access_token_id', 'vault_refresh_token_id', 'access_token', 'refresh_token'
  ],
  'and gets nothing that leads to its tokens'
);
select tests.act_as('eve');
select throws_ok(
  format('select public.set_connection_visibility(%L, %L)', current_setting('tests.id'), 'personal'),
  'PT404', null, 'to a stranger it is not there'
);
select is(public.can_manage_connection(current_setting('tests.id')::uuid), false, 'nor theirs to manage');
select tests.act_as_anon();
select throws_ok(
  format('select public.set_connection_visibility(%L, %L)', current_setting('tests.id'), 'personal'),
  '42501', null, 'a visitor may not even ask'
);

select tests.act_as('cleo');
select throws_ok(
  format('select public.set_connection_visibility(%L, %L)', current_setting('tests.id'), wrong),
  'PT400', null, 'there is no visibility ' || coalesce(wrong, 'null')
)
from unnest(array['public', '', null]) as wrong;
select throws_ok(
  format('select public.rename_connection(%L, %L)', current_setting('tests.id'), wrong),
  'PT400', null, 'a name has 1 to 200 characters'
)
from unnest(array['', '  ', repeat('x', 201), null]) as wrong;
select lives_ok(
  format('select public.set_connection_visibility(%L, %L)', current_setting('tests.id'), 'personal'),
  'the owner takes it back'
);

-- A member who lost integrations.connect may hide, not share.
select tests.act_as_nobody();
update public.organization_members set custom_permissions = '{"grant": [], "deny": ["integrations.connect"]}'
where user_id = tests.user_id('cleo') and organization_id = tests.organization_of('ada');
select tests.act_as('cleo');
select throws_ok(
  format('select public.set_connection_visibility(%L, %L)', current_setting('tests.id'), 'organization'),
  'PT403', null, 'sharing takes integrations.connect'
);
select tests.act_as_nobody();
update public.organization_members set status = 'suspended'
where user_id = tests.user_id('cleo') and organization_id = tests.organization_of('ada');
select tests.act_as('cleo');
select throws_ok(
  format('select public.rename_connection(%L, %L)', current_setting('tests.id'), 'Mine'),
  'PT404', null, 'who is suspended has none'
);

select * from finish();
rollback;
