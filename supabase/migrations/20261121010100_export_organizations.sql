-- Exports of organizations: every row an organization has, read in one statement and so at one
-- instant, and handed to the worker in chunks. What is exported follows from the catalogue; the
-- exceptions are few and declared.

create table private.transfer_rules (
  table_name text primary key,
  is_exported boolean not null default true,
  is_imported boolean not null default true,
  kept_columns text[] not null default '{}',
  prepare_function text,
  reason text not null,

  constraint transfer_rules_reason_check check (reason <> '')
);

comment on table private.transfer_rules is
  'The tables that an export leaves out or an import treats otherwise than by the catalogue.';
comment on column private.transfer_rules.kept_columns is
  'Columns that are exported although their name speaks of a secret.';
comment on column private.transfer_rules.prepare_function is
  'A function in private that an imported row passes through: (row jsonb, importer''s ids uuid[]).';

insert into private.transfer_rules (table_name, is_exported, is_imported, kept_columns, reason)
values
  ('organization_transfers', false, false, '{}', 'Archives are not about archives.'),
  ('organization_members', true, false, '{}', 'People join by themselves, when invited again.'),
  ('organization_invitations', true, false, '{}', 'An invitation is answered where it was sent.'),
  ('organization_secrets', true, false, '{}', 'Names alone leave, so values are set anew.'),
  ('organization_usage_days', true, false, '{}', 'What was used elsewhere is not used here.'),
  ('audit_logs', true, false, '{}', 'Proves what happened in one database, not in another.'),
  ('audit_archives', true, false, '{}', 'Says what may leave, so an archive must not say it.'),
  (
    'audit_seals', true, false, '{hash,rows_hash,previous_hash}',
    'Fingerprints, no secrets: they prove that exported audit logs are whole.'
  );

-- The columns of a table that may leave in an archive or come in with one. What is computed does
-- neither, and nothing whose name speaks of a credential: tokens, hashes, the ids of Vault.
create function private.transfer_columns(p_table regclass)
returns table (column_name text, type_name text, place integer, is_identity boolean)
language sql
stable
security definer -- asked for tables and rules that the caller may not read
set search_path = ''
as $$
  select
    pg_attribute.attname::text,
    format_type(pg_attribute.atttypid, pg_attribute.atttypmod),
    pg_attribute.attnum::integer,
    pg_attribute.attidentity <> ''
  from pg_catalog.pg_attribute
  join pg_catalog.pg_class on pg_class.oid = pg_attribute.attrelid
  join pg_catalog.pg_type on pg_type.oid = pg_attribute.atttypid
  left join private.transfer_rules on transfer_rules.table_name = pg_class.relname
  where pg_attribute.attrelid = p_table
    and pg_attribute.attnum > 0
    and not pg_attribute.attisdropped
    and pg_attribute.attgenerated = ''
    and (
      pg_attribute.attname !~* private.credential_key_pattern()
      -- A number, an instant or a switch is no secret: max_tokens.
      or pg_type.typcategory in ('N', 'D', 'T', 'B')
      or pg_attribute.attname = any (transfer_rules.kept_columns)
    )
  order by pg_attribute.attnum;
$$;

comment on function private.transfer_columns(regclass) is
  'The columns of a table that leave in an archive and may come in with one.';

-- How a table is called in archives.
create function private.transfer_name(p_table regclass)
returns text
language sql
stable
security invoker
set search_path = ''
as $$
  select case
    when pg_class.relnamespace = 'public'::regnamespace then pg_class.relname::text
    else format('%s.%s', pg_class.relnamespace::regnamespace, pg_class.relname)
  end
  from pg_catalog.pg_class
  where pg_class.oid = p_table;
$$;

