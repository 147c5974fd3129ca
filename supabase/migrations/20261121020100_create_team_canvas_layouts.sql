-- Canvas layouts: how one person has laid out the teams on their canvas, per workspace or, without
-- one, for the organization as a whole. Each person sees and moves their own alone.
-- Two tabs of a person may have the same layout open, so it carries a version: who says which one
-- they changed is refused when another came in between.

create table public.team_canvas_layouts (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null default private.current_organization_id()
    references public.organizations (id) on delete cascade,
  user_id uuid not null default auth.uid() references public.profiles (id) on delete cascade,
  workspace_id uuid,
  positions jsonb not null default '[]',
  connections jsonb not null default '[]',
  view_settings jsonb not null default '{}',
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint team_canvas_layouts_user_id_organization_id_workspace_id_key
    unique nulls not distinct (user_id, organization_id, workspace_id),
  -- Whoever leaves the organization leaves their layouts.
  constraint team_canvas_layouts_user_id_organization_id_fkey
    foreign key (user_id, organization_id)
    references public.organization_members (user_id, organization_id) on delete cascade,
  constraint team_canvas_layouts_workspace_id_fkey foreign key (workspace_id, organization_id)
    references public.workspaces (id, organization_id) on delete cascade,
  constraint team_canvas_layouts_positions_check check (
    jsonb_typeof(positions) in ('array', 'object') and octet_length(positions::text) <= 500000
  ),
  constraint team_canvas_layouts_connections_check check (
    jsonb_typeof(connections) in ('array', 'object') and octet_length(connections::text) <= 500000
  ),
  constraint team_canvas_layouts_view_settings_check check (
    jsonb_typeof(view_settings) = 'object' and octet_length(view_settings::text) <= 50000
  ),
  constraint team_canvas_layouts_version_check check (version > 0)
);

comment on table public.team_canvas_layouts is
  'How a person has laid out the teams on their canvas.';
comment on column public.team_canvas_layouts.user_id is 'Whose canvas it is. Nobody else sees it.';
comment on column public.team_canvas_layouts.workspace_id is
  'Null is the canvas of the whole organization.';
comment on column public.team_canvas_layouts.positions is
  'Where each team is, in the frontend''s own form.';
comment on column public.team_canvas_layouts.connections is
  'How lines run on this canvas. What they say is in team_connections.';
comment on column public.team_canvas_layouts.view_settings is 'Zoom, centre and the like.';
comment on column public.team_canvas_layouts.version is
  'Counts the saves. Pass it as p_expected_version to overwrite nothing unseen.';

create index team_canvas_layouts_workspace_id_organization_id_idx
  on public.team_canvas_layouts (workspace_id, organization_id)
  where workspace_id is not null;
create index team_canvas_layouts_organization_id_idx
  on public.team_canvas_layouts (organization_id);

create trigger _900_touch_updated_at
  before update on public.team_canvas_layouts
  for each row
  execute function private.touch_updated_at();

-- That a layout was saved is worth a line; where each box stood is not worth half a megabyte.
select private.enable_audit(
  'public.team_canvas_layouts', 'id', array['positions', 'connections', 'view_settings']
);

select private.guard_configuration('public.team_canvas_layouts', 'view_settings');

alter table public.team_canvas_layouts enable row level security;

create policy select_own on public.team_canvas_layouts
  for select
  to authenticated
  using (
    user_id = (select auth.uid())
    and organization_id = any ((select private.organizations_with('teams.read'))::uuid[])
    and (
      workspace_id is null
      or workspace_id = any ((select private.workspaces_with('workspaces.read'))::uuid[])
    )
  );

grant select on public.team_canvas_layouts to authenticated;
grant select, insert, update, delete on public.team_canvas_layouts to service_role;
-- No write for people: versions would be skipped, or begin again after a deletion, and a tab that
-- is behind would seem to be up to date. An empty layout is saved, not deleted.

-- The organization of a canvas, for whoever may have one there; else PT404 workspace_not_found.
-- Null is the organization that the caller works in.
create function private.organization_of_canvas(p_workspace_id uuid)
returns uuid
language plpgsql
stable
security definer -- the service asks as well, and holds no place in a workspace
set search_path = ''
as $$
declare
  v_is_service constant boolean := (select auth.role()) is not distinct from 'service_role';
  v_organization_id uuid;
begin
  if p_workspace_id is null then
    v_organization_id := private.current_organization_id();
  else
    select workspaces.organization_id
    into v_organization_id
    from public.workspaces
    where workspaces.id = p_workspace_id
      and (v_is_service or workspaces.id = any (private.workspaces_with('workspaces.read')));
  end if;

  if v_organization_id is null
    or not v_is_service
    and v_organization_id <> all (private.organizations_with('teams.read'))
  then
    raise sqlstate 'PT404' using
      message = 'No workspace with that id',
      detail = 'workspace_not_found',
      hint = 'Select from workspaces to see those you can reach. A canvas takes teams.read, too.';
  end if;

  return v_organization_id;
