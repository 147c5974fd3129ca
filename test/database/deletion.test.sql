-- Deleting an organization, a user or an agent works while they are in full use, and leaves no trace
-- of their id in any column of any table, nor a secret in Vault.
begin;
select plan(11);

-- Every column outside of the platform that holds the id, alone or inside of a text or document.
create function tests.traces(p_id uuid)
returns setof text
language plpgsql
as $$
declare
  v_column record;
  v_count bigint;
begin
  for v_column in
    select our_columns.schema_name, our_columns.table_name, our_columns.column_name, our_columns.title
    from tests.our_columns
    where our_columns.type_name in ('uuid', 'uuid[]', 'text', 'text[]', 'json', 'jsonb')
    union all
    select 'vault', 'secrets', 'name', 'vault.secrets.name'
    order by 4
  loop
    execute format(
      'select count(*) from %I.%I where strpos(%I::text, %L) > 0',
      v_column.schema_name, v_column.table_name, v_column.column_name, p_id
    )
    into v_count;
    if v_count > 0 then
      return next format('%s (%s)', v_column.title, v_count);
    end if;
  end loop;
end;
$$;

select tests.create_user('alice');
select tests.create_user('bob');
select tests.create_user('carol');

select tests.act_as('alice');
select set_config('tests.first', (public.create_organization('First')).id::text, true);
select set_config('tests.second', (public.create_organization('Second')).id::text, true);
select tests.act_as_nobody();
select tests.add_member(current_setting('tests.second')::uuid, 'bob', 'admin');
select tests.add_member(current_setting('tests.second')::uuid, 'carol', 'member');
select tests.create_fixtures(current_setting('tests.first')::uuid, 'alice');
select tests.create_fixtures(current_setting('tests.second')::uuid, 'alice');
select tests.create_fixtures(tests.organization_of('alice'), 'alice');
select tests.create_private_fixtures(current_setting('tests.first')::uuid);
select tests.create_private_fixtures(current_setting('tests.second')::uuid);
select tests.create_private_fixtures(tests.organization_of('alice'));

select set_config('tests.alice', tests.user_id('alice')::text, true);
select set_config('tests.personal', tests.organization_of('alice')::text, true);
select set_config('tests.agent', (
  select id::text from public.agents where organization_id = current_setting('tests.second')::uuid
), true);

select cmp_ok(
  (select count(*) from tests.traces(current_setting('tests.first')::uuid)),
  '>',
  15::bigint,
  'an organization in use leaves traces all over'
);
select isnt_empty(
  $$ select v from tests.traces(current_setting('tests.first')::uuid) as v where v like 'vault.%' $$,
  'also in Vault'
);

select lives_ok(
  $$ delete from public.organizations where id = current_setting('tests.first')::uuid $$,
  'an organization in use can be deleted'
);
select lives_ok('set constraints all immediate', 'and nothing speaks up at commit');
select is_empty(
  $$ select tests.traces(current_setting('tests.first')::uuid) $$,
  'nothing of it is left'
);

select lives_ok(
  $$ delete from public.agents where id = current_setting('tests.agent')::uuid $$,
  'an agent in use can be deleted'
);
select is_empty(
  $$ select tests.traces(current_setting('tests.agent')::uuid) $$,
  'nothing of it is left'
);

select lives_ok(
  $$ delete from auth.users where id = current_setting('tests.alice')::uuid $$,
  'a user who owns organizations, agents and tasks can be deleted'
);
select is_empty(
  $$ select tests.traces(current_setting('tests.alice')::uuid) $$,
  'nothing of the user is left'
);
select is_empty(
  $$ select tests.traces(current_setting('tests.personal')::uuid) $$,
  'nothing of the personal organization is left'
);
select isnt_empty(
  $$ select from public.organizations where id = current_setting('tests.second')::uuid $$,
  'an organization with other members lives on'
);

select * from finish();
rollback;
