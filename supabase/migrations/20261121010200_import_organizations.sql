-- Imports of organizations: the rows of an archive become an organization of whoever imports it, in
-- one transaction or not at all. Nothing in an archive is believed: every row must name the
-- organization of the archive, ids must be free, references must stay within the organization, and
-- of people there is the importer alone. Everyone else is treated as though they had deleted their
-- account: what goes with a person is left out, where one was only named nobody is.

create function private.pause_imported_task(p_row jsonb, p_importer_ids uuid[])
returns jsonb
language sql
immutable
security invoker
set search_path = ''
as $$
  select case
    when p_row ->> 'status' = 'active' then p_row || '{"status": "paused", "next_run_at": null}'
    else p_row
  end;
$$;

create function private.stop_imported_run(p_row jsonb, p_importer_ids uuid[])
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select case
    when p_row ->> 'status' in ('pending', 'running') then
      p_row || jsonb_build_object(
        'status', 'cancelled',
        'completed_at', now(),
        'error_message', 'It was not finished when the organization was exported.'
      )
    else p_row
  end;
$$;

create function private.stop_imported_step(p_row jsonb, p_importer_ids uuid[])
returns jsonb
language sql
immutable
security invoker
set search_path = ''
as $$
  select case
    when p_row ->> 'status' = 'running' then p_row || '{"status": "skipped"}'
    else p_row
  end;
$$;

create function private.stop_imported_run_step(p_row jsonb, p_importer_ids uuid[])
returns jsonb
language sql
immutable
security invoker
set search_path = ''
as $$
  select case
    when p_row ->> 'status' in ('pending', 'running') then p_row || '{"status": "skipped"}'
    else p_row
  end;
$$;

create function private.stop_imported_call(p_row jsonb, p_importer_ids uuid[])
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select case
    when p_row ->> 'status' = 'running' then
      p_row || jsonb_build_object(
        'status', 'cancelled',
        'completed_at', now(),
        'reserved_cost_usd', 0,
        'error_message', 'It was not finished when the organization was exported.'
      )
    else p_row
  end;
$$;

-- A personal workspace without its person could be reached by nobody.
create function private.open_imported_workspace(p_row jsonb, p_importer_ids uuid[])
returns jsonb
language sql
immutable
security invoker
set search_path = ''
as $$
  select case
    when (p_row ->> 'owner_user_id')::uuid = any (p_importer_ids) then p_row
    else p_row || '{"is_personal": false}'
  end;
$$;

insert into private.transfer_rules (table_name, prepare_function, reason)
values
  ('agent_tasks', 'pause_imported_task', 'Nothing runs before somebody has looked at it.'),
  ('task_steps', 'stop_imported_step', 'Nobody works on the latest run any more.'),
  ('agent_task_runs', 'stop_imported_run', 'Its job stayed behind, so it cannot go on.'),
  ('agent_task_run_steps', 'stop_imported_run_step', 'As its run.'),
  ('ai_agent_tasks', 'stop_imported_call', 'Its reservation stayed behind.'),
  ('workspaces', 'open_imported_workspace', 'Personal is what has its person.');

-- A message whose author is not here is one without an author, as after a deletion.
create or replace function private.place_message()
returns trigger
language plpgsql
volatile
security definer -- the writer may not see the channel; the policies judge the filled row
set search_path = ''
as $$
begin
  select chat_channels.workspace_id, chat_channels.organization_id
  into new.workspace_id, new.organization_id
  from public.chat_channels
  where chat_channels.id = new.channel_id;

  if new.user_id is null and new.agent_id is null then
    -- Set by private.load_import() alone, for its transaction.
    if current_setting('ensemble.importing', true) = 'on' then
      return new;
    end if;
    new.user_id := auth.uid();

    if new.user_id is null then
      raise sqlstate 'PT400' using
        message = 'A message needs an author',
        detail = 'message_author_missing',
        hint = 'Set user_id or agent_id.';
    end if;
  end if;

  return new;
end;
$$;

create function private.raise_archive_invalid(p_problem text)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  raise sqlstate 'PT400' using
    message = format('The archive cannot be imported: %s', left(p_problem, 500)),
    detail = 'import_archive_invalid',
    hint = 'Import an archive as export_organization() made it.';