-- Foreign keys between the given tables and out of them, without organization_id, which is the same
-- on both sides.
create function private.transfer_references(p_tables regclass[])
returns table (
  table_id regclass,
  columns text[],
  target_id regclass,
  target_columns text[],
  is_within boolean,
  is_emptied boolean
)
language sql
stable
security invoker
set search_path = ''
as $$
  select
    pg_constraint.conrelid::regclass,
    array_agg(own.attname::text order by keys.place)
      filter (where own.attname <> 'organization_id'),
    pg_constraint.confrelid::regclass,
    array_agg(target.attname::text order by keys.place)
      filter (where own.attname <> 'organization_id'),
    bool_or(own.attname = 'organization_id'),
    pg_constraint.confdeltype in ('n', 'd')
  from pg_catalog.pg_constraint
  cross join lateral unnest(pg_constraint.conkey, pg_constraint.confkey)
    with ordinality as keys (own_number, target_number, place)
  join pg_catalog.pg_attribute as own
    on own.attrelid = pg_constraint.conrelid
    and own.attnum = keys.own_number
  join pg_catalog.pg_attribute as target
    on target.attrelid = pg_constraint.confrelid
    and target.attnum = keys.target_number
  where pg_constraint.contype = 'f'
    and pg_constraint.conparentid = 0
    and pg_constraint.conrelid = any (p_tables::oid[])
  group by pg_constraint.oid
  having bool_or(own.attname <> 'organization_id')
  order by pg_constraint.conrelid, pg_constraint.conname;
$$;

comment on function private.transfer_references(regclass[]) is
  'What the rows of tables point to. is_within: a row of the same organization. is_emptied: the '
  'column is emptied when the target goes.';

-- Tables in an order in which each comes after those it points to. Tables that point to each other
-- in a circle have the same ancestors, and come side by side.
create function private.transfer_order(p_tables regclass[])
returns table (table_id regclass, ancestors oid[])
language sql
stable
security invoker
set search_path = ''
as $$
  with recursive reached (table_id, ancestor) as (
    select tables.table_id::oid, tables.table_id::oid
    from unnest(p_tables) as tables (table_id)
    union
    select reached.table_id, pg_constraint.confrelid
    from reached
    join pg_catalog.pg_constraint on pg_constraint.conrelid = reached.ancestor
    where pg_constraint.contype = 'f'
      and pg_constraint.confrelid = any (p_tables::oid[])
  )
  select reached.table_id::regclass, array_agg(reached.ancestor order by reached.ancestor)
  from reached
  group by reached.table_id
  order by count(*), array_agg(reached.ancestor order by reached.ancestor), reached.table_id;
$$;

comment on function private.transfer_order(regclass[]) is
  'Tables after those they point to, each with all it points to in the end, itself included.';

-- A query for the rows of a table as chunks of lines. A column of documents that is null is left
-- out of its line: a null there is the document null. p_empty: columns to empty, by condition.
create function private.transfer_query(p_table regclass, p_filter text, p_empty jsonb default '{}')
returns text
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_columns text;
  v_documents text;
  v_order text;
begin
  select
    string_agg(
      case
        when p_empty ? each_column.column_name then format(
          'case when (%s) is not true then source.%I end as %I',
          p_empty ->> each_column.column_name, each_column.column_name, each_column.column_name
        )
        else format('source.%I', each_column.column_name)
      end,
      ', ' order by each_column.place
    ),
    coalesce(
      string_agg(
        format('case when row_of.%I is null then %L end',
          each_column.column_name, each_column.column_name),
        ', '
      ) filter (where each_column.type_name in ('jsonb', 'json')),
      'null'
    )
  into v_columns, v_documents
  from private.transfer_columns(p_table) as each_column;

  select string_agg(format('source.%I', pg_attribute.attname), ', ' order by keys.place)
  into v_order
  from pg_catalog.pg_constraint
  cross join lateral unnest(pg_constraint.conkey) with ordinality as keys (number, place)
  join pg_catalog.pg_attribute
    on pg_attribute.attrelid = pg_constraint.conrelid
    and pg_attribute.attnum = keys.number
  where pg_constraint.conrelid = p_table
    and pg_constraint.contype = 'p';

  return format(
    'select %L::text as table_name, chunk::integer as chunk, count(*)::integer as row_count, '
    'string_agg(line, chr(10) order by place) as lines '
    'from (select place, line, '
    'dense_rank() over (order by (place - 1) / 1000, bytes / 1000000) as chunk '
    'from (select place, line, sum(octet_length(line)) over (order by place) as bytes '
    'from (select row_number() over (order by %s) as place, '
    '(to_jsonb(row_of) - array[%s]::text[])::text as line '
    'from %s as source cross join lateral (select %s) as row_of where %s) as numbered'
    ') as measured) as placed group by chunk',
    private.transfer_name(p_table),
    coalesce(v_order, '1'),
    v_documents,
    p_table,
    v_columns,
    p_filter
  );
end;
$$;

