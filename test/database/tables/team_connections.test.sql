begin;
select plan(15);

select tests.create_user('ada');
select tests.create_user('mia');
select tests.create_user('gus');
select tests.create_user('eve');
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme')).id::text, true);
select tests.add_member(current_setting('tests.acme')::uuid, 'mia', 'manager');
select tests.add_member(current_setting('tests.acme')::uuid, 'gus', 'guest');
insert into public.teams (organization_id, name)
select current_setting('tests.acme')::uuid, name from unnest(array['a', 'b', 'c']) as name;
select tests.act_as('eve');
insert into public.teams (name) values ('foreign');
select tests.act_as_nobody();
select set_config('tests.' || name, id::text, true) from public.teams;

select policies_are(
  'public', 'team_connections',
  array['select_member', 'insert_manager', 'update_manager', 'delete_manager']
);

select tests.act_as('mia');
select lives_ok(
  format(
    'insert into public.team_connections (from_team_id, to_team_id, connection_type)
      values (%L, %L, ''reports_to'')',
    current_setting('tests.a'), current_setting('tests.b')
  ),
  'who holds teams.manage connects teams'
);
select throws_ok(
  format(
    'insert into public.team_connections (from_team_id, to_team_id, connection_type)
      values (%L, %L, ''supports'')',
    current_setting('tests.a'), current_setting('tests.foreign')
  ),
  '23503', null,
  'nobody connects a team of another organization'
);
select throws_ok(
  format(
    'insert into public.team_connections
      (organization_id, from_team_id, to_team_id, connection_type) values (%L, %L, %L, ''supports'')',
    tests.organization_of('mia'), current_setting('tests.a'), current_setting('tests.b')
  ),
  '23503', null,
  'nor passes a connection off as another organization''s'
);
select throws_ok(
  format(
    'insert into public.team_connections
      (from_team_id, to_team_id, connection_type, created_by_user_id)
      values (%L, %L, ''supports'', %L)',
    current_setting('tests.a'), current_setting('tests.c'), tests.user_id('ada')
  ),
  '42501', null,
  'nor does so in another''s name'
);
select throws_ok(
  format('update public.team_connections set to_team_id = %L', current_setting('tests.c')),
  '42501', null,
  'a line does not move to another team'
);
select throws_ok(
  'update public.team_connections set created_by_user_id = null',
  '42501', null,
  'nor change its author'
);
select isnt_empty(
  $$ update public.team_connections set label = 'leads', color = '#ff0000' returning id $$,
  'its looks do change'
);

select tests.act_as('gus');
select isnt_empty('select id from public.team_connections', 'a guest sees the lines');
select is_empty(
  $$ update public.team_connections set label = 'x' returning id $$, 'and changes none'
);
select is_empty('delete from public.team_connections returning id', 'and deletes none');
select tests.act_as('eve');
select is_empty('select id from public.team_connections', 'a stranger sees none');
select tests.act_as_anon();
select throws_ok('select id from public.team_connections', '42501', null, 'visitors see nothing');

select tests.act_as_nobody();
delete from public.organization_members
where organization_id = current_setting('tests.acme')::uuid and user_id = tests.user_id('mia');
select results_eq(
  'select created_by_user_id from public.team_connections',
  'select null::uuid',
  'a line stays when its author leaves'
);
delete from public.teams where id = current_setting('tests.b')::uuid;
select is_empty('select id from public.team_connections', 'and goes with a team');

select * from finish();
rollback;
