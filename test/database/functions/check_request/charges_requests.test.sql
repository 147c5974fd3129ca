-- check_request(): runs before every request of the API, and charges what may write.
begin;
select plan(29);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('eve');
select tests.create_user('sue');
select tests.add_member(tests.organization_of('ada'), 'bob', 'guest');
select tests.add_member(tests.organization_of('ada'), 'sue', 'member', 'suspended');

-- A request as PostgREST makes it: with headers and path, as somebody.
create function tests.request(p_actor text, p_organization text default null, p_path text default '/agents')
returns uuid
language plpgsql
as $$
declare
  v_charged uuid;
begin
  perform tests.act_as_nobody();
  delete from private.request_tallies;
  perform set_config(
    'request.headers',
    jsonb_strip_nulls(jsonb_build_object('accept', '*/*', 'x-organization-id', p_organization))::text,
    true
  );
  perform set_config('request.path', p_path, true);
  case p_actor
    when 'anon' then perform tests.act_as_anon();
    when 'service' then perform tests.act_as_service();
    else perform tests.act_as(p_actor);
  end case;
  perform private.check_request();
  perform tests.act_as_nobody();
  delete from private.request_tallies returning organization_id into v_charged;
  return v_charged;
end;
$$;

select is(tests.request('ada'), tests.organization_of('ada'), 'a request is charged to where the caller works');
select is(
  tests.request('bob'), tests.organization_of('bob'), 'which is their own until they switch'
);
select is(
  tests.request('bob', tests.organization_of('ada')::text), tests.organization_of('ada'),
  'the header x-organization-id names another of theirs'
);
select is(
  tests.request('bob', upper(tests.organization_of('ada')::text)), tests.organization_of('ada'),
  'in capitals, too'
);
select is(
  tests.request('eve', tests.organization_of('ada')::text), tests.organization_of('eve'),
  'a stranger uses up nothing of an organization by its header'
);
select is(
  tests.request('sue', tests.organization_of('ada')::text), tests.organization_of('sue'),
  'nor does a suspended member'
);
select is(
  tests.request('eve', 'no uuid; drop table x'), tests.organization_of('eve'), 'a header of nonsense is none'
);
select is(tests.request('anon'), null, 'a visitor is charged to nobody');
select is(
  tests.request('anon', tests.organization_of('ada')::text), null, 'whatever organization they name'
);
select is(
  tests.request('service', tests.organization_of('ada')::text), null, 'the service is not charged'
);
select is(tests.request('ada', null, '/organization_quotas'), null, 'setting limits is not charged');

-- Under a limit.
update public.organization_quotas set requests_per_minute_limit = 2
where organization_id = tests.organization_of('ada');
select lives_ok($$ select tests.request('ada') $$, 'the first of two passes');
select lives_ok(
  $$ select tests.request('bob', tests.organization_of('ada')::text) $$,
  'and the second, of another member'
);
select throws_ok(
  $$ select tests.request('ada') $$, 'PT429', 'The limit of 2 requests per minute is reached',
  'the third does not'
);
select tests.act_as_nobody();
select lives_ok(
  $$ select tests.request('ada', null, '/organization_quotas') $$,
  'a limit that is too low can be raised all the same'
);
select lives_ok($$ select tests.request('bob') $$, 'elsewhere the members go on');
select lives_ok($$ select tests.request('service') $$, 'so does the service');

-- Naming one organization and writing in another.
select tests.act_as_nobody();
update public.organization_members set role_id = (
  select id from public.roles where name = 'admin' and organization_id is null
)
where user_id = tests.user_id('bob') and organization_id = tests.organization_of('ada');
update public.organization_quotas set requests_per_minute_limit = 0
where organization_id = tests.organization_of('ada');
create function tests.elsewhere(p_sql text) returns void language plpgsql as $$
begin
  perform set_config('ensemble.charged_organizations', '', true);
  perform tests.request('bob', tests.organization_of('bob')::text);
  perform tests.act_as('bob');
  execute p_sql;
end;
$$;
insert into public.teams (organization_id, name) values (tests.organization_of('ada'), 'Old');
select set_config('tests.ada', tests.organization_of('ada')::text, true);
select throws_ok(
  $$ select tests.elsewhere('insert into public.teams (organization_id, name) values
    (current_setting(''tests.ada'')::uuid, ''New'')') $$,
  'PT429', null, 'inserting rows is charged to their organization, whatever the request names'
);
select throws_ok(
  $$ select tests.elsewhere('update public.teams set name = ''Newer''
    where organization_id = current_setting(''tests.ada'')::uuid') $$,
  'PT429', null, 'so is changing them'
);
select throws_ok(
  $$ select tests.elsewhere('delete from public.teams
    where organization_id = current_setting(''tests.ada'')::uuid') $$,
  'PT429', null, 'and removing them'
);
select lives_ok(
  $$ select tests.elsewhere('insert into public.teams (organization_id, name) values
    (tests.organization_of(''bob''), ''Own'')') $$,
  'writing where the request says is free of that'
);
select tests.act_as_nobody();
update public.organization_quotas set requests_per_minute_limit = 1
where organization_id = tests.organization_of('ada');
update private.request_windows set minute = '-infinity';
select lives_ok(
  $$ select tests.elsewhere('with first as (insert into public.teams (organization_id, name)
      values (current_setting(''tests.ada'')::uuid, ''A'') returning 1)
    insert into public.teams (organization_id, name)
      select current_setting(''tests.ada'')::uuid, ''B'' from first') $$,
  'a request counts once, however much it writes'
);
select throws_ok(
  $$ select tests.elsewhere('insert into public.teams (organization_id, name) values
    (current_setting(''tests.ada'')::uuid, ''C'')') $$,
  'PT429', null, 'the next one is the next one'
);
select tests.act_as_service();
select lives_ok(
  $$ update public.teams set name = 'Of the service'
     where organization_id = tests.organization_of('ada') $$,
  'the service is not charged for what it writes'
);
select tests.act_as('bob');
select throws_ok(
  $$ select private.charge_writer(tests.organization_of('ada')) $$, '42501', null,
  'nobody charges others by hand'
);
select tests.act_as_nobody();

-- Whoever calls it, as PostgREST calls it.
select ok(
  has_function_privilege(role, 'private.check_request()', 'execute'),
  role || ' may run it, since PostgREST does so in their name'
)
from unnest(array['anon', 'authenticated', 'service_role']) as role;

set local transaction_read_only = on;
select lives_ok(
  $$ select private.check_request() from (select tests.act_as('ada')) as act $$,
  'in a read-only transaction it counts nothing, and refuses nothing'
);

select * from finish();
rollback;