comment on function private.transfer_query(regclass, text, jsonb) is
  'A query for the rows of a table, in chunks of lines of JSON. The table is called source in '
  'p_filter and p_empty.';

-- Runs the queries as one statement, so that all their rows are of one instant. Names of tables
-- without a row are kept too.
create function private.take_snapshot(
  p_transfer_id uuid,
  p_tables regclass[],
  p_queries text[],
  p_with text,
  p_organization_id uuid,
  p_user_id uuid
)
returns void
language plpgsql
volatile
security definer -- reads all of an organization, for whom start_transfer() has checked
set search_path = ''
as $$
begin
  execute format(
    '%s insert into private.transfer_chunks (transfer_id, table_name, chunk, row_count, lines) '
    'select $1, all_chunks.* from (%s) as all_chunks',
    p_with,
    array_to_string(p_queries, ' union all ')
  )
  using p_transfer_id, p_organization_id, p_user_id;

  insert into private.transfer_tables
    (transfer_id, table_name, place, columns, row_count, chunk_count)
  select
    p_transfer_id,
    private.transfer_name(tables.table_id),
    tables.place,
    (
      select jsonb_agg(
        jsonb_build_object('name', each_column.column_name, 'type', each_column.type_name)
        order by each_column.place
      )
      from private.transfer_columns(tables.table_id) as each_column
    ),
    coalesce(sum(transfer_chunks.row_count), 0),
    count(transfer_chunks.chunk)
  from unnest(p_tables) with ordinality as tables (table_id, place)
  left join private.transfer_chunks
    on transfer_chunks.transfer_id = p_transfer_id
    and transfer_chunks.table_name = private.transfer_name(tables.table_id)
  group by tables.table_id, tables.place;
end;
$$;

-- What goes when workspaces go: for each of the tables, by its oid, the condition under which a row
-- goes with them ("goes") and those under which a column is emptied ("emptied"); "with" names the
-- rows. In conditions the table is called source.
create function private.follow_workspaces(p_tables regclass[], p_filter text)
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_names jsonb := jsonb_build_object();
  v_with text := '';
  v_goes jsonb := jsonb_build_object();
  v_emptied jsonb := jsonb_build_object();
  v_table regclass;
  v_key text;
  v_condition text;
  v_reference record;
begin
  for v_table in select tables.table_id from private.transfer_order(p_tables) as tables loop
    v_key := v_table::oid::text;
    v_condition := case when v_table = 'public.workspaces'::regclass then p_filter end;

    for v_reference in
      select
        found.columns[1] as column_name,
        found.is_emptied,
        format('source.%I in (select id from %I)',
          found.columns[1], v_names ->> found.target_id::oid::text) as condition
      from private.transfer_references(array[v_table]) as found
      where v_names ? found.target_id::oid::text
        and found.target_columns = '{id}'
    loop
      if v_reference.is_emptied then
        v_emptied := jsonb_set(
          v_emptied,
          array[v_key],
          coalesce(v_emptied -> v_key, '{}')
            || jsonb_build_object(v_reference.column_name, v_reference.condition)
        );
      else
        v_condition := concat_ws(' or ', v_condition, v_reference.condition);
      end if;
    end loop;

    if v_condition is not null then
      v_goes := v_goes || jsonb_build_object(v_key, v_condition);
      if exists (
        select from private.transfer_columns(v_table) as own where own.column_name = 'id'
      ) then
        v_names := v_names || jsonb_build_object(
          v_key, 'gone_' || private.transfer_name(v_table)
        );
        v_with := concat_ws(
          ', ',
          nullif(v_with, ''),
          format('%I as (select source.id from %s as source where %s)',
            v_names ->> v_key, v_table, v_condition)
        );
      end if;
    end if;
  end loop;

  return jsonb_build_object('with', 'with ' || v_with, 'goes', v_goes, 'emptied', v_emptied);
end;
$$;

-- A personal workspace is its person's alone, whatever others hold. So an export is as though the
-- personal workspaces of all but whoever asks had been deleted: what goes with them is left out,
-- and what pointed to them is emptied.
create function private.snapshot_organization(
  p_transfer_id uuid,
  p_organization_id uuid,
  p_user_id uuid
)
returns void
language plpgsql
volatile
security definer -- reads all of an organization, for whom start_transfer() has checked
set search_path = ''
as $$
declare
  v_tables constant regclass[] := array(
    select tables.table_id
    from private.tenant_tables() as tables
    left join private.transfer_rules on transfer_rules.table_name = tables.table_name
    where transfer_rules.is_exported is not false
  );
  v_hidden constant jsonb := private.follow_workspaces(
    v_tables,
    'source.organization_id = $2 and source.is_personal '
    'and source.owner_user_id is distinct from $3'
  );
