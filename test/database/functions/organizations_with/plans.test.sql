-- A policy is only as good as the index under it, and as rarely as it is asked.
begin;
select plan(17);

select tests.create_user('ada');

create function tests.plan_of(p_query text) returns text
language plpgsql volatile
as $$
declare
  v_line text;
  v_plan text := '';
begin
  for v_line in execute 'explain (costs off) ' || p_query loop
    v_plan := v_plan || v_line || e'\n';
  end loop;
  return v_plan;
end;
$$;
grant execute on all functions in schema tests to public;

-- Of an empty table, one index is as good as another.
insert into public.agents (organization_id, user_id, name)
select tests.organization_of('ada'), tests.user_id('ada'), 'Agent ' || n
from generate_series(1, 1000) as n;
analyze public.agents;

-- On tables this small, reading all of them is cheapest; here it is about what is possible.
set local enable_seqscan = off;
set local enable_bitmapscan = off;
set local enable_sort = off;

select tests.act_as('ada');

select matches(
  tests.plan_of('select * from public.' || hot.table_name),
  'Index (Only )?Scan.*Index Cond: [^\n]*' || hot.column_name || ' = ANY \(\(InitPlan',
  format('%s are read by %s, asked once', hot.table_name, hot.column_name)
)
from (values
  ('organizations', 'id'),
  ('organization_quotas', 'organization_id'),
  ('organization_usage_days', 'organization_id'),
  ('agents', 'organization_id'),
  ('teams', 'organization_id'),
  ('team_members', 'organization_id'),
  ('workspace_members', 'workspace_id'),
  ('chat_channels', 'workspace_id'),
  ('chat_messages', 'channel_id')
) as hot (table_name, column_name);

select matches(
  tests.plan_of(
    format(
      'select * from public.chat_messages where channel_id = %L
        order by created_at desc, id desc limit 50',
      gen_random_uuid()
    )
  ),
  'Limit\n.*->  Index Scan using chat_messages_channel_id_created_at_id_idx',
  'the first page of a channel comes in the order of its index, unsorted'
);
select matches(
  tests.plan_of(
    format(
      'select * from public.chat_messages where channel_id = %L and (created_at, id) < (now(), %L)
        order by created_at desc, id desc limit 50',
      gen_random_uuid(), gen_random_uuid()
    )
  ),
  'Index Cond: \(\(channel_id = [^\n]*ROW\(created_at, id\) <',
  'so does every later page, without reading the earlier ones'
);
select unalike(
  tests.plan_of(
    format(
      'select * from public.chat_messages where channel_id = %L
        order by created_at desc, id desc limit 50',
      gen_random_uuid()
    )
  ),
  '%Sort%',
  'nothing is sorted for it'
);
select matches(
  tests.plan_of(format('select * from public.agents where id = %L', gen_random_uuid())),
  'Index Scan using agents_(pkey|id_organization_id_key)',
  'one row is read by its key'
);
select matches(
  tests.plan_of(
    format(
      'select * from public.agents where organization_id = %L
        order by created_at desc, id desc limit 20',
      tests.organization_of('ada')
    )
  ),
  'Limit\n.*->  Index Scan using agents_organization_id_created_at_id_idx',
  'a page of agents comes in the order of its index'
);
select matches(
  tests.plan_of(format('select * from public.profiles where id = %L', gen_random_uuid())),
  'Index Scan using profiles_pkey',
  'a profile is read by its key'
);
select matches(
  tests.plan_of(
    format('select * from public.organization_members where user_id = %L', tests.user_id('ada'))
  ),
  'Index Scan using organization_members_(user_id_idx|organization_id_user_id_key)',
  'memberships of a person are read by an index'
);

select tests.act_as_nobody();
select matches(
  tests.plan_of(
    format(
      'select organization_id from public.organization_members
        where user_id = %L and status = ''active'' and ''agents.read'' = any (permissions)',
      gen_random_uuid()
    )
  ),
  'Index Scan using organization_members_user_id_idx',
  'the helper reads one index entry per membership'
);

select * from finish();
rollback;