end;
$$;

create function private.raise_import_ids_taken(p_what text)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  raise sqlstate 'PT409' using
    message = format('%s is here already', p_what),
    detail = 'import_ids_taken',
    hint = 'An organization keeps its ids, so it can be imported where it is not, once.';
end;
$$;

-- The transfer of a leased import. Raises PT409 lease_lost, transfer_over.
create function private.hold_import(p_job_id bigint, p_lease_token bigint)
returns public.organization_transfers
language plpgsql
volatile
security definer -- transfers are written by nobody else
set search_path = ''
as $$
declare
  v_held constant jsonb := private.hold_transfer(p_job_id, p_lease_token);
  v_transfer public.organization_transfers;
begin
  select organization_transfers.*
  into v_transfer
  from public.organization_transfers
  where organization_transfers.id = (v_held ->> 'id')::uuid
    and organization_transfers.kind = 'import';

  if v_transfer.id is null then
    raise sqlstate 'PT409' using
      message = 'The transfer is over',
      detail = 'transfer_over',
      hint = 'It was cancelled, or is no import.';
  end if;
  return v_transfer;
end;
$$;

-- The tables that an archive may bring rows of. Not those in agent_data: a table there belongs to
-- an agent that is here, and so to none that comes with an archive.
create function private.importable_tables()
returns table (table_id regclass, table_name text)
language sql
stable
security definer -- asked for rules that the caller may not read
set search_path = ''
as $$
  select tables.table_id, private.transfer_name(tables.table_id)
  from private.tenant_tables() as tables
  left join private.transfer_rules on transfer_rules.table_name = tables.table_name
  where transfer_rules.is_imported is not false
    and tables.schema_name = 'public'
  union all
  select 'public.organizations'::regclass, 'organizations';
$$;

-- Begins to take an archive in, anew when an earlier attempt had begun. Returns the tables whose
-- rows are wanted.
create function private.stage_import(p_job_id bigint, p_lease_token bigint, p_manifest jsonb)
returns jsonb
language plpgsql
volatile
security definer -- transfers are written by nobody else
set search_path = ''
as $$
declare
  v_transfer constant public.organization_transfers :=
    private.hold_import(p_job_id, p_lease_token);
  v_organization_id constant text := p_manifest -> 'organization' ->> 'id';
begin
  if p_manifest ->> 'format' is distinct from 'ensemble-organization' then
    perform private.raise_archive_invalid('its manifest is not of an organization');
  elsif p_manifest ->> 'format_version' is distinct from '1' then
    raise sqlstate 'PT400' using
      message = 'The archive has a format of another version',
      detail = 'import_version_unsupported',
      hint = 'This is read by the version of the product that wrote it, or a later one.';
  elsif not coalesce(pg_input_is_valid(v_organization_id, 'uuid'), false)
    or jsonb_typeof(p_manifest -> 'tables') is distinct from 'array'
    or jsonb_typeof(coalesce(p_manifest -> 'people', '[]')) <> 'array'
    or jsonb_typeof(coalesce(p_manifest -> 'secrets', '[]')) <> 'array'
  then
    perform private.raise_archive_invalid('its manifest is incomplete');
  elsif exists (
    select from public.organizations where organizations.id = v_organization_id::uuid
  ) then
    perform private.raise_import_ids_taken('The organization');
  end if;

  perform private.forget_transfer_rows(v_transfer.id);
  insert into private.transfer_manifests (transfer_id, manifest)
  values (v_transfer.id, p_manifest);

  insert into private.transfer_tables
    (transfer_id, table_name, place, columns, row_count, chunk_count)
  select
    v_transfer.id,
    wanted.table_name,
    0,
    listed.value -> 'columns',
    (listed.value ->> 'row_count')::bigint,
    0
  from jsonb_array_elements(p_manifest -> 'tables') as listed (value)
  join private.importable_tables() as wanted on wanted.table_name = listed.value ->> 'name';

  return (
    select coalesce(jsonb_agg(transfer_tables.table_name order by transfer_tables.table_name), '[]')
    from private.transfer_tables
    where transfer_tables.transfer_id = v_transfer.id
  );