begin
  perform private.take_snapshot(
    p_transfer_id,
    'public.organizations'::regclass || v_tables,
    array(
      select private.transfer_query('public.organizations', 'source.id = $2')
      union all
      select private.transfer_query(
        tables.table_id,
        concat_ws(
          ' and ',
          'source.organization_id = $2',
          '(' || (v_hidden -> 'goes' ->> tables.table_id::oid::text) || ') is not true'
        ),
        coalesce(v_hidden -> 'emptied' -> tables.table_id::oid::text, '{}')
      )
      from unnest(v_tables) as tables (table_id)
    ),
    v_hidden ->> 'with',
    p_organization_id,
    p_user_id
  );
end;
$$;

comment on function private.snapshot_organization(uuid, uuid, uuid) is
  'Copies an organization as it is at this instant into transfer_chunks, for one of its people.';

-- What the manifest of an export says beside the tables.
create function private.describe_export(p_organization_id uuid)
returns jsonb
language plpgsql
stable
security definer -- names people and secrets, for whom start_transfer() has checked
set search_path = ''
as $$
declare
  v_secrets jsonb := jsonb_build_array();
begin
  if to_regclass('public.organization_secrets') is not null then
    execute 'select coalesce(jsonb_agg(organization_secrets.name '
      'order by organization_secrets.name), ''[]'') '
      'from public.organization_secrets where organization_secrets.organization_id = $1'
    into v_secrets
    using p_organization_id;
  end if;

  return jsonb_build_object(
    'organization', (
      select jsonb_build_object(
        'id', organizations.id, 'name', organizations.name, 'slug', organizations.slug
      )
      from public.organizations
      where organizations.id = p_organization_id
    ),
    'people', (
      select coalesce(
        jsonb_agg(
          jsonb_build_object(
            'user_id', organization_members.user_id,
            'email', users.email,
            'full_name', profiles.full_name,
            'role', roles.name,
            'role_id', case when roles.organization_id is not null then roles.id end,
            'status', organization_members.status
          )
          order by organization_members.created_at, organization_members.id
        ),
        '[]'
      )
      from public.organization_members
      join public.profiles on profiles.id = organization_members.user_id
      join auth.users on users.id = organization_members.user_id
      join public.roles on roles.id = organization_members.role_id
      where organization_members.organization_id = p_organization_id
    ),
    'secrets', v_secrets,
    'model_provider', (
      select jsonb_build_object(
        'provider', model_providers.provider,
        'model', model_providers.model,
        'base_url', model_providers.base_url
      )
      from private.model_providers
      where model_providers.organization_id = p_organization_id
    )
  );
end;
$$;

comment on function private.describe_export(uuid) is
  'What the manifest says of an organization: its name, its people, the names of its secrets and '
  'its model provider without the key.';

-- Takes the snapshot of an export, or finds the one that an earlier attempt took.
create function private.snapshot_transfer(p_job_id bigint, p_lease_token bigint)
returns jsonb
language plpgsql
volatile
security definer -- transfers are written by nobody else
set search_path = ''
as $$
declare
  v_transfer constant jsonb := private.hold_transfer(p_job_id, p_lease_token);
  v_id constant uuid := (v_transfer ->> 'id')::uuid;
