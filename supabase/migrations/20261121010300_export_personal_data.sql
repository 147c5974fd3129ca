-- Exports of personal data: what there is about one person, wherever they belong, in an archive of
-- their own. A row that is the person's (user_id, owner_user_id) comes whole; a row that only names
-- them as who did something (*_by_user_id) is about others too, so it comes as its key, its
-- organization and that name. Personal workspaces come with all that is in them.

create table public.personal_data_exports (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references public.profiles (id) on delete cascade,
  status text not null default 'pending',
  progress_percent integer not null default 0,
  current_table text,
  tables jsonb not null default '{}',
  archive_path text,
  archive_bytes bigint,
  archive_sha256 text,
  error_message text,
  started_at timestamptz,
  completed_at timestamptz,
  expires_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint personal_data_exports_status_check check (
    status in ('pending', 'running', 'completed', 'failed', 'cancelled')
  ),
  constraint personal_data_exports_progress_percent_check check (
    progress_percent between 0 and 100
  ),
  constraint personal_data_exports_tables_check check (jsonb_typeof(tables) = 'object'),
  constraint personal_data_exports_end_is_dated_check check (
    (status in ('completed', 'failed', 'cancelled')) = (completed_at is not null)
  )
);

comment on table public.personal_data_exports is
  'An export of what there is about a person, for them alone. Written by the engine alone; '
  'followed live through Realtime.';
comment on column public.personal_data_exports.tables is
  'How many rows, by the name of the table.';
comment on column public.personal_data_exports.archive_path is
  'In the bucket exports. Null once the archive has been removed.';
comment on column public.personal_data_exports.archive_sha256 is 'Of the whole archive, in hex.';
comment on column public.personal_data_exports.expires_at is 'When the archive is removed.';

create index personal_data_exports_user_id_created_at_idx
  on public.personal_data_exports (user_id, created_at desc);
create index personal_data_exports_expires_at_idx
  on public.personal_data_exports (expires_at)
  where archive_path is not null;
create index personal_data_exports_unfinished_idx
  on public.personal_data_exports (created_at)
  where status in ('pending', 'running');
create unique index personal_data_exports_unfinished_key
  on public.personal_data_exports (user_id)
  where status in ('pending', 'running');

create trigger _500_forget_rows
  after delete on public.personal_data_exports
  for each row
  execute function private.forget_deleted_transfer();

create trigger _900_touch_updated_at
  before update on public.personal_data_exports
  for each row
  execute function private.touch_updated_at();

alter table public.personal_data_exports enable row level security;

create policy select_self on public.personal_data_exports
  for select
  to authenticated
  using (user_id = (select auth.uid()));

grant select on public.personal_data_exports to authenticated, service_role;
-- No insert, update or delete, not for the service either: an export and its job are made and ended
-- together.

alter publication supabase_realtime add table public.personal_data_exports;

insert into private.transfer_rules (table_name, is_exported, is_imported, reason)
values ('personal_data_exports', false, false, 'Archives are not about archives.');

create function private.snapshot_person(p_transfer_id uuid, p_user_id uuid)
returns void
language plpgsql
volatile
security definer -- reads across organizations, for the person alone
set search_path = ''
as $$
declare
  v_own constant jsonb := private.follow_workspaces(
    array(select tables.table_id from private.tenant_tables() as tables),
    'source.is_personal and source.owner_user_id = $3'
  );
  v_table regclass;
  v_whole text;
  v_named text;
  v_named_columns text[];
  v_tables regclass[] := array[]::regclass[];
  v_queries text[] := array[]::text[];