exception
  when data_exception or unique_violation or not_null_violation then
    perform private.raise_archive_invalid('its manifest is damaged');
    return null;
end;
$$;

-- Takes a chunk of lines in. Every row must be of the organization that the manifest names.
create function private.stage_import_lines(
  p_job_id bigint,
  p_lease_token bigint,
  p_table text,
  p_lines text
)
returns integer
language plpgsql
volatile
security definer -- no role has a grant on tables in private
set search_path = ''
as $$
declare
  v_id constant uuid := private.transfer_of_job(p_job_id, p_lease_token);
  v_organization_id constant text := (
    select transfer_manifests.manifest -> 'organization' ->> 'id'
    from private.transfer_manifests
    where transfer_manifests.transfer_id = v_id
  );
  v_key constant text := case when p_table = 'organizations' then 'id' else 'organization_id' end;
  v_count integer;
  v_own integer;
begin
  select count(*), count(*) filter (
    where jsonb_typeof(row_of.document) = 'object'
      and row_of.document ->> v_key = v_organization_id
  )
  into v_count, v_own
  from string_to_table(p_lines, chr(10)) as line (content)
  cross join lateral (select line.content::jsonb) as row_of (document);

  if v_own is distinct from v_count then
    perform private.raise_archive_invalid(
      format('%s has rows of another organization', left(p_table, 100))
    );
  end if;

  update private.transfer_tables
  set chunk_count = transfer_tables.chunk_count + 1
  where transfer_tables.transfer_id = v_id
    and transfer_tables.table_name = p_table;
  if not found then
    perform private.raise_archive_invalid(format('nobody asked for %s', left(p_table, 100)));
  end if;

  insert into private.transfer_chunks (transfer_id, table_name, chunk, row_count, lines)
  select v_id, p_table, transfer_tables.chunk_count, v_count, p_lines
  from private.transfer_tables
  where transfer_tables.transfer_id = v_id
    and transfer_tables.table_name = p_table;
  return v_count;
exception
  when data_exception then
    perform private.raise_archive_invalid(
      format('%s has lines that are no JSON', left(p_table, 100))
    );
    return null;
end;
$$;

-- The two parts of loading a table: a query "source_<place>" for its staged rows, and the insert.
-- $1 is the transfer, $2 the organization, $3 the importer, $4 the ids that the importer has in the
-- archive. References to tables of p_together are held by their foreign keys, at the end of the
-- statement; all others are looked up.
create function private.import_query(
  p_transfer_id uuid,
  p_table regclass,
  p_together regclass[],
  p_place integer
)
returns text
language plpgsql
stable
security definer -- no role has a grant on tables in private
set search_path = ''
as $$
declare
  v_prepare constant text := (
    select transfer_rules.prepare_function
    from private.transfer_rules
    join pg_catalog.pg_class on pg_class.relname = transfer_rules.table_name
    where pg_class.oid = p_table
  );
  v_values jsonb;
  v_wanted text[] := array[]::text[];
  v_reference record;
  v_column text;
  v_found text;
