-- Every exposed table, every command, every kind of stranger, from the owner of another organization to
-- a member who is suspended or only invited: nothing is read, written, changed or deleted.
-- The matrix is generated from the catalogue; rows come from tests.create_fixtures, and a table
-- without one fails.
begin;
select * from no_plan();

-- Tables that do not name their organization: which rows are another organization's, and which rows no
-- member of any organization may write.
create function tests.row_filter(p_title text, p_organization_id uuid, p_for_writing boolean)
returns text
language sql
stable
as $$
  select case
    when p_title = 'public.organizations' then format('id = %L', p_organization_id)
    when p_title = 'public.profiles' then format('id = %L', tests.user_id('alice'))
    when p_title = 'public.user_preferences' then format('user_id = %L', tests.user_id('alice'))
    when p_title = 'public.personal_data_exports' then
      format('user_id = %L', tests.user_id('alice'))
    -- Everybody reads the catalogues, nobody writes them.
    when p_title in (
      'public.permissions', 'public.ai_models', 'public.industry_templates',
      'public.service_providers', 'public.integration_capabilities'
    ) then
      p_for_writing::text
    -- The same holds for system roles.
    when p_title in ('public.roles', 'public.role_permissions') then
      format('(organization_id = %L or %L and organization_id is null)', p_organization_id, p_for_writing)
    -- One may know of one's own suspension or invitation.
    when p_title = 'public.organization_members' then
      format(
        'organization_id = %L and user_id not in (%L, %L)',
        p_organization_id,
        tests.user_id('sue'),
        tests.user_id('ivy')
      )
    else format('organization_id = %L', p_organization_id)
  end
$$;

create function tests.act_as_stranger(p_actor text)
returns void
language plpgsql
as $$
begin
  if p_actor = 'anon' then
    perform tests.act_as_anon();
  else
    perform tests.act_as(p_actor);
  end if;
end;
$$;

-- What the actor's statement does to the rows of the filter; null when nothing. All is undone.
create function tests.trespass(p_actor text, p_statement text, p_title text, p_filter text)
returns text
language plpgsql
as $$
declare
  -- With its place in the table, a row written over with its own values is another row.
  v_digest constant text := format(
    'select md5(string_agg(concat(t.ctid, t), chr(10) order by t.ctid)) from %s as t where %s',
    p_title,
    p_filter
  );
  v_before text;
  v_after text;
  v_error text;
begin
  execute v_digest into v_before;
  begin
    begin
      perform tests.act_as_stranger(p_actor);
      execute p_statement;
      -- What waits for the commit decides now.
      set constraints all immediate;
      perform tests.act_as_nobody();
    exception
      when insufficient_privilege then v_error := null; -- refused
      when others then
        -- So is what answers in our own words; anything else means that nothing refused it.
        if sqlstate !~ '^PT4' then
          v_error := format('%s: %s (%s)', sqlstate, sqlerrm, p_statement);
        end if;
    end;
    perform tests.act_as_nobody();
    execute v_digest into v_after;
    raise exception using errcode = 'TRBCK';
  exception
    when sqlstate 'TRBCK' then null;
  end;
  if v_before is distinct from v_after then
    return 'changed rows: ' || p_statement;
  end if;
  return v_error;
end;
$$;

create function tests.trespass_select(p_actor text, p_title text, p_filter text)
returns text
language plpgsql
as $$
declare
  v_count bigint := 0;
begin
  begin
    perform tests.act_as_stranger(p_actor);
    execute format('select count(*) from %s where %s', p_title, p_filter) into v_count;
  exception
    when insufficient_privilege then v_count := 0;
  end;
  perform tests.act_as_nobody();
  return case when v_count > 0 then format('read %s rows', v_count) end;
end;
$$;

