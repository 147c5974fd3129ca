-- Team connections: the lines between teams on the canvas. One kind means something: who a team
-- reports to is a hierarchy, so it never leads back to where it began. The others are drawn freely.

create type public.team_connection_type as enum (
  'reports_to', 'collaborates_with', 'supports', 'custom'
);

create table public.team_connections (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null,
  from_team_id uuid not null,
  to_team_id uuid not null,
  connection_type public.team_connection_type not null,
  label text,
  color text,
  style text not null default 'solid',
  created_by_user_id uuid default auth.uid() references public.profiles (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint team_connections_from_team_id_to_team_id_connection_type_key
    unique (from_team_id, to_team_id, connection_type),
  -- Both name the organization of the row, so both teams are of one.
  constraint team_connections_from_team_id_fkey foreign key (from_team_id, organization_id)
    references public.teams (id, organization_id) on delete cascade,
  constraint team_connections_to_team_id_fkey foreign key (to_team_id, organization_id)
    references public.teams (id, organization_id) on delete cascade,
  constraint team_connections_created_by_user_id_organization_id_fkey
    foreign key (created_by_user_id, organization_id)
    references public.organization_members (user_id, organization_id)
    on delete set null (created_by_user_id),
  constraint team_connections_joins_two_check check (from_team_id <> to_team_id),
  constraint team_connections_label_check check (char_length(label) between 1 and 200),
  constraint team_connections_color_check check (color ~* '^#[0-9a-f]{6}$'),
  constraint team_connections_style_check check (style in ('solid', 'dashed', 'dotted'))
);

comment on table public.team_connections is 'How one team stands to another.';
comment on column public.team_connections.connection_type is
  'What the line says, read from the first team to the second. reports_to never forms a cycle.';
comment on column public.team_connections.color is 'As #rrggbb; null is the canvas'' own.';
comment on column public.team_connections.style is
  'How the line is drawn: solid, dashed or dotted.';
comment on column public.team_connections.created_by_user_id is
  'Null when they left the organization.';

create index team_connections_from_team_id_organization_id_idx
  on public.team_connections (from_team_id, organization_id);
create index team_connections_to_team_id_organization_id_idx
  on public.team_connections (to_team_id, organization_id);
create index team_connections_created_by_user_id_organization_id_idx
  on public.team_connections (created_by_user_id, organization_id)
  where created_by_user_id is not null;
create index team_connections_organization_id_idx on public.team_connections (organization_id);

-- The organization's row is the lock: of two lines that close a circle together, the second waits,
-- sees the first, and is refused. The row is written already, so a statement of many rows meets its
-- own as well.
create function private.keep_team_hierarchy()
returns trigger
language plpgsql
volatile
security definer -- follows connections that the caller may not read
set search_path = ''
as $$
begin
  -- A transaction that keeps its first snapshot would not see what it waited for.
  if current_setting('transaction_isolation') in ('repeatable read', 'serializable') then
    raise sqlstate 'PT409' using
      message = 'Who a team reports to is written in a transaction that is read committed',
      detail = 'transaction_isolation',
      hint = 'Leave the isolation level at its default.';
  end if;

  perform
  from public.organizations
  where organizations.id = new.organization_id
  for no key update;

  if exists (
    with recursive above (team_id) as (
      select new.to_team_id
      union
      select team_connections.to_team_id
      from above
      join public.team_connections on team_connections.from_team_id = above.team_id
      where team_connections.connection_type = 'reports_to'
    )
    select from above where above.team_id = new.from_team_id
  ) then
    raise sqlstate 'PT409' using
      message = 'A team cannot report to one that reports to it',
      detail = 'team_hierarchy_cycle',
      hint = 'Remove the connection the other way first, or use another type.';
  end if;

  return null;
end;
$$;

comment on function private.keep_team_hierarchy() is
  'Trigger: refuses a circle of reports_to with PT409 team_hierarchy_cycle.';

create trigger _050_inherit_organization
  before insert on public.team_connections
  for each row
  when (new.organization_id is null)
  execute function private.inherit_organization('public.teams', 'from_team_id');

create trigger _300_keep_hierarchy
  after insert or update of organization_id, from_team_id, to_team_id, connection_type
  on public.team_connections
  for each row
  when (new.connection_type = 'reports_to')
  execute function private.keep_team_hierarchy();

create trigger _900_touch_updated_at
  before update on public.team_connections
  for each row
  execute function private.touch_updated_at();

select private.enable_audit('public.team_connections');

alter table public.team_connections enable row level security;

create policy select_member on public.team_connections
  for select
  to authenticated
  using (organization_id = any ((select private.organizations_with('teams.read'))::uuid[]));

create policy insert_manager on public.team_connections
  for insert
  to authenticated
  with check (
    created_by_user_id = (select auth.uid())
    and organization_id = any ((select private.organizations_with('teams.manage'))::uuid[])
  );

create policy update_manager on public.team_connections
  for update
  to authenticated
  using (organization_id = any ((select private.organizations_with('teams.manage'))::uuid[]))
  with check (organization_id = any ((select private.organizations_with('teams.manage'))::uuid[]));

create policy delete_manager on public.team_connections
  for delete
  to authenticated
  using (organization_id = any ((select private.organizations_with('teams.manage'))::uuid[]));

grant select, delete on public.team_connections to authenticated;
grant insert (
  id, organization_id, from_team_id, to_team_id, connection_type, label, color, style,
  created_by_user_id
) on public.team_connections to authenticated;
-- A line between other teams is another line.
grant update (connection_type, label, color, style) on public.team_connections to authenticated;
grant select, insert, update, delete on public.team_connections to service_role;

-- Where a signature names who acts, that is the caller; the service may name anyone.
create function private.require_actor(p_user_id uuid)
returns uuid
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  if current_user = 'authenticated' and p_user_id is distinct from auth.uid() then
    raise sqlstate 'PT403' using
      message = 'Nobody acts in another''s name',
      detail = 'not_the_caller',
      hint = 'Leave the user out: it is you.';
  end if;

  return p_user_id;
end;
$$;

comment on function private.require_actor(uuid) is
  'The user that an RPC names as its actor, if the caller may name them. Errors: not_the_caller.';

-- An insert under the caller's own rights, with errors that say what is wrong.
create function public.create_team_connection(
  p_from_team_id uuid,
  p_to_team_id uuid,
  p_connection_type text,
  p_created_by_user_id uuid default null,
  p_label text default null,
  p_color text default null,
  p_style text default 'solid'
)
returns public.team_connections
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  v_user_id constant uuid := private.require_actor(coalesce(p_created_by_user_id, auth.uid()));
  v_from public.teams;
  v_to public.teams;
  v_connection public.team_connections;
  v_constraint text;
begin
  select teams.* into v_from from public.teams where teams.id = p_from_team_id;
  select teams.* into v_to from public.teams where teams.id = p_to_team_id;

  if v_from.id is null or v_to.id is null then
    raise sqlstate 'PT404' using
      message = 'No team with that id',
      detail = 'team_not_found',
      hint = 'Select from teams to see those you can reach.';
  elsif v_from.organization_id <> v_to.organization_id then
    raise sqlstate 'PT400' using
      message = 'Both teams of a connection belong to one organization',
      detail = 'teams_of_two_organizations',
      hint = 'Choose two teams of the same organization.';
  elsif v_from.id = v_to.id then
    raise sqlstate 'PT400' using
      message = 'A connection joins two teams',
      detail = 'team_connected_to_itself',
      hint = 'Choose another team as p_to_team_id.';
  elsif p_connection_type is null
    or p_connection_type <> all (enum_range(null::public.team_connection_type)::text[])
  then
    raise sqlstate 'PT400' using
      message = format('No type of connection is called "%s"', left(p_connection_type, 100)),
      detail = 'team_connection_type_unknown',
      hint = 'One of reports_to, collaborates_with, supports, custom.';
  end if;

  -- The policy refuses it as well, in words that help nobody.
  if current_user = 'authenticated' then
    if v_from.organization_id <> all (private.organizations_with('teams.manage')) then
      raise sqlstate 'PT403' using
        message = 'You may not change the teams of that organization',
        detail = 'permission_denied',
        hint = 'It takes the permission teams.manage.';
    end if;
  end if;

  insert into public.team_connections
    (
      organization_id, from_team_id, to_team_id, connection_type, label, color, style,
      created_by_user_id
    )
  values (
    v_from.organization_id,
    v_from.id,
    v_to.id,
    p_connection_type::public.team_connection_type,
    nullif(btrim(p_label), ''),
    nullif(p_color, ''),
    coalesce(p_style, 'solid'),
    v_user_id
  )
  returning * into v_connection;

  return v_connection;
exception
  when unique_violation then
    raise sqlstate 'PT409' using
      message = 'The two teams are connected like that already',
      detail = 'team_connection_exists',
      hint = 'Change the connection there is.';
  when foreign_key_violation then
    raise sqlstate 'PT404' using
      message = 'The teams or the member are no longer there',
      detail = 'team_or_member_not_found',
      hint = 'p_created_by_user_id must belong to the organization of the teams.';
  when check_violation then
    get stacked diagnostics v_constraint = constraint_name;
    raise sqlstate 'PT400' using
      message = case v_constraint
        when 'team_connections_label_check' then 'A label has up to 200 characters'
        when 'team_connections_color_check' then 'A colour is written as #rrggbb'
        else 'A line is solid, dashed or dotted'
      end,
      detail = 'team_connection_invalid',
      hint = 'Correct p_label, p_color or p_style.';
end;
$$;

comment on function public.create_team_connection(uuid, uuid, text, uuid, text, text, text) is
  'Connects a team to another of the same organization (permission teams.manage). '
  'p_created_by_user_id is the caller, whom it need not name. Errors: team_not_found, '
  'teams_of_two_organizations, team_connected_to_itself, team_connection_type_unknown, '
  'permission_denied, not_the_caller, team_connection_exists, team_hierarchy_cycle, '
  'team_connection_invalid, team_or_member_not_found, transaction_isolation.';

grant execute on function
  private.require_actor(uuid),
  public.create_team_connection(uuid, uuid, text, uuid, text, text, text)
to authenticated, service_role;