begin
  -- What the archive has, the table has, and may come in.
  select jsonb_object_agg(
    own.column_name,
    case
      when own.column_name = 'organization_id' then '$2'
      when own.type_name in ('jsonb', 'json') then format('(document -> %L)', own.column_name)
      else format('row_of.%I', own.column_name)
    end
  )
  into v_values
  from private.transfer_tables
  cross join lateral jsonb_array_elements(transfer_tables.columns) as brought (value)
  join private.transfer_columns(p_table) as own
    on own.column_name = brought.value ->> 'name'
  where transfer_tables.transfer_id = p_transfer_id
    and transfer_tables.table_name = private.transfer_name(p_table)
    and not own.is_identity;

  for v_reference in
    select found.*
    from private.transfer_references(array[p_table]) as found
    where found.target_id <> all (p_together)
      -- References to the organization itself have no other column.
      and v_values ?& found.columns
    -- A row that is left out is left out whatever else its columns point to.
    order by found.is_emptied
  loop
    v_column := v_reference.columns[1];

    if v_reference.target_id in (
      'public.profiles'::regclass, 'auth.users'::regclass, 'public.organization_members'::regclass
    ) then
      if not v_reference.is_emptied then
        v_wanted := v_wanted || format(
          '(row_of.%I is null or row_of.%I = any ($4))', v_column, v_column
        );
      end if;
      v_values := v_values || jsonb_build_object(
        v_column, format('case when row_of.%I = any ($4) then $3 end', v_column)
      );
      continue;
    end if;

    v_found := format(
      'exists (select from %s as target where %s%s)',
      v_reference.target_id,
      (
        select string_agg(format('target.%I = row_of.%I', pair.target, pair.own), ' and ')
        from unnest(v_reference.columns, v_reference.target_columns) as pair (own, target)
      ),
      case
        when v_reference.is_within then ' and target.organization_id = $2'
        when exists (
          select
          from pg_catalog.pg_attribute
          where pg_attribute.attrelid = v_reference.target_id
            and pg_attribute.attname = 'organization_id'
            and not pg_attribute.attisdropped
        )
        -- What belongs to no organization, such as a role of the system, is everyone's.
        then ' and (target.organization_id = $2 or target.organization_id is null)'
      end
    );
    if v_reference.is_emptied and cardinality(v_reference.columns) = 1 then
      v_values := v_values || jsonb_build_object(
        v_column, format('case when %s then %s end', v_found, v_values ->> v_column)
      );
    else
      v_wanted := v_wanted || format(
        '(%s is null or %s)',
        (
          select string_agg(format('row_of.%I', name), ' is null or ')
          from unnest(v_reference.columns) as names (name)
        ),
        v_found
      );
    end if;
  end loop;

  return format(
    'source_%s as materialized (select %s from private.transfer_chunks '
    'cross join lateral string_to_table(transfer_chunks.lines, chr(10)) as line (content) '
    'cross join lateral (select %s) as prepared (document) '
    'cross join lateral jsonb_populate_record(null::%s, document) as row_of '
    'where transfer_chunks.transfer_id = $1 and transfer_chunks.table_name = %L and %s '
    'order by transfer_chunks.chunk), '
    'loaded_%s as (insert into %s (%s) select * from source_%s returning 1)',
    p_place,
    (
      select string_agg(format('%s as %I', columns.value, columns.key), ', ' order by columns.key)
      from jsonb_each_text(v_values) as columns
    ),
    case
      when v_prepare is null then 'line.content::jsonb'
      else format('private.%I(line.content::jsonb, $4)', v_prepare)
    end,
    p_table,
    private.transfer_name(p_table),
    coalesce(nullif(array_to_string(v_wanted, ' and '), ''), 'true'),
    p_place,
    p_table,
    (
      select string_agg(format('%I', columns.key), ', ' order by columns.key)
      from jsonb_each_text(v_values) as columns
    ),
    p_place
  );
end;
$$;

comment on function private.import_query(uuid, regclass, regclass[], integer) is
  'Two common table expressions that load the staged rows of a table; see private.load_import().';

-- Loads tables that point to each other, or one, and returns how many rows each got.
create function private.load_tables(
  p_transfer_id uuid,
  p_tables regclass[],
  p_organization_id uuid,
  p_importer_id uuid,
  p_importer_ids uuid[]
)
returns bigint[]
language plpgsql
volatile
security definer -- writes all tables of the organization
set search_path = ''
as $$
declare
  v_parts text[] := array[]::text[];
  v_counts text[] := array[]::text[];
  v_table regclass;
  v_loaded bigint[];
  v_constraint text;
begin
  for v_table in select tables.table_id from unnest(p_tables) as tables (table_id) loop
    -- What triggers made on the way is in the archive as it was.
    execute format('delete from %s where organization_id = $1', v_table) using p_organization_id;
    v_parts := v_parts || private.import_query(
      p_transfer_id, v_table, p_tables, cardinality(v_parts) + 1
    );
    v_counts := v_counts || format('(select count(*) from loaded_%s)', cardinality(v_parts));
  end loop;

  execute format(
    'with %s select array[%s]',
    array_to_string(v_parts, ', '),
    array_to_string(v_counts, ', ')
  )
  into v_loaded
  using p_transfer_id, p_organization_id, p_importer_id, p_importer_ids;
  return v_loaded;
