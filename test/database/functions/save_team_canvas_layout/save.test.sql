begin;
select plan(26);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('gus');
select tests.create_user('sam');
select tests.create_user('eve');
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme')).id::text, true);
select tests.add_member(current_setting('tests.acme')::uuid, 'bob', 'member');
select tests.add_member(current_setting('tests.acme')::uuid, 'gus', 'guest');
select tests.add_member(current_setting('tests.acme')::uuid, 'sam', 'admin', 'suspended');
insert into public.workspaces (organization_id, name)
values (current_setting('tests.acme')::uuid, 'Forge');
select set_config('tests.forge', (select id::text from public.workspaces), true);
insert into public.workspace_members (workspace_id, user_id)
values (current_setting('tests.forge')::uuid, tests.user_id('bob'));

select tests.act_as_nobody();
-- Saves the caller's layout of the workspace.
create function tests.save(
  p_positions jsonb default null,
  p_expected_version integer default null,
  p_user_id uuid default null
)
returns public.team_canvas_layouts
language sql
as $$
  select public.save_team_canvas_layout(
    p_user_id, current_setting('tests.forge')::uuid, p_positions, null, null, p_expected_version
  )
$$;

select tests.act_as('eve');
select throws_ok('select tests.save()', 'PT404', null, 'a stranger has no canvas here');
select throws_ok(
  $$ select tests.save(p_user_id => tests.user_id('bob')) $$,
  'PT403', 'Nobody acts in another''s name',
  'nor writes on another''s'
);
select tests.act_as('sam');
select throws_ok('select tests.save()', 'PT404', null, 'a suspended member has none');
select tests.act_as('gus');
select throws_ok(
  'select tests.save()', 'PT404', null, 'a guest of the organization has none in a private workspace'
);
select tests.act_as('ada');
select throws_ok(
  $$ select tests.save(p_user_id => tests.user_id('bob')) $$,
  'PT403', null,
  'an owner does not move the boxes of another'
);
select tests.act_as_anon();
select throws_ok(
  'select public.save_team_canvas_layout()', '42501', null, 'visitors save nothing'
);

select tests.act_as('bob');
select results_eq(
  $$
    select organization_id, user_id, workspace_id, positions, view_settings, version
    from tests.save('[{"team_id": 1, "x": 10}]')
  $$,
  $$
    select
      current_setting('tests.acme')::uuid, tests.user_id('bob'),
      current_setting('tests.forge')::uuid, '[{"team_id": 1, "x": 10}]'::jsonb, '{}'::jsonb, 1
  $$,
  'a first save makes the layout'
);
select results_eq(
  $$ select positions, version from tests.save('[{"team_id": 1, "x": 20}]', 1) $$,
  $$ values ('[{"team_id": 1, "x": 20}]'::jsonb, 2) $$,
  'a tab that is up to date saves the next version'
);
select throws_ok(
  $$ select tests.save('[]', 1) $$,
  'PT409', 'The layout is at version 2, not 1',
  'a tab that is behind is refused, and told the version'
);
select throws_ok(
  $$ select tests.save('[]', 0) $$,
  'PT409', 'The layout is at version 2, not 0',
  'so is one that knows of no layout'
);
select throws_ok(
  $$ select tests.save('[]', 3) $$, 'PT409', null, 'and one that is ahead'
);
select results_eq(
  'select positions, version from public.team_canvas_layouts',
  $$ values ('[{"team_id": 1, "x": 20}]'::jsonb, 2) $$,
  'a refused save changes nothing'
);
select results_eq(
  $$ select positions, version from tests.save() $$,
  $$ values ('[{"team_id": 1, "x": 20}]'::jsonb, 3) $$,
  'what is left out stays, and without a version the last save wins'
);
select results_eq(
  format(
    'select connections, view_settings, version from public.save_team_canvas_layout(
      %L, %L, ''{}'', ''[{"id": 7}]'', ''{"zoom": 2}'')',
    tests.user_id('bob'), current_setting('tests.forge')
  ),
  $$ values ('[{"id": 7}]'::jsonb, '{"zoom": 2}'::jsonb, 4) $$,
  'the documented five arguments save, naming oneself'
);
select throws_ok(
  $$ select tests.save('"here"') $$, 'PT400', null, 'a layout is a list or an object'
);
select throws_ok(
  $$ select tests.save(to_jsonb(array[repeat('x', 500001)])) $$,
  'PT400', 'That is no layout, or it is too large',
  'and of a bounded size'
);
select throws_ok(
  $$ select public.save_team_canvas_layout(p_workspace_id => gen_random_uuid()) $$,
  'PT404', null,
  'a workspace that does not exist has no canvas'
);

select results_eq(
  $$ select organization_id, workspace_id, version from public.save_team_canvas_layout() $$,
  $$ select tests.organization_of('bob'), null::uuid, 1 $$,
  'without a workspace it is the canvas of the organization one works in'
);
select public.switch_organization(current_setting('tests.acme')::uuid);
select results_eq(
  $$ select organization_id, version from public.save_team_canvas_layout(p_expected_version => 0) $$,
  $$ select current_setting('tests.acme')::uuid, 1 $$,
  'each organization has its own'
);
select throws_ok(
  'select public.save_team_canvas_layout(p_expected_version => 0)',
  'PT409', 'The layout is at version 1, not 0',
  'and one of it'
);
select is(
  (select count(*) from public.team_canvas_layouts), 3::bigint, 'the layouts stand beside each other'
);

select tests.act_as('ada');
select is((tests.save('[]', 0)).version, 1, 'each person has their own');

select tests.act_as_service();
select throws_ok(
  'select tests.save()', 'PT400', null, 'the service says whose canvas it is'
);
select is(
  (tests.save('[]', 4, tests.user_id('bob'))).version, 5, 'and saves it under the same check'
);
select throws_ok(
  $$ select tests.save('[]', null, tests.user_id('eve')) $$,
  'PT404', null,
  'but none for a stranger'
);
select throws_ok(
  $$ select public.save_team_canvas_layout(p_user_id => tests.user_id('bob')) $$,
  'PT404', null,
  'and names the workspace'
);

select * from finish();
rollback;
