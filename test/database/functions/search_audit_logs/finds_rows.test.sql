-- search_audit_logs(): filters, words and pages, over what is sealed and what is not.
begin;
select plan(37);
select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('cleo');
select tests.create_user('mia');
select tests.add_member(tests.organization_of('ada'), 'bob', 'admin');
select tests.add_member(tests.organization_of('ada'), 'cleo', 'admin', 'suspended');
select tests.add_member(tests.organization_of('ada'), 'mia', 'manager');

-- Six events an hour apart, the last two of which no seal covers, and one of another organization.
create function tests.write(
  p_place integer, p_action text, p_resource_id text, p_details jsonb,
  p_severity text default 'info', p_actor uuid default null, p_correlation text default null,
  p_name text default 'ada'
)
returns void
language sql
as $$
  with written as (
    insert into public.audit_logs
      (
        organization_id, actor_type, actor_id, action, resource_type, resource_id, new_values,
        severity, correlation_id, created_at
      )
    values (
      tests.organization_of(p_name), case when p_actor is null then 'system' else 'user' end,
      p_actor, p_action, 'things', p_resource_id, p_details, p_severity, p_correlation,
      '2036-05-01 00:00:00.123456+00'::timestamptz + p_place * interval '1 hour'
    )
    returning id, organization_id, created_at
  )
  insert into private.audit_unsealed select * from written
$$;
select tests.write(1, 'thing.created', 'a', '{"colour": "deep green", "size": 42}');
select tests.write(2, 'thing.updated', 'a', '{"colour": "light green"}', 'warning', tests.user_id('ada'), 'trace-1');
select tests.write(3, 'thing.created', 'b''\"', '{"title": "Le garçon d''à côté"}', 'info', tests.user_id('bob'), 'trace-1');
select tests.write(3, 'thing.created', 'stranger', '{"colour": "green"}', 'info', null, 'trace-1', 'cleo');
select tests.write(4, 'thing.deleted', 'a', jsonb_build_object('text', repeat('long ', 100000) || 'tail'));
select private.seal_audit_logs();
select tests.write(5, 'thing.created', 'c', '{"colour": "green deep"}', 'critical', tests.user_id('ada'));
select tests.write(6, 'thing.read', 'c', null);

-- The places of what is found, in order.
create function tests.search(
  p_query text default null, p_actor_id uuid default null, p_actor_type text default null,
  p_action text default null, p_resource_type text default 'things',
  p_resource_id text default null, p_severity text default null,
  p_correlation_id text default null, p_from timestamptz default null,
  p_to timestamptz default null, p_limit integer default 50, p_cursor text default null
)
returns text
language sql
as $$
  select string_agg(
    (extract(epoch from created_at - '2036-05-01 00:00:00.123456+00') / 3600)::integer::text, ' '
    order by place
  )
  from public.search_audit_logs(
    tests.organization_of('ada'), p_query, p_actor_id, p_actor_type, p_action, p_resource_type,
    p_resource_id, p_severity, p_correlation_id, p_from, p_to, p_limit, p_cursor
  ) with ordinality as found (
    id, organization_id, actor_type, actor_id, action, resource_type, resource_id, old_values,
    new_values, severity, ip_address, user_agent, correlation_id, created_at, cursor, place
  )
$$;
select tests.act_as('ada');