exception
  when unique_violation then
    get stacked diagnostics v_constraint = constraint_name;
    perform private.raise_import_ids_taken(
      format('A row of %s (%s)', private.transfer_name(p_tables[1]), v_constraint)
    );
    return null;
  when others then
    -- A lock that could not be had is no fault of the archive.
    if sqlstate !~ '^(22|23|PT4)' then
      raise;
    end if;
    perform private.raise_archive_invalid(
      format('the rows of %s are refused, %s', private.transfer_name(p_tables[1]), sqlerrm)
    );
    return null;
end;
$$;

-- The organization itself: what its people may change, and nothing that an operator decides.
create function private.load_organization(
  p_transfer public.organization_transfers,
  p_organization_id uuid
)
returns void
language plpgsql
volatile
security definer -- nobody is granted to insert organizations and members
set search_path = ''
as $$
declare
  v_document jsonb;
  v_columns text;
  v_constraint text;
begin
  select line.content::jsonb
  into strict v_document
  from private.transfer_chunks
  cross join lateral string_to_table(transfer_chunks.lines, chr(10)) as line (content)
  where transfer_chunks.transfer_id = p_transfer.id
    and transfer_chunks.table_name = 'organizations';

  v_document := v_document || jsonb_strip_nulls(
    jsonb_build_object('name', p_transfer.name, 'slug', p_transfer.slug)
  );
  if p_transfer.slug is null
    and exists (
      select from public.organizations where organizations.slug = v_document ->> 'slug'
    )
  then
    v_document := v_document || jsonb_build_object(
      'slug', left(v_document ->> 'slug', 90) || '-' || left(gen_random_uuid()::text, 8)
    );
  end if;

  select string_agg(format('%I', own.column_name), ', ')
  into v_columns
  from private.transfer_columns('public.organizations') as own
  where v_document ? own.column_name
    and (
      own.column_name in ('created_at', 'updated_at')
      or has_column_privilege(
        'authenticated', 'public.organizations', own.column_name, 'update'
      )
    );

  execute format(
    'insert into public.organizations (id, created_by_user_id, %s) '
    'select $1, $2, %s from jsonb_populate_record(null::public.organizations, $3)',
    v_columns,
    v_columns
  )
  using p_organization_id, p_transfer.requested_by_user_id, v_document;

  insert into public.organization_members (organization_id, user_id, role_id)
  select p_organization_id, p_transfer.requested_by_user_id, roles.id
  from public.roles
  where roles.organization_id is null
    and roles.name = 'owner';
exception
  when no_data_found or too_many_rows then
    perform private.raise_archive_invalid('it does not hold one organization');
  when unique_violation then
    get stacked diagnostics v_constraint = constraint_name;
    if v_constraint = 'organizations_slug_key' then
      raise sqlstate 'PT409' using
        message = format('The slug "%s" is taken', p_transfer.slug),
        detail = 'organization_slug_taken',
        hint = 'Choose another, or leave p_slug out.';
    end if;
    perform private.raise_import_ids_taken('The organization');
  when others then
    if sqlstate !~ '^(22|23|PT4)' then
      raise;
    end if;
    perform private.raise_archive_invalid(format('the organization is refused, %s', sqlerrm));
end;
$$;

-- Asks the people of an archive to join what was made of it, in the role they had; nobody becomes a
-- member without saying yes. No mail is sent: they find it in my_invitations(), and it can be sent
-- again. As by hand, an hour has a hundred; whoever is more is named without being asked.
create function private.invite_imported_people(
  p_organization_id uuid,
  p_importer_id uuid,
  p_importer_ids uuid[],
  p_people jsonb
)
returns jsonb
language plpgsql
volatile
security definer -- nobody is granted to insert invitations
set search_path = ''
as $$
declare
  v_people jsonb := jsonb_build_array();
  v_left integer := 100 - (
    select count(*)
    from public.organization_invitations
    where organization_invitations.invited_by_user_id = p_importer_id
      and organization_invitations.sent_at > now() - interval '1 hour'
  );
  v_person jsonb;
  v_role_id uuid;
  v_invited uuid;