begin
  for v_table, v_whole, v_named, v_named_columns in
    with pointing as (
      select
        found.table_id,
        found.columns[1] as column_name,
        found.columns[1] like '%\_by\_user\_id' as only_names
      from private.transfer_references(
        array(
          select pg_class.oid::regclass
          from pg_catalog.pg_class
          where pg_class.relnamespace in ('public'::regnamespace, 'agent_data'::regnamespace)
            and pg_class.relkind in ('r', 'p')
            and not pg_class.relispartition
        )
      ) as found
      where found.target_id in ('public.profiles'::regclass, 'auth.users'::regclass)
      union
      select (own.key::oid)::regclass, null, false
      from jsonb_each_text(v_own -> 'goes') as own
    )
    select
      pointing.table_id,
      concat_ws(
        ' or ',
        string_agg(format('source.%I = $3', pointing.column_name), ' or ')
          filter (where not pointing.only_names and pointing.column_name is not null),
        v_own -> 'goes' ->> pointing.table_id::oid::text
      ),
      string_agg(format('source.%I = $3', pointing.column_name), ' or ')
        filter (where pointing.only_names),
      array_agg(pointing.column_name) filter (where pointing.only_names)
    from pointing
    join pg_catalog.pg_class on pg_class.oid = pointing.table_id
    left join private.transfer_rules on transfer_rules.table_name = pg_class.relname
    where transfer_rules.is_exported is not false
    group by pointing.table_id
    order by private.transfer_name(pointing.table_id)
  loop
    v_whole := coalesce(nullif(v_whole, ''), 'false');
    v_tables := v_tables || v_table;
    v_queries := v_queries || private.transfer_query(
      v_table,
      concat_ws(' or ', v_whole, v_named),
      (
        select coalesce(
          jsonb_object_agg(own.column_name, format('(%s) is not true', v_whole)), '{}'
        )
        from private.transfer_columns(v_table) as own
        where v_named is not null
          and own.column_name <> all (v_named_columns || '{id,organization_id,created_at}')
      )
    );
  end loop;

  perform private.take_snapshot(
    p_transfer_id, v_tables, v_queries, v_own ->> 'with', null, p_user_id
  );
end;
$$;

comment on function private.snapshot_person(uuid, uuid) is
  'Copies what there is about a person at this instant into transfer_chunks, for them alone.';

-- What the manifest of a person's export says beside the tables: what Auth knows, without secrets.
create function private.describe_person(p_user_id uuid)
returns jsonb
language sql
stable
security definer -- API roles cannot read auth.users
set search_path = ''
as $$
  select jsonb_build_object(
    'person', (
      select jsonb_build_object(
        'id', users.id,
        'email', users.email,
        'phone', users.phone,
        'email_confirmed_at', users.email_confirmed_at,
        'last_sign_in_at', users.last_sign_in_at,
        'created_at', users.created_at
      )
      from auth.users
      where users.id = p_user_id
    ),
    'organizations', (
      select coalesce(
        jsonb_agg(
          jsonb_build_object(
            'id', organizations.id,
            'name', organizations.name,
            'role', roles.name,
            'status', organization_members.status,
            'joined_at', organization_members.joined_at
          )
          order by organization_members.created_at, organizations.id
        ),
        '[]'
      )
      from public.organization_members
      join public.organizations on organizations.id = organization_members.organization_id
      join public.roles on roles.id = organization_members.role_id
      where organization_members.user_id = p_user_id
    )
  );
$$;

create function private.export_personal_data()
returns public.personal_data_exports
language plpgsql
volatile
security definer -- exports are written by nobody else
set search_path = ''
as $$
declare
  v_user_id constant uuid := auth.uid();
  v_export public.personal_data_exports;
begin
  if v_user_id is null then
    raise sqlstate 'PT401' using
      message = 'Only a signed-in user has personal data',
      detail = 'not_signed_in',
      hint = 'Send the access token of a user.';
  end if;

  loop
    insert into public.personal_data_exports (user_id)
    values (v_user_id)
    on conflict (user_id) where status in ('pending', 'running') do nothing
    returning * into v_export;

    if v_export.id is not null then
      perform private.enqueue_job(
        'transfers',
        'export_personal_data',
        jsonb_build_object('transfer_id', v_export.id),
        p_dedupe_key => v_export.id::text
      );
      exit;
    end if;

    select personal_data_exports.*
    into v_export
    from public.personal_data_exports
    where personal_data_exports.user_id = v_user_id
      and personal_data_exports.status in ('pending', 'running');
    -- It may have ended between the two.
    exit when v_export.id is not null;
  end loop;
  return v_export;
end;
$$;

create function public.export_personal_data()
returns public.personal_data_exports
language sql
volatile
security invoker
set search_path = ''
as $$
  select * from private.export_personal_data();
$$;

comment on function public.export_personal_data() is
  'Asks for an archive of what there is about the caller, and answers the export to follow; while '
  'one is being made, that one. Errors: not_signed_in.';

grant execute on function private.export_personal_data(), public.export_personal_data()
  to authenticated;
