begin;
select plan(25);

select tests.create_user('ada');
select tests.create_user('mia');
select tests.create_user('gus');
select tests.create_user('sam');
select tests.create_user('eve');
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme')).id::text, true);
select set_config('tests.other', (public.create_organization('Other')).id::text, true);
select tests.add_member(current_setting('tests.acme')::uuid, 'mia', 'manager');
select tests.add_member(current_setting('tests.acme')::uuid, 'gus', 'guest');
select tests.add_member(current_setting('tests.acme')::uuid, 'sam', 'manager', 'suspended');

insert into public.teams (organization_id, name)
select current_setting('tests.acme')::uuid, name from unnest(array['a', 'b', 'c', 'd']) as name;
insert into public.teams (organization_id, name)
values (current_setting('tests.other')::uuid, 'elsewhere');
select set_config('tests.' || name, id::text, true) from public.teams;

select tests.act_as_nobody();
-- A connection between two of the teams above, as the caller of the moment.
create function tests.connect(
  p_from text,
  p_to text,
  p_type text default 'reports_to',
  p_by uuid default null
)
returns public.team_connections
language sql
as $$
  select public.create_team_connection(
    current_setting('tests.' || p_from)::uuid, current_setting('tests.' || p_to)::uuid, p_type, p_by
  )
$$;

select tests.act_as('eve');
select throws_ok(
  $$ select tests.connect('a', 'b') $$, 'PT404', null, 'a stranger learns nothing of the teams'
);
select tests.act_as('sam');
select throws_ok(
  $$ select tests.connect('a', 'b') $$, 'PT404', null, 'nor does a suspended member'
);
select tests.act_as('gus');
select throws_ok(
  $$ select tests.connect('a', 'b') $$, 'PT403', null, 'a guest sees teams and connects none'
);
select tests.act_as_anon();
select throws_ok(
  $$ select public.create_team_connection(gen_random_uuid(), gen_random_uuid(), 'supports') $$,
  '42501', null,
  'visitors do not connect'
);

select tests.act_as('mia');
select throws_ok(
  $$ select tests.connect('a', 'b', 'reports_to', tests.user_id('ada')) $$,
  'PT403', 'Nobody acts in another''s name',
  'nobody connects in another''s name'
);
select throws_ok(
  $$ select tests.connect('a', 'elsewhere') $$,
  'PT404', null,
  'a team of an organization that is not theirs is not there'
);
select tests.act_as('ada');
select throws_ok(
  $$ select tests.connect('a', 'elsewhere') $$,
  'PT400', 'Both teams of a connection belong to one organization',
  'whoever belongs to both organizations joins their teams no more'
);
select throws_ok(
  $$ select tests.connect('a', 'a') $$, 'PT400', null, 'a team is not connected to itself'
);
select throws_ok(
  $$ select tests.connect('a', 'b', 'owns') $$, 'PT400', null, 'a type there is none of is refused'
);
select throws_ok(
  $$ select tests.connect('a', 'b', null) $$, 'PT400', null, 'and so is no type'
);

select tests.act_as('mia');
select results_eq(
  $$
    select organization_id, created_by_user_id, style
    from tests.connect('a', 'b', 'reports_to', tests.user_id('mia'))
  $$,
  $$ select current_setting('tests.acme')::uuid, tests.user_id('mia'), 'solid' $$,
  'a manager connects two teams in their own name'
);
select results_eq(
  format(
    'select label, color, style from public.create_team_connection(
      %L, %L, ''custom'', p_label => '' feeds '', p_color => ''#A0b1C2'', p_style => ''dashed'')',
    current_setting('tests.a'), current_setting('tests.b')
  ),
  $$ values ('feeds', '#A0b1C2', 'dashed') $$,
  'a line has label, colour and style, and stands beside another of the same teams'
);
select throws_ok(
  $$ select tests.connect('a', 'b') $$, 'PT409', null, 'the same line is not drawn twice'
);
select throws_ok(
  format(
    'select public.create_team_connection(%L, %L, ''supports'', p_color => ''url(//evil)'')',
    current_setting('tests.a'), current_setting('tests.c')
  ),
  'PT400', 'A colour is written as #rrggbb',
  'a colour is a colour'
);
select throws_ok(
  format(
    'select public.create_team_connection(%L, %L, ''supports'', p_style => ''wavy'')',
    current_setting('tests.a'), current_setting('tests.c')
  ),
  'PT400', null,
  'a style is one of three'
);
select throws_ok(
  format(
    'select public.create_team_connection(%L, %L, ''supports'', p_label => %L)',
    current_setting('tests.a'), current_setting('tests.c'), repeat('x', 201)
  ),
  'PT400', null,
  'a label is short'
);

select lives_ok($$ select tests.connect('b', 'c') $$, 'a hierarchy grows');
select throws_ok(
  $$ select tests.connect('b', 'a') $$,
  'PT409', 'A team cannot report to one that reports to it',
  'a team does not report to one that reports to it'
);
select throws_ok(
  $$ select tests.connect('c', 'a') $$, 'PT409', null, 'not over another team either'
);
select lives_ok(
  $$ select tests.connect('c', 'a', 'collaborates_with') $$, 'other lines may run in a circle'
);
select throws_ok(
  $$ update public.team_connections set connection_type = 'reports_to'
    where connection_type = 'collaborates_with' $$,
  'PT409', null,
  'and may not become a circle of command'
);
select throws_ok(
  format(
    'insert into public.team_connections (from_team_id, to_team_id, connection_type)
      values (%L, %L, ''reports_to''), (%L, %L, ''reports_to'')',
    current_setting('tests.c'), current_setting('tests.d'),
    current_setting('tests.d'), current_setting('tests.b')
  ),
  'PT409', null,
  'a circle is also found within one statement'
);

select tests.act_as_service();
select results_eq(
  $$
    select created_by_user_id
    from tests.connect('c', 'd', 'supports', tests.user_id('ada'))
  $$,
  $$ select tests.user_id('ada') $$,
  'the service connects in the name of a member'
);
select throws_ok(
  $$ select tests.connect('b', 'd', 'supports', tests.user_id('eve')) $$,
  'PT404', null,
  'but not in a stranger''s'
);

select tests.act_as_nobody();
select isnt_empty(
  $$
    select from public.audit_logs
    where resource_type = 'team_connections'
      and actor_id = tests.user_id('mia')
      and organization_id = current_setting('tests.acme')::uuid
  $$,
  'who drew a line is written down'
);

select * from finish();
rollback;
