begin;
select plan(15);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('cleo');
select tests.create_user('eve');
select tests.add_member(tests.organization_of('ada'), 'bob', 'manager');
select tests.add_member(tests.organization_of('ada'), 'cleo', 'member');

select policies_are(
  'public', 'teams', array['select_member', 'insert_manager', 'update_manager', 'delete_manager']
);

select tests.act_as('ada');
select results_eq(
  $$ insert into public.teams (name) values ('Writers') returning organization_id, owner_user_id $$,
  $$ select tests.organization_of('ada'), tests.user_id('ada') $$,
  'a team is its creator''s, in their organization'
);
select throws_ok(
  $$ insert into public.teams (name, owner_user_id) values ('Forged', tests.user_id('bob')) $$,
  '42501', null,
  'nobody creates a team in another''s name'
);
select throws_ok(
  $$ insert into public.teams (name, organization_id) values ('Forged', tests.organization_of('eve')) $$,
  '42501', null,
  'nobody creates a team in an organization they do not belong to'
);
select throws_ok(
  $$ update public.teams set owner_user_id = tests.user_id('bob') $$,
  '42501', null,
  'nobody hands on a team'
);

select tests.act_as('bob');
select isnt_empty(
  $$ update public.teams set name = 'Authors' where name = 'Writers' returning id $$,
  'who holds teams.manage renames a team'
);

select tests.act_as('cleo');
select results_eq('select name from public.teams', array['Authors'], 'members see teams');
select throws_ok(
  $$ insert into public.teams (name, organization_id) values ('Spies', tests.organization_of('ada')) $$,
  '42501', null,
  'a member without teams.manage creates no team'
);
select is_empty(
  $$ update public.teams set name = 'Mine' returning id $$,
  'a member without teams.manage changes no team'
);
select is_empty('delete from public.teams returning id', 'a member without teams.manage deletes no team');

select tests.act_as('eve');
select is_empty('select id from public.teams', 'a stranger sees no teams');
select is_empty('delete from public.teams returning id', 'a stranger deletes no team');
select tests.act_as_anon();
select throws_ok('select id from public.teams', '42501', null, 'visitors see no teams');

select tests.act_as('bob');
insert into public.teams (name, organization_id) values ('Bob''s', tests.organization_of('ada'));
delete from public.organization_members
where user_id = tests.user_id('bob') and organization_id = tests.organization_of('ada');
select tests.act_as('ada');
select is(
  (select owner_user_id from public.teams where name = 'Bob''s'),
  null,
  'who leaves the organization leaves their teams behind'
);
select isnt_empty('delete from public.teams returning id', 'an owner deletes teams');

select * from finish();
rollback;