begin
  for v_person in
    select people.value
    from jsonb_array_elements(p_people) with ordinality as people (value, place)
    where coalesce(people.value ->> 'user_id', '') <> all (p_importer_ids::text[])
    order by people.place
  loop
    v_invited := null;
    v_role_id := (
      select roles.id
      from public.roles
      where roles.organization_id = p_organization_id
        and roles.id::text = v_person ->> 'role_id'
        or roles.organization_id is null
        and roles.name = v_person ->> 'role'
        and v_person ->> 'role_id' is null
    );

    if v_left > 0 and v_role_id is not null and v_person ->> 'status' in ('active', 'invited') then
      begin
        insert into public.organization_invitations
          (organization_id, email, role_id, invited_by_user_id)
        values (
          p_organization_id, lower(btrim(v_person ->> 'email')), v_role_id, p_importer_id
        )
        on conflict (organization_id, email) where status = 'pending' do nothing
        returning organization_invitations.id into v_invited;
      exception
        -- An address that none could be written to.
        when check_violation or not_null_violation then null;
      end;
    end if;

    v_left := v_left - (v_invited is not null)::integer;
    v_people := v_people || jsonb_build_object(
      'email', v_person ->> 'email',
      'full_name', v_person ->> 'full_name',
      'role', v_person ->> 'role',
      'invited', v_invited is not null
    );
  end loop;
  return v_people;
end;
$$;

comment on function private.invite_imported_people(uuid, uuid, uuid[], jsonb) is
  'Invites the people of an archive, and returns them: [{email, full_name, role, invited}].';

-- Has an archive removed from Storage, which only a function can.
create function private.remove_archive(p_bucket text, p_path text)
returns void
language plpgsql
volatile
security definer -- no role has a grant on the queue's tables
set search_path = ''
as $$
begin
  perform private.enqueue_job(
    'transfers',
    'remove_archive',
    jsonb_build_object('bucket', p_bucket, 'path', p_path),
    p_dedupe_key => left(format('%s/%s', p_bucket, p_path), 255)
  );
end;
$$;

-- Makes the staged rows an organization, and ends the import and its job. All or nothing.
create function private.load_import(p_job_id bigint, p_lease_token bigint)
returns jsonb
language plpgsql
volatile
security definer -- writes all tables of the organization
set search_path = ''
as $$
declare
  v_transfer constant public.organization_transfers :=
    private.hold_import(p_job_id, p_lease_token);
  v_importer_id constant uuid := v_transfer.requested_by_user_id;
  v_manifest jsonb;
  v_organization_id uuid;
  v_importer_ids uuid[];
  v_tables regclass[];
  v_group regclass[];
  v_counts bigint[];
  v_loaded jsonb := jsonb_build_object('organizations', 1);
  v_result jsonb;
  v_problem text;