-- The columns that the actor may write, as far as privileges tell.
create function tests.writable_columns(p_table_oid oid, p_actor text, p_privilege text)
returns text[]
language sql
stable
as $$
  select coalesce(array_agg(our_columns.column_name order by our_columns.column_number), '{}')
  from tests.our_columns
  where our_columns.table_oid = p_table_oid
    and not our_columns.computed
    and has_column_privilege(
      case p_actor when 'anon' then 'anon' else 'authenticated' end,
      p_table_oid,
      our_columns.column_number,
      p_privilege
    )
$$;

-- A copy of the row of the filter, as an insert of those columns, with a key of its own.
create function tests.insert_of(p_title text, p_filter text, p_columns text[])
returns text
language plpgsql
as $$
declare
  v_row jsonb;
begin
  execute format('select to_jsonb(t) from %s as t where %s limit 1', p_title, p_filter) into v_row;
  if v_row ? 'id' then
    v_row := v_row || jsonb_build_object('id', gen_random_uuid());
  end if;
  return format(
    'insert into %1$s (%2$s) select %2$s from jsonb_populate_record(null::%1$s, %3$L)',
    p_title,
    (select string_agg(quote_ident(c), ', ') from unnest(p_columns) as c),
    v_row
  );
end;
$$;

-- The row's own values again, with and without naming the rows: the first meets the select policy too.
create function tests.update_of(p_title text, p_filter text, p_columns text[])
returns text
language plpgsql
as $$
declare
  v_row jsonb;
begin
  execute format('select to_jsonb(t) from %s as t where %s limit 1', p_title, p_filter) into v_row;
  return format(
    'update %1$s set (%2$s) = row(%3$s)',
    p_title,
    (select string_agg(quote_ident(c), ', ') from unnest(p_columns) as c),
    (
      select string_agg(format('((jsonb_populate_record(null::%s, %L)).%I)', p_title, v_row, c), ', ')
      from unnest(p_columns) as c
    )
  );
end;
$$;

create function tests.has_fixture(p_title text, p_filter text)
returns boolean
language plpgsql
as $$
declare
  v_found boolean;
begin
  execute format('select exists (select from %s where %s)', p_title, p_filter) into v_found;
  return v_found;
end;
$$;

create function tests.cross_organization_matrix(p_organization_id uuid, p_actors text[])
returns setof text
language plpgsql
as $$
declare
  v_table record;
  v_actor text;
  v_read text;
  v_write text;
  v_columns text[];
  v_problem text;
begin
  for v_table in
    select * from tests.our_tables where our_tables.exposed order by our_tables.title
  loop
    v_read := tests.row_filter(v_table.title, p_organization_id, false);
    v_write := tests.row_filter(v_table.title, p_organization_id, true);
    return next ok(
      tests.has_fixture(v_table.title, v_write), format('%s has a fixture', v_table.title)
    );
    continue when not tests.has_fixture(v_table.title, v_write);

    foreach v_actor in array p_actors loop
      v_problem := tests.trespass_select(v_actor, v_table.title, v_read);
      return next ok(v_problem is null, format('%s reads nothing in %s', v_actor, v_table.title))
        || coalesce(E'\n# ' || v_problem, '');

      v_columns := tests.writable_columns(v_table.oid, v_actor, 'insert');
      v_problem := case when cardinality(v_columns) > 0 then tests.trespass(
        v_actor, tests.insert_of(v_table.title, v_write, v_columns), v_table.title, v_write
      ) end;
      return next ok(v_problem is null, format('%s writes nothing in %s', v_actor, v_table.title))
        || coalesce(E'\n# ' || v_problem, '');

      v_columns := tests.writable_columns(v_table.oid, v_actor, 'update');
      v_problem := case when cardinality(v_columns) > 0 then coalesce(
        tests.trespass(
          v_actor,
          tests.update_of(v_table.title, v_write, v_columns) || ' where ' || v_write,
          v_table.title,
          v_write
        ),
        tests.trespass_blindly(v_actor, v_table, v_write, v_columns)
      ) end;
      return next ok(v_problem is null, format('%s changes nothing in %s', v_actor, v_table.title))
        || coalesce(E'\n# ' || v_problem, '');

      v_problem := coalesce(
        tests.trespass(v_actor, format('delete from %s where %s', v_table.title, v_write), v_table.title, v_write),
        tests.trespass(v_actor, format('delete from %s', v_table.title), v_table.title, v_write)
      );
      return next ok(v_problem is null, format('%s deletes nothing in %s', v_actor, v_table.title))
        || coalesce(E'\n# ' || v_problem, '');
    end loop;
  end loop;
