-- What the trigger writes about inserts, updates and deletes.
begin;
select plan(19);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.act_as('ada');

select is(
  (
    select array_agg(action order by action) from public.audit_logs
    where resource_id = tests.organization_of('ada')::text
  ),
  array['organization.created', 'organization_quota.created'],
  'an organization''s beginning is written down'
);

select lives_ok(
  $$
    insert into public.agents (name, instructions)
    values ('One', 'Be brief.'), ('Two', 'Be kind.'), ('Three', 'Be quick.')
  $$,
  'three agents are made at once'
);
select results_eq(
  $$
    select
      new_values ->> 'name', resource_id = new_values ->> 'id', resource_type, old_values, severity
    from public.audit_logs where action = 'agent.created' order by id
  $$,
  $$
    values
      ('One', true, 'agents', null::jsonb, 'info'),
      ('Two', true, 'agents', null, 'info'),
      ('Three', true, 'agents', null, 'info')
  $$,
  'each has an entry with the whole row'
);
select is(
  (select new_values from public.audit_logs where new_values ->> 'name' = 'Two'),
  (select to_jsonb(agents) from public.agents where agents.name = 'Two'),
  'just as it was written'
);

update public.agents set name = name || '!', description = 'Renamed' where name <> 'Three';
select results_eq(
  $$
    select old_values, new_values
    from public.audit_logs where action = 'agent.updated' order by new_values ->> 'name'
  $$,
  $$
    values
      (
        '{"name": "One", "description": null}'::jsonb,
        '{"name": "One!", "description": "Renamed"}'::jsonb
      ),
      ('{"name": "Two", "description": null}', '{"name": "Two!", "description": "Renamed"}')
  $$,
  'of an update, what changed is written, before and after'
);
select ok(
  (
    select bool_and(audit_logs.resource_id = agents.id::text)
    from public.audit_logs
    join public.agents on agents.name = audit_logs.new_values ->> 'name'
    where audit_logs.action = 'agent.updated'
  ),
  'each under its own row'
);
update public.agents set name = name;
select is(
  (select count(*) from public.audit_logs where action = 'agent.updated'), 2::bigint,
  'an update that changes nothing leaves no entry'
);
update public.agents set name = 'x' where false;
select is(
  (select count(*) from public.audit_logs where action = 'agent.updated'), 2::bigint,
  'nor does one of no row'
);
insert into public.agents (id, name)
select id, 'Replaced' from public.agents where name = 'Three'
on conflict (id) do update set name = excluded.name;
select is(
  (
    select jsonb_build_array(old_values, new_values) from public.audit_logs
    where action = 'agent.updated' and new_values ->> 'name' = 'Replaced'
  ),
  '[{"name": "Three"}, {"name": "Replaced"}]',
  'an insert that became an update is written as what it was'
);

delete from public.agents where name = 'Replaced';
select results_eq(
  $$
    select old_values ->> 'name', new_values, resource_type
    from public.audit_logs where action = 'agent.deleted'
  $$,
  $$ values ('Replaced', null::jsonb, 'agents') $$,
  'of a deleted row, all is kept'
);

-- What goes with it.
insert into public.workspaces (name) values ('Office');
delete from public.workspaces where name = 'Office';
select bag_eq(
  $$
    select action from public.audit_logs
    where resource_type in ('workspaces', 'workspace_members')
  $$,
  array[
    'workspace.created', 'workspace_member.created', 'workspace.deleted', 'workspace_member.deleted'
  ],
  'rows that go with others are written too'
);

-- Keys of several columns, and rows of no organization.
select tests.act_as_nobody();
insert into public.roles (organization_id, name, display_name)
values (tests.organization_of('ada'), 'clerk', 'Clerk');
insert into public.role_permissions (role_id, permission_key, organization_id)
select roles.id, 'agents.read', roles.organization_id from public.roles where roles.name = 'clerk';
select is(
  (
    select audit_logs.resource_id from public.audit_logs
    where audit_logs.action = 'role_permission.created'
      and audit_logs.organization_id = tests.organization_of('ada')
  ),
  (select roles.id || ':agents.read' from public.roles where roles.name = 'clerk'),
  'a key of two columns is written with a colon between'
);
insert into public.roles (organization_id, name, display_name) values (null, 'nobody', 'Nobody');
update public.roles set display_name = 'No one' where name = 'nobody';
delete from public.roles where name = 'nobody';
select is_empty(
  $$ select from public.audit_logs where coalesce(new_values, old_values) ->> 'name' = 'nobody' $$,
  'what belongs to no organization leaves no entry'
);

-- Bookkeeping.
select tests.add_member(tests.organization_of('ada'), 'bob', 'member');
update public.organization_members set permissions = '{}' where user_id = tests.user_id('bob')
  and organization_id = tests.organization_of('ada');
select is_empty(
  $$
    select from public.audit_logs
    where action = 'organization_member.updated' and new_values ? 'permissions'
  $$,
  'what follows from other columns is left out'
);

-- Many at once.
insert into public.teams (organization_id, name)
select tests.organization_of('ada'), 'Team ' || number from generate_series(1, 500) as number;
update public.teams set name = name || ' renamed';
select is(
  (
    select count(*) from public.audit_logs
    where action = 'team.updated' and new_values ->> 'name' = (old_values ->> 'name') || ' renamed'
  ),
  500::bigint,
  'old and new of many rows belong together'
);
select is(
  (
    select count(distinct resource_id) from public.audit_logs where action = 'team.updated'
  ),
  500::bigint,
  'and each is under its own row'
);

select set_eq(
  $$ select audit_log_id from private.audit_unsealed $$,
  $$ select id from public.audit_logs $$,
  'every entry awaits its seal'
);
select is_empty(
  $$
    select from private.audit_unsealed
    left join public.audit_logs
      on audit_logs.id = audit_unsealed.audit_log_id
      and audit_logs.organization_id = audit_unsealed.organization_id
      and audit_logs.created_at = audit_unsealed.created_at
    where audit_logs.id is null
  $$,
  'named as it is'
);
select is(
  (select count(distinct id) = count(*) from public.audit_logs), true, 'ids are given once'
);

select * from finish();
rollback;