begin
  select transfer_manifests.manifest
  into v_manifest
  from private.transfer_manifests
  where transfer_manifests.transfer_id = v_transfer.id;

  v_problem := (
    select format('%s has %s rows, not %s as its manifest says', transfer_tables.table_name,
      coalesce(sum(transfer_chunks.row_count), 0), transfer_tables.row_count)
    from private.transfer_tables
    left join private.transfer_chunks using (transfer_id, table_name)
    where transfer_tables.transfer_id = v_transfer.id
    group by transfer_tables.table_name, transfer_tables.row_count
    having coalesce(sum(transfer_chunks.row_count), 0) <> transfer_tables.row_count
    limit 1
  );
  if v_manifest is null or v_problem is not null then
    perform private.raise_archive_invalid(coalesce(v_problem, 'it was not taken in'));
  end if;

  v_organization_id := (v_manifest -> 'organization' ->> 'id')::uuid;
  -- Who imports is known in the archive by their own id, or by an address they have proven.
  v_importer_ids := array(
    select v_importer_id
    union
    select (people.value ->> 'user_id')::uuid
    from jsonb_array_elements(v_manifest -> 'people') as people (value)
    join auth.users
      on users.id = v_importer_id
      and users.email_confirmed_at is not null
      and lower(users.email) = lower(people.value ->> 'email')
    where pg_input_is_valid(people.value ->> 'user_id', 'uuid')
  );
  v_tables := array(
    select wanted.table_id
    from private.importable_tables() as wanted
    join private.transfer_tables
      on transfer_tables.transfer_id = v_transfer.id
      and transfer_tables.table_name = wanted.table_name
    where wanted.table_name <> 'organizations'
  );

  perform set_config('ensemble.importing', 'on', true);
  perform private.load_organization(v_transfer, v_organization_id);

  for v_group in
    select array_agg(tables.table_id)
    from private.transfer_order(v_tables) as tables
    group by tables.ancestors
    order by cardinality(tables.ancestors), tables.ancestors
  loop
    v_counts := private.load_tables(
      v_transfer.id, v_group, v_organization_id, v_importer_id, v_importer_ids
    );
    v_loaded := v_loaded || (
      select jsonb_object_agg(private.transfer_name(loaded.table_id), loaded.row_count)
      from unnest(v_group, v_counts) as loaded (table_id, row_count)
    );
  end loop;
  perform set_config('ensemble.importing', 'off', true);

  v_result := jsonb_build_object(
    'loaded', v_loaded,
    'left_out', (
      select coalesce(
        jsonb_object_agg(
          transfer_tables.table_name,
          transfer_tables.row_count - (v_loaded ->> transfer_tables.table_name)::bigint
        ),
        '{}'
      )
      from private.transfer_tables
      where transfer_tables.transfer_id = v_transfer.id
        and transfer_tables.row_count <> (v_loaded ->> transfer_tables.table_name)::bigint
    ),
    'tables_left_out', (
      select coalesce(jsonb_agg(listed.value ->> 'name'), '[]')
      from jsonb_array_elements(v_manifest -> 'tables') as listed (value)
      where not v_loaded ? (listed.value ->> 'name')
    ),
    'secrets', (
      select coalesce(jsonb_agg(secrets.name), '[]')
      from jsonb_array_elements(v_manifest -> 'secrets') as secrets (name)
      where jsonb_typeof(secrets.name) = 'string'
    ),
    'model_provider', v_manifest -> 'model_provider',
    'people', private.invite_imported_people(
      v_organization_id, v_importer_id, v_importer_ids, v_manifest -> 'people'
    )
  );

  update public.organization_transfers
  set
    organization_id = v_organization_id,
    tables = v_loaded,
    result = v_result,
    progress_percent = 100,
    archive_path = null
  where organization_transfers.id = v_transfer.id;
  perform private.end_transfer('organization_transfers', v_transfer.id, 'completed');

  perform private.record_audit_event(
    v_organization_id,
    'organization.imported',
    'organizations',
    v_organization_id::text,
    jsonb_build_object('transfer_id', v_transfer.id, 'user_id', v_importer_id)
  );
  perform private.remove_archive('imports', v_transfer.archive_path);
  perform private.complete_job(p_job_id, p_lease_token);
  return v_result;
end;
$$;

create function private.import_organization(p_archive_path text, p_name text, p_slug text)
returns public.organization_transfers
language plpgsql
volatile
security definer -- transfers are written by nobody else
set search_path = ''
as $$
declare
  v_user_id constant uuid := auth.uid();
  v_name constant text := btrim(p_name);
  v_transfer public.organization_transfers;