end;
$$;

create function private.save_team_canvas_layout(
  p_user_id uuid,
  p_workspace_id uuid,
  p_positions jsonb,
  p_connections jsonb,
  p_view_settings jsonb,
  p_expected_version integer
)
returns public.team_canvas_layouts
language plpgsql
volatile
security definer -- nobody is granted to write layouts
set search_path = ''
as $$
declare
  v_organization_id constant uuid := private.organization_of_canvas(p_workspace_id);
  v_layout public.team_canvas_layouts;
  v_current_version integer;
begin
  if p_expected_version > 0 then
    update public.team_canvas_layouts
    set
      positions = coalesce(p_positions, team_canvas_layouts.positions),
      connections = coalesce(p_connections, team_canvas_layouts.connections),
      view_settings = coalesce(p_view_settings, team_canvas_layouts.view_settings),
      version = team_canvas_layouts.version + 1
    where team_canvas_layouts.user_id = p_user_id
      and team_canvas_layouts.organization_id = v_organization_id
      and team_canvas_layouts.workspace_id is not distinct from p_workspace_id
      and team_canvas_layouts.version = p_expected_version
    returning * into v_layout;
  else
    insert into public.team_canvas_layouts as existing
      (organization_id, user_id, workspace_id, positions, connections, view_settings)
    values (
      v_organization_id,
      p_user_id,
      p_workspace_id,
      coalesce(p_positions, '[]'),
      coalesce(p_connections, '[]'),
      coalesce(p_view_settings, '{}')
    )
    on conflict (user_id, organization_id, workspace_id) do update
    set
      positions = coalesce(p_positions, existing.positions),
      connections = coalesce(p_connections, existing.connections),
      view_settings = coalesce(p_view_settings, existing.view_settings),
      version = existing.version + 1
    where p_expected_version is null
    returning * into v_layout;
  end if;

  if v_layout.id is null then
    v_current_version := coalesce(
      (
        select team_canvas_layouts.version
        from public.team_canvas_layouts
        where team_canvas_layouts.user_id = p_user_id
          and team_canvas_layouts.organization_id = v_organization_id
          and team_canvas_layouts.workspace_id is not distinct from p_workspace_id
      ),
      0
    );
    raise sqlstate 'PT409' using
      message = format(
        'The layout is at version %s, not %s', v_current_version, p_expected_version
      ),
      detail = 'canvas_layout_changed',
      hint = format(
        'Read it again, merge, and save with p_expected_version %s.', v_current_version
      );
  end if;

  return v_layout;
exception
  when check_violation then
    raise sqlstate 'PT400' using
      message = 'That is no layout, or it is too large',
      detail = 'canvas_layout_invalid',
      hint = 'p_positions and p_connections are arrays or objects of up to 500,000 bytes, '
        'p_view_settings is an object of up to 50,000.';
  when foreign_key_violation then
    raise sqlstate 'PT404' using
      message = 'No member of the organization with that id',
      detail = 'member_not_found',
      hint = 'p_user_id must belong to the organization of the workspace.';
end;
$$;

create function public.save_team_canvas_layout(
  p_user_id uuid default null,
  p_workspace_id uuid default null,
  p_positions jsonb default null,
  p_connections jsonb default null,
  p_view_settings jsonb default null,
  p_expected_version integer default null
)
returns public.team_canvas_layouts
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  v_user_id constant uuid := private.require_actor(coalesce(p_user_id, auth.uid()));
begin
  if v_user_id is null then
    raise sqlstate 'PT400' using
      message = 'Whose canvas is it?',
      detail = 'user_missing',
      hint = 'The service passes p_user_id.';
  end if;

  return private.save_team_canvas_layout(
    v_user_id, p_workspace_id, p_positions, p_connections, p_view_settings, p_expected_version
  );
end;
$$;

comment on function public.save_team_canvas_layout(uuid, uuid, jsonb, jsonb, jsonb, integer) is
  'Saves the caller''s canvas layout of a workspace, or of their organization without one; what is '
  'left out stays as it is. p_expected_version is the version that was changed, 0 for none yet; '
  'without it the last save wins. Answers the layout with its new version. Errors: '
  'workspace_not_found, canvas_layout_changed, canvas_layout_invalid, not_the_caller, '
  'user_missing, member_not_found.';

grant execute on function
  private.save_team_canvas_layout(uuid, uuid, jsonb, jsonb, jsonb, integer),
  public.save_team_canvas_layout(uuid, uuid, jsonb, jsonb, jsonb, integer)
to authenticated, service_role;
