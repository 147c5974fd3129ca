begin;
select plan(14);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('eve');
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme')).id::text, true);
select tests.add_member(current_setting('tests.acme')::uuid, 'bob', 'member');
insert into public.workspaces (organization_id, name)
values (current_setting('tests.acme')::uuid, 'Forge');
select set_config('tests.forge', (select id::text from public.workspaces), true);
insert into public.workspace_members (workspace_id, user_id)
values (current_setting('tests.forge')::uuid, tests.user_id('bob'));
select tests.act_as('bob');
select public.save_team_canvas_layout(p_workspace_id => current_setting('tests.forge')::uuid);

select policies_are('public', 'team_canvas_layouts', array['select_own']);

select isnt_empty('select id from public.team_canvas_layouts', 'a person sees their own layout');
select throws_ok(
  $$ update public.team_canvas_layouts set version = 99 $$,
  '42501', null,
  'nobody turns the version of a layout'
);
select throws_ok(
  'delete from public.team_canvas_layouts', '42501', null, 'nor starts it over'
);
select throws_ok(
  format(
    'insert into public.team_canvas_layouts (workspace_id) values (%L)',
    current_setting('tests.forge')
  ),
  '42501', null,
  'nor writes one past the command'
);
select tests.act_as('ada');
select is_empty(
  'select id from public.team_canvas_layouts', 'an owner sees no layout of another person'
);
select tests.act_as('eve');
select is_empty('select id from public.team_canvas_layouts', 'a stranger sees none');
select tests.act_as_anon();
select throws_ok('select id from public.team_canvas_layouts', '42501', null, 'visitors see nothing');

select tests.act_as_service();
select throws_ok(
  format(
    'insert into public.team_canvas_layouts (organization_id, user_id) values (%L, %L)',
    current_setting('tests.acme'), tests.user_id('eve')
  ),
  '23503', null,
  'a stranger has no canvas here, not even by the service'
);
select throws_ok(
  format(
    'insert into public.team_canvas_layouts (organization_id, user_id, workspace_id)
      values (%L, %L, %L)',
    tests.organization_of('bob'), tests.user_id('bob'), current_setting('tests.forge')
  ),
  '23503', null,
  'nor a workspace a canvas in another organization'
);

select tests.act_as_nobody();
delete from public.workspace_members where user_id = tests.user_id('bob');
select tests.act_as('bob');
select is_empty(
  'select id from public.team_canvas_layouts', 'who left a workspace sees its canvas no more'
);
select tests.act_as_nobody();
select isnt_empty('select id from public.team_canvas_layouts', 'though it waits for them');
delete from public.organization_members
where organization_id = current_setting('tests.acme')::uuid and user_id = tests.user_id('bob');
select is_empty(
  'select id from public.team_canvas_layouts', 'it goes when they leave the organization'
);
select is(
  (
    select new_values -> 'positions'
    from public.audit_logs
    where resource_type = 'team_canvas_layouts' and action = 'team_canvas_layout.created'
  ) #>> '{}',
  '[redacted]',
  'the log says that a layout was saved, not what was where'
);

select * from finish();
rollback;