begin
  if v_transfer is null then
    raise sqlstate 'PT409' using
      message = 'The transfer is over',
      detail = 'transfer_over',
      hint = 'It was cancelled, or went with its organization.';
  end if;

  if not exists (
    select from private.transfer_tables where transfer_tables.transfer_id = v_id
  ) then
    perform private.forget_transfer_rows(v_id);
    if v_transfer ->> 'kind' = 'export_personal_data' then
      perform private.snapshot_person(v_id, (v_transfer ->> 'user_id')::uuid);
    else
      perform private.snapshot_organization(
        v_id,
        (v_transfer ->> 'organization_id')::uuid,
        (v_transfer ->> 'requested_by_user_id')::uuid
      );
    end if;

    execute format(
      'update public.%I set tables = (select jsonb_object_agg(transfer_tables.table_name, '
      'transfer_tables.row_count) from private.transfer_tables '
      'where transfer_tables.transfer_id = $1) where id = $1',
      v_transfer ->> 'table'
    )
    using v_id;
  end if;

  return jsonb_build_object(
    'tables', (
      select jsonb_agg(
        jsonb_build_object(
          'name', transfer_tables.table_name,
          'columns', transfer_tables.columns,
          'row_count', transfer_tables.row_count,
          'chunk_count', transfer_tables.chunk_count
        )
        order by transfer_tables.place
      )
      from private.transfer_tables
      where transfer_tables.transfer_id = v_id
    ),
    'about', case
      when v_transfer ->> 'kind' = 'export_personal_data'
      then private.describe_person((v_transfer ->> 'user_id')::uuid)
      else private.describe_export((v_transfer ->> 'organization_id')::uuid)
    end
  );
end;
$$;

create function private.read_transfer_lines(
  p_job_id bigint,
  p_lease_token bigint,
  p_table text,
  p_chunk integer
)
returns text
language plpgsql
stable
security definer -- no role has a grant on tables in private
set search_path = ''
as $$
begin
  return (
    select transfer_chunks.lines
    from private.transfer_chunks
    where transfer_chunks.transfer_id = private.transfer_of_job(p_job_id, p_lease_token)
      and transfer_chunks.table_name = p_table
      and transfer_chunks.chunk = p_chunk
  );
end;
$$;

-- Each row as a list of texts in the order of the columns. A number keeps all its digits, which it
-- would not as a number of JavaScript.
create function private.read_transfer_values(
  p_job_id bigint,
  p_lease_token bigint,
  p_table text,
  p_chunk integer
)
returns jsonb
language plpgsql
stable
security definer -- no role has a grant on tables in private
set search_path = ''
as $$
declare
  v_id constant uuid := private.transfer_of_job(p_job_id, p_lease_token);
  v_columns constant text[] := array(
    select each_column.value ->> 'name'
    from private.transfer_tables
    cross join lateral jsonb_array_elements(transfer_tables.columns)
      with ordinality as each_column (value, place)
    where transfer_tables.transfer_id = v_id
      and transfer_tables.table_name = p_table
    order by each_column.place
  );
begin
  return (
    select jsonb_agg(
      array(
        select row_of.document ->> names.name
        from unnest(v_columns) with ordinality as names (name, place)
        order by names.place
      )
      order by row_of.place
    )
    from private.transfer_chunks
    cross join lateral (
      select line.content::jsonb as document, line.place
      from string_to_table(transfer_chunks.lines, chr(10))
        with ordinality as line (content, place)
    ) as row_of
    where transfer_chunks.transfer_id = v_id
      and transfer_chunks.table_name = p_table
      and transfer_chunks.chunk = p_chunk
  );
end;
$$;

-- Ends an export whose archive is in Storage. False when it was cancelled meanwhile: the archive
-- must go again. Archives are kept for seven days.
create function private.complete_export(
  p_job_id bigint,
  p_lease_token bigint,
  p_archive_path text,
  p_archive_bytes bigint,
  p_archive_sha256 text
)
returns boolean
language plpgsql
volatile
security definer -- transfers are written by nobody else
set search_path = ''
as $$
declare
  v_transfer constant jsonb := private.hold_transfer(p_job_id, p_lease_token);
begin
  if v_transfer is not null then
    execute format(
      'update public.%I set progress_percent = 100, archive_path = $2, archive_bytes = $3, '
      'archive_sha256 = $4, expires_at = now() + interval ''7 days'' where id = $1',
      v_transfer ->> 'table'
    )
    using (v_transfer ->> 'id')::uuid, p_archive_path, p_archive_bytes, p_archive_sha256;

    perform private.end_transfer(
      v_transfer ->> 'table', (v_transfer ->> 'id')::uuid, 'completed'
    );
  end if;

  perform private.complete_job(p_job_id, p_lease_token);
  return v_transfer is not null;
end;
$$;

-- Asks for an archive of the organization. While one is being made, that one is answered.
create function private.export_organization(p_organization_id uuid)
returns public.organization_transfers
language plpgsql
volatile
security definer -- transfers are written by nobody else
set search_path = ''
as $$
declare
  v_transfer public.organization_transfers;
