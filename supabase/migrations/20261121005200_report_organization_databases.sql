-- What an organization keeps, in numbers: rows and bytes table by table, objects in Storage, who
-- works in it, and when something last changed.

-- Counts the rows of one table with the bytes of their columns as stored, compressed ones included;
-- indexes and dead rows belong to nobody. One pass over one index range.
create function private.describe_organization_table(p_table regclass, p_organization_id uuid)
returns table (row_count bigint, byte_count bigint, last_change_at timestamptz)
language plpgsql
stable
security definer -- counts rows that the caller may not read
set search_path = ''
as $$
declare
  v_bytes text;
  v_changed text;
begin
  select
    string_agg(format('coalesce(pg_column_size(t.%I), 0)', columns.attname), ' + '),
    string_agg(format('t.%I', columns.attname), ', ') filter (
      where columns.attname in ('created_at', 'updated_at')
        and columns.atttypid = 'timestamptz'::regtype
    )
  into v_bytes, v_changed
  from pg_catalog.pg_attribute as columns
  where columns.attrelid = p_table
    and columns.attnum > 0
    and not columns.attisdropped;

  execute format(
    -- 28 bytes: the header of a row and its line in the page.
    'select count(*), coalesce(sum(28 + %s), 0)::bigint, max(%s)::timestamptz '
    'from %s as t where t.organization_id = $1',
    v_bytes,
    coalesce('greatest(' || v_changed || ')', 'null'),
    p_table
  )
  into row_count, byte_count, last_change_at
  using p_organization_id;
  return next;
end;
$$;

comment on function private.describe_organization_table(regclass, uuid) is
  'How many rows of a table an organization has, their bytes, and when one last changed.';

create function private.organization_database_info(p_organization_id uuid)
returns jsonb
language plpgsql
stable
security definer -- counts rows that the caller may not read
set search_path = ''
as $$
begin
  if (select auth.role()) is distinct from 'service_role'
    and not coalesce(p_organization_id = any (private.organizations_with('quotas.read')), false)
  then
    raise sqlstate 'PT403' using
      message = 'You may not see how much this organization keeps',
      detail = 'permission_denied',
      hint = 'It takes the permission quotas.read.';
  elsif not exists (select from public.organizations where organizations.id = p_organization_id)
  then
    raise sqlstate 'PT404' using
      message = 'No organization with that id',
      detail = 'organization_not_found',
      hint = 'It may have been deleted.';
  end if;

  return (
    select jsonb_build_object(
      'organization_id', p_organization_id,
      'tables', coalesce(
        jsonb_agg(
          jsonb_build_object(
            'name', tables.name, 'rows', contents.row_count, 'bytes', contents.byte_count
          )
          order by tables.name
        ),
        '[]'
      ),
      'rows', coalesce(sum(contents.row_count), 0),
      'bytes', coalesce(sum(contents.byte_count), 0),
      'storage_bytes', private.organization_storage_bytes(p_organization_id),
      'members', (
        select count(*)
        from public.organization_members
        where organization_members.organization_id = p_organization_id
          and organization_members.status = 'active'
      ),
      'agents', (
        select count(*)
        from public.agents
        where agents.organization_id = p_organization_id
      ),
      'last_activity_at', greatest(
        max(contents.last_change_at),
        (
          select organizations.updated_at
          from public.organizations
          where organizations.id = p_organization_id
        )
      )
    )
    from (
      select
        tenant_tables.table_id,
        concat(
          case when tenant_tables.schema_name <> 'public' then tenant_tables.schema_name || '.' end,
          tenant_tables.table_name
        ) as name
      from private.tenant_tables()
    ) as tables
    cross join lateral private.describe_organization_table(tables.table_id, p_organization_id)
      as contents
  );
end;
$$;

create function public.organization_database_info(p_organization_id uuid)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select private.organization_database_info(p_organization_id);
$$;

comment on function public.organization_database_info(uuid) is
  'What an organization keeps: {organization_id, tables: [{name, rows, bytes}], rows, bytes, '
  'storage_bytes, members, agents, last_activity_at}. Tables of agents carry their schema. Needs '
  'quotas.read. Errors: permission_denied, organization_not_found.';

grant execute on function
  private.organization_database_info(uuid),
  public.organization_database_info(uuid)
to authenticated, service_role;
