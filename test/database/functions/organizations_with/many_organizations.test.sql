-- A user in 200 organizations: what they may do is still read once per statement, by one index, and
-- every row is judged by one indexed comparison.
begin;
select plan(9);

select tests.create_user('ada');
select tests.create_user('bob');
select set_config('tests.ada', tests.user_id('ada')::text, true);

insert into public.organizations (name, slug)
select 'Org ' || n, 'org-' || n from generate_series(1, 400) as n;
-- Ada is a member of the first 200, and may not read agents in every tenth of them.
insert into public.organization_members (organization_id, user_id, role_id, custom_permissions)
select
  organizations.id,
  current_setting('tests.ada')::uuid,
  roles.id,
  case when substr(organizations.slug, 5)::integer % 10 = 0
    then '{"grant": [], "deny": ["agents.read"]}' else '{"grant": [], "deny": []}'
  end::jsonb
from public.organizations
join public.roles on roles.organization_id is null and roles.name = 'member'
where organizations.slug ~ '^org-\d+$'
  and substr(organizations.slug, 5)::integer <= 200;
-- Others fill the same tables, so that reading all of them would cost.
insert into public.organization_members (organization_id, user_id, role_id)
select organizations.id, tests.user_id('bob'), roles.id
from public.organizations
join public.roles on roles.organization_id is null and roles.name = 'member'
where organizations.slug ~ '^org-\d+$';
insert into public.agents (organization_id, name, visibility, created_at)
select organizations.id, 'Agent ' || n, 'organization', now() - n * interval '1 second'
from public.organizations
cross join generate_series(1, 20) as n
where organizations.slug ~ '^org-\d+$';
analyze public.agents;
analyze public.organization_members;

-- The plan as it was carried out.
create function tests.executed(p_query text) returns jsonb
language plpgsql volatile
as $$
declare
  v_plan jsonb;
begin
  execute 'explain (analyze, format json, costs off, timing off) ' || p_query into v_plan;
  return v_plan;
end;
$$;
create function tests.node(p_plan jsonb, p_path jsonpath) returns setof jsonb language sql stable
as $$ select jsonb_path_query(p_plan, p_path) $$;

select tests.act_as('ada');
select is(
  cardinality(private.organizations_with('agents.read')),
  181,
  'one holds a permission in some of 200 organizations, and in one''s own'
);
select is(
  (select count(*) from public.agents),
  180 * 20::bigint,
  'one sees what is there, and nothing where it is denied'
);

select set_config('tests.page', tests.executed(format(
  'select id from public.agents where organization_id = %L order by created_at desc, id desc limit 20',
  (select id from public.organizations where slug = 'org-7')
))::text, true);
select is(
  (
    select max((node ->> 'Actual Loops')::numeric)
    from tests.node(
      current_setting('tests.page')::jsonb, 'strict $.** ? (@."Subplan Name" starts with "InitPlan")'
    ) as node
  ),
  1::numeric,
  'a page asks what one may do once'
);
select is_empty(
  $$
    select tests.node(
      current_setting('tests.page')::jsonb, 'strict $.** ? (@."Subplan Name" starts with "SubPlan")'
    )
  $$,
  'and never per row'
);
select is_empty(
  $$ select tests.node(current_setting('tests.page')::jsonb, 'strict $.** ? (@."Node Type" == "Seq Scan")') $$,
  'nothing is read from end to end'
);
select isnt_empty(
  $$
    select tests.node(
      current_setting('tests.page')::jsonb,
      'strict $.** ? (@."Index Name" == "agents_organization_id_created_at_id_idx")'
    )
  $$,
  'it comes in the order of its index'
);

select set_config('tests.row', tests.executed(format(
  'select * from public.agents where id = %L',
  (select id from public.agents order by id limit 1)
))::text, true);
select is(
  (
    select count(*)
    from tests.node(
      current_setting('tests.row')::jsonb, 'strict $.** ? (@."Node Type" == "Index Scan")'
    ) as node
    where node ->> 'Index Name' ~ '^agents_(pkey|id_organization_id_key)$'
      and node ->> 'Filter' || (node ->> 'Index Cond') ~ 'organization_id = ANY \(\(InitPlan'
  ),
  1::bigint,
  'one row is one index entry and one comparison'
);

select tests.act_as_nobody();
-- What the helper asks, with its own words. A table this small would as soon be read whole.
set local enable_seqscan = off;
select set_config('tests.helper', tests.executed(format(
  'select organization_members.organization_id from public.organization_members
    where organization_members.user_id = %L
      and organization_members.status = ''active''
      and ''agents.read'' = any (organization_members.permissions)',
  current_setting('tests.ada')
))::text, true);
select isnt_empty(
  $$
    select tests.node(
      current_setting('tests.helper')::jsonb,
      'strict $.** ? (@."Index Name" == "organization_members_user_id_idx")'
    )
  $$,
  'memberships are found by the user'
);
select is(
  (
    select sum(
      coalesce((node ->> 'Actual Rows')::numeric, 0)
      + coalesce((node ->> 'Rows Removed by Filter')::numeric, 0)
    )::integer
    from tests.node(
      current_setting('tests.helper')::jsonb,
      'strict $.** ? (@."Node Type" == "Index Scan" || @."Node Type" == "Bitmap Heap Scan")'
    ) as node
  ),
  201,
  'one row each, of all that there are'
);

select * from finish();
rollback;