select is(tests.search(), '6 5 4 3 2 1', 'the newest comes first, sealed or not');
select is(tests.search(p_query => 'green'), '5 2 1', 'a word is found in values');
select is(tests.search(p_query => 'GREEN light'), '2', 'all words are meant');
select is(tests.search(p_query => '"deep green"'), '1', 'a phrase is one');
select is(tests.search(p_query => 'light or deep'), '5 2 1', 'either is found by or');
select is(tests.search(p_query => 'green -deep'), '2', 'and none by a minus');
select is(tests.search(p_query => 'garçon'), '3', 'in any language');
select is(tests.search(p_query => 'colour'), '5 2 1', 'the name of a column is a word');
select is(tests.search(p_query => '42'), '1', 'a number is one');
select is(tests.search(p_query => 'deleted'), '4', 'so is what happened');
select is(tests.search(p_query => 'long'), '4', 'a value too long for an index is found by its beginning');
select is(tests.search(p_query => '!!! ...'), null, 'a text without words is found nowhere');
select is(tests.search(p_query => 'red'), null, 'nor is a word that nobody wrote');
select is(tests.search(p_actor_id => tests.user_id('ada')), '5 2', 'by actor');
select is(tests.search(p_actor_type => 'system'), '6 4 1', 'by kind of actor');
select is(tests.search(p_action => 'thing.created'), '5 3 1', 'by action');
select is(tests.search(p_resource_type => 'agents'), null, 'by kind of resource');
select is(tests.search(p_resource_id => 'a'), '4 2 1', 'by resource');
select is(tests.search(p_resource_id => 'b''\"'), '3', 'whatever its id holds');
select is(tests.search(p_severity => 'critical'), '5', 'by severity');
select is(tests.search(p_correlation_id => 'trace-1'), '3 2', 'by correlation id');
select is(
  tests.search(p_query => 'green', p_action => 'thing.created', p_severity => 'info'), '1',
  'by all of these at once'
);
select is(
  tests.search(p_from => '2036-05-01 02:00:00.123456+00', p_to => '2036-05-01 05:00:00.123456+00'),
  '4 3 2', 'from is included, to is not'
);
select is(
  tests.search(
    'green', p_from => '2036-05-01 02:00:00.123456+00', p_to => '2036-05-01 05:00:00.123456+00'
  ),
  '2', 'also of words'
);

-- Pages.
select tests.act_as_nobody();
create function tests.pages(p_limit integer, p_query text default null)
returns text
language plpgsql
as $$
declare
  v_pages text[] := '{}';
  v_cursor text;
  v_count integer;
  v_page text;
begin
  loop
    select count(*), string_agg(resource_id, ' '), (array_agg(cursor))[count(*)]
    into v_count, v_page, v_cursor
    from public.search_audit_logs(
      tests.organization_of('ada'), p_query, p_resource_type => 'things', p_limit => p_limit,
      p_cursor => v_cursor
    );
    v_pages := v_pages || v_page;
    exit when v_count < p_limit or cardinality(v_pages) > 10;
  end loop;
  return array_to_string(v_pages, ' | ');
end;
$$;
select tests.act_as('ada');
select is(tests.pages(4), 'c c a b''\" | a a', 'a cursor leads to the next page');
select is(tests.pages(2, 'green'), 'c a | a', 'also of words');
select tests.act_as_nobody();
select tests.write(6, 'thing.read', 'd' || n, null) from generate_series(1, 5) as n;
select tests.act_as('ada');
select is(
  tests.pages(3), 'd5 d4 d3 | d2 d1 c | c a b''\" | a a',
  'rows of one instant are passed by once'
);
select is(
  (
    select count(*) from public.search_audit_logs(
      tests.organization_of('ada'),
      p_cursor => (
        select min(cursor) from public.search_audit_logs(tests.organization_of('ada'), p_limit => 1)
      )
    )
  ),
  (select count(*) - 1 from public.audit_logs where organization_id = tests.organization_of('ada')),
  'a search for nothing in particular has pages, too'
);
select throws_ok(
  $$ select public.search_audit_logs(tests.organization_of('ada'), p_limit => 1001) $$,
  'PT400', null, 'a page has its bound'
);
select throws_ok(
  $$ select public.search_audit_logs(tests.organization_of('ada'), p_cursor => '1; drop table') $$,
  'PT400', null, 'a cursor that was made up is refused'
);

-- Who may ask.
select tests.act_as('bob');
select is(tests.search('green'), '5 2 1', 'an admin searches');
select tests.act_as('mia');
select throws_ok('select tests.search()', 'PT403', null, 'a manager does not');
select tests.act_as('cleo');
select throws_ok('select tests.search()', 'PT403', null, 'nor does a suspended admin');
select is(
  (select string_agg(resource_id, ' ') from public.search_audit_logs(tests.organization_of('cleo'), 'green')),
  'stranger', 'each finds what is their own'
);
select throws_ok(
  'select public.search_audit_logs(null, ''green'')', 'PT403', null,
  'no organization is no way around it'
);
select tests.act_as_anon();
select throws_ok(
  'select public.search_audit_logs(gen_random_uuid())', '42501', null, 'visitors search nothing'
);

-- An organization that goes.
select tests.act_as_nobody();
delete from auth.users where id = tests.user_id('cleo');
select is_empty(
  $$
    select from private.audit_documents
    where not exists (
      select from public.organizations where organizations.id = audit_documents.organization_id
    )
  $$,
  'nothing can be found of an organization that is gone'
);

select * from finish();
rollback;