end;
$$;

-- One column at a time, to a constant, without a where: no select policy stands before the update's.
-- What the statement does to the actor's own rows, and how it fails there, is beside the point.
create function tests.trespass_blindly(
  p_actor text,
  p_table record,
  p_filter text,
  p_columns text[]
)
returns text
language plpgsql
as $$
declare
  v_column text;
  v_problem text;
begin
  foreach v_column in array p_columns loop
    v_problem := tests.trespass(
      p_actor, tests.update_of(p_table.title, p_filter, array[v_column]), p_table.title, p_filter
    );
    if v_problem like 'changed rows%' then
      return v_problem;
    end if;
  end loop;
  return null;
end;
$$;

select tests.create_user('alice');
select tests.create_user('bob');
select tests.create_user('bob_admin');
select tests.create_user('bob_manager');
select tests.create_user('bob_member');
select tests.create_user('bob_guest');
select tests.create_user('sue');
select tests.create_user('ivy');

select tests.act_as('alice');
select set_config('tests.ours', (public.create_organization('Ours')).id::text, true);
select tests.act_as('bob');
select set_config('tests.theirs', (public.create_organization('Theirs')).id::text, true);
select tests.act_as_nobody();

select tests.add_member(current_setting('tests.theirs')::uuid, 'bob_admin', 'admin');
select tests.add_member(current_setting('tests.theirs')::uuid, 'bob_manager', 'manager');
select tests.add_member(current_setting('tests.theirs')::uuid, 'bob_member', 'member');
select tests.add_member(current_setting('tests.theirs')::uuid, 'bob_guest', 'guest');
select tests.add_member(current_setting('tests.ours')::uuid, 'sue', 'admin', 'suspended');
select tests.add_member(current_setting('tests.ours')::uuid, 'ivy', 'admin', 'invited');
select tests.create_fixtures(current_setting('tests.ours')::uuid, 'alice');
select tests.create_fixtures(current_setting('tests.theirs')::uuid, 'bob');

-- The matrix can fail: it reports a table that anybody writes, and one without a row.
savepoint planted;
create table public.planted_open (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null
);
create table public.planted_empty (organization_id uuid not null);
insert into public.planted_open (organization_id) values (current_setting('tests.ours')::uuid);
grant select, insert, update, delete on public.planted_open to authenticated;
select is(
  tests.trespass_select('bob', 'public.planted_open', 'true'),
  'read 1 rows',
  'the matrix reports reading'
);
select matches(
  tests.trespass('bob', statement, 'public.planted_open', 'true'),
  '^changed rows',
  'the matrix reports: ' || statement
)
from (
  values
    (format('insert into public.planted_open (organization_id) values (%L)', current_setting('tests.ours'))),
    ('update public.planted_open set organization_id = gen_random_uuid()'),
    ('update public.planted_open set organization_id = organization_id'),
    ('delete from public.planted_open')
) as statements (statement);
select matches(
  tests.trespass('bob', 'insert into public.planted_open (id) values (gen_random_uuid())', 'public.planted_open', 'true'),
  '^23502',
  'the matrix reports a write that something else than a policy stopped'
);
select is(tests.trespass_select('anon', 'public.planted_open', 'true'), null, 'the matrix reports no refusal');
select ok(
  not tests.has_fixture('public.planted_empty', 'true'),
  'the matrix reports a table without a fixture'
);
rollback to savepoint planted;

select tests.cross_organization_matrix(
  current_setting('tests.ours')::uuid,
  array['bob', 'bob_admin', 'bob_manager', 'bob_member', 'bob_guest', 'sue', 'ivy', 'anon']
);

select * from finish();
rollback;
