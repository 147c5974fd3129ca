-- What makes no sense is refused in words; what is harmless is not.
begin;
select * from no_plan();

select tests.create_user('ada');
select tests.act_as('ada');
insert into public.agents (name) values ('Scribe');
select set_config('tests.scribe', (select id::text from public.agents), true);
select tests.act_as_nobody();

-- The key of the refusal of a search, or null when it was none.
create function tests.refusal(
  p_filters jsonb default '{}', p_query text default 'walrus', p_limit integer default 10,
  p_embedding real[] default null, p_model text default null, p_candidates jsonb default null
)
returns text
language plpgsql
as $$
declare
  v_state text;
  v_detail text;
begin
  perform public.search_knowledge(
    current_setting('tests.scribe')::uuid, p_query, p_limit, p_filters, p_embedding, p_model,
    p_candidates
  );
  return null;
exception
  when others then
    get stacked diagnostics v_state = returned_sqlstate, v_detail = pg_exception_detail;
    return v_state || ' ' || v_detail;
end;
$$;
grant execute on all functions in schema tests to public;

select tests.act_as('ada');
select is(tests.refusal(), null, 'an agent without media is searched, and says nothing');
select is(tests.refusal(null), null, 'no filters are none');
select is(
  tests.refusal('{
    "tags": ["a"], "category": "c", "media_ids": ["00000000-0000-4000-8000-000000000000"],
    "assignment_type": "sop", "created_after": "2026-01-01", "created_before": "2026-02-01T00:00Z",
    "visibility": "personal", "channel_id": "00000000-0000-4000-8000-000000000000"
  }'),
  null,
  'all filters may be set at once'
);
select is(tests.refusal(filters), 'PT400 knowledge_filters_invalid', format('refuses %s', filters))
from (values
  ('{"tag": ["a"]}'::jsonb),
  ('{"tags": ["a"], "organization_id": "x"}'),
  ('{"tags": "a"}'),
  ('{"tags": null}'),
  ('{"category": ["a"]}'),
  ('{"media_ids": ["1"]}'),
  ('{"media_ids": {}}'),
  ('{"assignment_type": "everything"}'),
  ('{"created_after": "yesterday, perhaps"}'),
  ('{"created_before": 3}'),
  ('{"visibility": "everybody"}'),
  ('{"visibility": null}'),
  ('{"channel_id": "here"}'),
  ('{"channel_id": null}'),
  ('[]'),
  ('"tags"')
) as refused (filters);
select is(tests.refusal(p_query => query), 'PT400 query_empty', 'refuses to search for nothing')
from (values (''), ('  '), (null)) as refused (query);
select is(
  tests.refusal(p_query => repeat('walrus ', 1000)), null, 'a long question is cut, not refused'
);
select is(tests.refusal(p_limit => refused), 'PT400 search_limit_invalid', format('refuses %s results', refused))
from unnest(array[0, -1, 51]) as refused;
select is(
  tests.refusal(p_embedding => embedding, p_model => model), 'PT400 embedding_invalid',
  'refuses what is no embedding'
)
from (values
  ('{1}'::real[], 'one'),
  ('{}', 'one'),
  (array_fill(0::real, array[384]), 'one'),
  (array_fill(1::real, array[384]), null),
  (array_fill('NaN'::real, array[384]), 'one'),
  (array_fill('Infinity'::real, array[384]), 'one'),
  (array_fill(null::real, array[384]), 'one'),
  (array_fill(1::real, array[2, 192]), 'one')
) as refused (embedding, model);
select is(
  tests.refusal(p_embedding => array_fill(1::real, array[384]), p_model => 'unheard of'), null,
  'a model that nothing was embedded with finds nothing'
);
select is(
  tests.refusal(p_candidates => candidates), 'PT400 candidates_invalid',
  format('refuses the candidates %s', candidates)
)
from (values
  ('{}'::jsonb), ('3'), ('[{"chunk_id": "x", "rank": 1}]'),
  ('[{"chunk_id": "00000000-0000-4000-8000-000000000000", "rank": "first"}]')
) as refused (candidates);
select is(
  tests.refusal(p_candidates => '[{"chunk_id": "00000000-0000-4000-8000-000000000000", "rank": 1}]'),
  null, 'candidates that are not there are left out'
);
select is(
  tests.refusal(p_query => query), null, format('takes the words %s', query)
)
from (values
  ('"'), ('-'), ('a -"b'), ('''; drop table agents; --'), ('\'), ('& | ! <->'), ('%_%'), ('the'),
  (E'a\u0001b'), ('日本語の規定')
) as taken (query);

select * from finish();
rollback;
