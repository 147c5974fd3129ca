-- Every policy has an index under it: with sequential scans priced out, no read, change or deletion of an
-- exposed table by a member falls back to one.
begin;
select * from no_plan();

-- The tables that the caller's plan scans from end to end.
create function tests.scanned_tables(p_statement text)
returns setof text
language plpgsql
as $$
declare
  v_plan jsonb;
begin
  execute 'explain (format json, costs off) ' || p_statement into v_plan;
  return query
  select distinct node ->> 'Relation Name'
  from jsonb_path_query(v_plan, '$.** ? (@."Node Type" == "Seq Scan")') as node;
end;
$$;

create function tests.plan_problems(p_title text, p_privileges text[])
returns setof text
language plpgsql
as $$
declare
  v_privilege text;
  v_statement text;
begin
  foreach v_privilege in array p_privileges loop
    v_statement := case v_privilege
      when 'select' then format('select 1 from %s', p_title)
      when 'update' then format('update %s set %s', p_title, (
        select format('%1$I = %1$I', our_columns.column_name)
        from tests.our_columns
        where our_columns.table_oid = p_title::regclass
          and has_column_privilege('authenticated', our_columns.table_oid, our_columns.column_number, 'update')
        limit 1
      ))
      -- Naming any column brings the select policy in, as every delete through the API does.
      when 'delete' then format('delete from %s as t where t.%I is not null', p_title, (
        select our_columns.column_name
        from tests.our_columns
        where our_columns.table_oid = p_title::regclass
          and has_column_privilege('authenticated', our_columns.table_oid, our_columns.column_number, 'select')
        limit 1
      ))
    end;
    perform tests.act_as('alice');
    return query
    select format('%s: %s reads all of %s', p_title, v_privilege, scanned)
    from tests.scanned_tables(v_statement) as scanned;
    perform tests.act_as_nobody();
  end loop;
end;
$$;

create function tests.member_plans()
returns setof text
language plpgsql
as $$
declare
  v_table record;
begin
  for v_table in
    select
      our_tables.title,
      array_remove(array[
        case when has_any_column_privilege('authenticated', our_tables.oid, 'select') then 'select' end,
        case when has_any_column_privilege('authenticated', our_tables.oid, 'update') then 'update' end,
        case when has_table_privilege('authenticated', our_tables.oid, 'delete') then 'delete' end
      ], null) as privileges
    from tests.our_tables
    where our_tables.exposed
      -- The catalogues are for everybody: there is nothing to look for.
      and our_tables.title not in ('public.permissions', 'public.ai_models')
    order by our_tables.title
  loop
    return next is_empty(
      format('select tests.plan_problems(%L, %L)', v_table.title, v_table.privileges),
      format('members reach %s by an index', v_table.title)
    );
  end loop;
end;
$$;

select tests.create_user('alice');
select tests.create_fixtures(tests.organization_of('alice'), 'alice');
set local enable_seqscan = off;

select tests.member_plans();

create table public.planted (id uuid primary key, organization_id uuid not null, note text);
alter table public.planted enable row level security;
create policy select_member on public.planted for select to authenticated
  using (organization_id = any ((select private.organizations_with('agents.read'))::uuid[]));
grant select on public.planted to authenticated;
select isnt_empty(
  $$ select tests.plan_problems('public.planted', '{select}') $$,
  'a policy without an index is reported'
);
create index planted_organization_id_idx on public.planted (organization_id);
select is_empty(
  $$ select tests.plan_problems('public.planted', '{select}') $$,
  'and with one is fine'
);

select * from finish();
rollback;