begin
  if v_user_id is null then
    raise sqlstate 'PT401' using
      message = 'Only a signed-in user can import an organization',
      detail = 'not_signed_in',
      hint = 'Send the access token of a user: it becomes the owner.';
  elsif p_archive_path is null
    or not starts_with(p_archive_path, format('users/%s/', v_user_id))
    or p_archive_path ~ '(^|/)\.{0,2}(/|$)'
    or char_length(p_archive_path) > 500
  then
    raise sqlstate 'PT400' using
      message = 'An archive is imported from your own folder',
      detail = 'import_path_invalid',
      hint = format('Upload it to the bucket imports, below users/%s/.', v_user_id);
  elsif char_length(v_name) not between 1 and 255 then
    raise sqlstate 'PT400' using
      message = 'An organization needs a name of 1 to 255 characters',
      detail = 'organization_name_invalid',
      hint = 'Leave p_name out to keep the name it has.';
  elsif p_slug !~ '^[a-z0-9]+(-[a-z0-9]+)*$' or char_length(p_slug) > 100 then
    raise sqlstate 'PT400' using
      message = 'A slug is lowercase words and hyphens, up to 100 characters',
      detail = 'organization_slug_invalid',
      hint = 'Leave p_slug out to keep the slug it has, or one like it.';
  elsif exists (select from public.organizations where organizations.slug = p_slug) then
    raise sqlstate 'PT409' using
      message = format('The slug "%s" is taken', p_slug),
      detail = 'organization_slug_taken',
      hint = 'Choose another, or leave p_slug out.';
  elsif not exists (
    select
    from storage.objects
    where objects.bucket_id = 'imports'
      and objects.name = p_archive_path
  ) then
    raise sqlstate 'PT404' using
      message = 'There is no archive under that path',
      detail = 'import_archive_not_found',
      hint = 'Upload it to the bucket imports first.';
  end if;

  insert into public.organization_transfers
    (kind, archive_path, name, slug, requested_by_user_id)
  values ('import', p_archive_path, v_name, p_slug, v_user_id)
  on conflict (requested_by_user_id) where kind = 'import' and status in ('pending', 'running')
    do nothing
  returning * into v_transfer;

  if v_transfer.id is null then
    raise sqlstate 'PT409' using
      message = 'An import of yours is under way',
      detail = 'import_running',
      hint = 'Wait for it, or cancel it with cancel_transfer().';
  end if;

  perform private.enqueue_job(
    'transfers',
    'import_organization',
    jsonb_build_object('transfer_id', v_transfer.id),
    p_dedupe_key => v_transfer.id::text
  );
  return v_transfer;
end;
$$;

create function public.import_organization(
  p_archive_path text,
  p_name text default null,
  p_slug text default null
)
returns public.organization_transfers
language sql
volatile
security invoker
set search_path = ''
as $$
  select * from private.import_organization(p_archive_path, p_name, p_slug);
$$;

create function public.stage_import(p_job_id bigint, p_lease_token bigint, p_manifest jsonb)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.stage_import(p_job_id, p_lease_token, p_manifest);
$$;

create function public.stage_import_lines(
  p_job_id bigint,
  p_lease_token bigint,
  p_table text,
  p_lines text
)
returns integer
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.stage_import_lines(p_job_id, p_lease_token, p_table, p_lines);
$$;

-- An API request is given seconds; a large organization takes longer to load.
create function public.load_import(p_job_id bigint, p_lease_token bigint)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
set statement_timeout = '120s'
as $$
  select private.load_import(p_job_id, p_lease_token);
$$;

comment on function public.import_organization(text, text, text) is
  'Makes an organization of the caller out of an archive in their folder of the bucket imports, '
  'and answers the transfer to follow. Its ids stay, so it must not be here already. Errors: '
  'not_signed_in, import_path_invalid, import_archive_not_found, import_running, '
  'organization_name_invalid, organization_slug_invalid, organization_slug_taken.';
comment on function public.stage_import(bigint, bigint, jsonb) is
  'Begins a leased import by its manifest, and answers the tables whose rows are wanted. Service '
  'only. Errors: lease_lost, transfer_over, import_archive_invalid, import_version_unsupported, '
  'import_ids_taken.';
comment on function public.stage_import_lines(bigint, bigint, text, text) is
  'Takes rows of a leased import in, one JSON object a line. Service only. Errors: lease_lost, '
  'import_archive_invalid.';
comment on function public.load_import(bigint, bigint) is
  'Ends a leased import by loading what was taken in, all or nothing: {loaded, left_out, '
  'tables_left_out, secrets, model_provider, people}. Service only. Errors: lease_lost, '
  'transfer_over, import_archive_invalid, import_ids_taken, organization_slug_taken.';

grant execute on function
  private.stage_import(bigint, bigint, jsonb),
  private.stage_import_lines(bigint, bigint, text, text),
  private.load_import(bigint, bigint),
  public.stage_import(bigint, bigint, jsonb),
  public.stage_import_lines(bigint, bigint, text, text),
  public.load_import(bigint, bigint)
to service_role;

grant execute on function
  private.import_organization(text, text, text),
  public.import_organization(text, text, text)
to authenticated;