begin
  if 'organizations.export' <> all (private.permissions_in(p_organization_id)) then
    raise sqlstate 'PT403' using
      message = 'You may not export this organization',
      detail = 'permission_denied',
      hint = 'It takes the permission organizations.export there.';
  end if;

  loop
    insert into public.organization_transfers (organization_id, kind, requested_by_user_id)
    values (p_organization_id, 'export', auth.uid())
    on conflict (organization_id) where kind = 'export' and status in ('pending', 'running')
      do nothing
    returning * into v_transfer;

    if v_transfer.id is not null then
      perform private.require_job_room(p_organization_id);
      perform private.enqueue_job(
        'transfers',
        'export_organization',
        jsonb_build_object('transfer_id', v_transfer.id),
        p_organization_id,
        p_dedupe_key => v_transfer.id::text
      );
      perform private.record_audit_event(
        p_organization_id,
        'organization.exported',
        'organizations',
        p_organization_id::text,
        jsonb_build_object('transfer_id', v_transfer.id)
      );
      exit;
    end if;

    select organization_transfers.*
    into v_transfer
    from public.organization_transfers
    where organization_transfers.organization_id = p_organization_id
      and organization_transfers.kind = 'export'
      and organization_transfers.status in ('pending', 'running');
    -- It may have ended between the two.
    exit when v_transfer.id is not null;
  end loop;
  return v_transfer;
end;
$$;

create function public.export_organization(p_organization_id uuid)
returns public.organization_transfers
language sql
volatile
security invoker
set search_path = ''
as $$
  select * from private.export_organization(p_organization_id);
$$;

-- An API request is given seconds; a large organization takes longer to copy.
create function public.snapshot_transfer(p_job_id bigint, p_lease_token bigint)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
set statement_timeout = '120s'
as $$
  select private.snapshot_transfer(p_job_id, p_lease_token);
$$;

create function public.read_transfer_lines(
  p_job_id bigint,
  p_lease_token bigint,
  p_table text,
  p_chunk integer
)
returns text
language sql
stable
security invoker
set search_path = ''
as $$
  select private.read_transfer_lines(p_job_id, p_lease_token, p_table, p_chunk);
$$;

create function public.read_transfer_values(
  p_job_id bigint,
  p_lease_token bigint,
  p_table text,
  p_chunk integer
)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select private.read_transfer_values(p_job_id, p_lease_token, p_table, p_chunk);
$$;

create function public.complete_export(
  p_job_id bigint,
  p_lease_token bigint,
  p_archive_path text,
  p_archive_bytes bigint,
  p_archive_sha256 text
)
returns boolean
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.complete_export(
    p_job_id, p_lease_token, p_archive_path, p_archive_bytes, p_archive_sha256
  );
$$;

comment on function public.export_organization(uuid) is
  'Asks for an archive of all that an organization has, and answers the transfer to follow; while '
  'one is being made, that one. Needs organizations.export. Errors: permission_denied, '
  'jobs_quota_reached.';
comment on function public.snapshot_transfer(bigint, bigint) is
  'Copies what a leased export consists of, once: {tables: [{name, columns, row_count, '
  'chunk_count}], about}. Service only. Errors: lease_lost, transfer_over.';
comment on function public.read_transfer_lines(bigint, bigint, text, integer) is
  'A chunk of a leased export as lines of JSON. Service only. Errors: lease_lost.';
comment on function public.read_transfer_values(bigint, bigint, text, integer) is
  'A chunk of a leased export as rows of texts, in the order of the columns. Service only. Errors: '
  'lease_lost.';
comment on function public.complete_export(bigint, bigint, text, bigint, text) is
  'Ends a leased export whose archive is in Storage; false when it was cancelled meanwhile. '
  'Service only. Errors: lease_lost.';

grant execute on function
  private.snapshot_transfer(bigint, bigint),
  private.read_transfer_lines(bigint, bigint, text, integer),
  private.read_transfer_values(bigint, bigint, text, integer),
  private.complete_export(bigint, bigint, text, bigint, text),
  public.snapshot_transfer(bigint, bigint),
  public.read_transfer_lines(bigint, bigint, text, integer),
  public.read_transfer_values(bigint, bigint, text, integer),
  public.complete_export(bigint, bigint, text, bigint, text)
to service_role;

grant execute on function private.export_organization(uuid), public.export_organization(uuid)
  to authenticated;
