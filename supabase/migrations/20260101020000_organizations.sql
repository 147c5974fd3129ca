-- Organizations: what every other row belongs to.
-- One comes with each user (is_personal); others are made by public.create_organization(), never by
-- an insert, because an organization without an owner would be nobody's.

create table public.organizations (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  slug text not null,
  industry text,
  owner_email text,
  icon text,
  color text,
  specification text,
  settings jsonb not null default '{}',
  plan text not null default 'free',
  is_personal boolean not null default false,
  created_by_user_id uuid references public.profiles (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint organizations_slug_key unique (slug),
  constraint organizations_name_check check (
    char_length(name) between 1 and 255 and name = btrim(name)
  ),
  constraint organizations_slug_check check (
    slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and char_length(slug) <= 100
  ),
  constraint organizations_industry_check check (
    industry in ('healthcare', 'finance', 'retail', 'technology', 'manufacturing', 'other')
  ),
  constraint organizations_owner_email_check check (char_length(owner_email) between 3 and 320),
  constraint organizations_icon_check check (char_length(icon) <= 2048),
  constraint organizations_color_check check (color ~* '^#[0-9a-f]{6}$'),
  constraint organizations_specification_check check (char_length(specification) <= 100000),
  constraint organizations_settings_check check (jsonb_typeof(settings) = 'object'),
  constraint organizations_plan_check check (plan ~ '^[a-z][a-z0-9_-]{0,49}$')
);

comment on table public.organizations is
  'A company, a club, or one person: whom every other row belongs to.';
comment on column public.organizations.slug is
  'The name in addresses: lowercase words and hyphens.';
comment on column public.organizations.industry is
  'Chooses defaults and examples; null when unsaid.';
comment on column public.organizations.owner_email is
  'Where to write to. A contact, not a credential: it need not be the address anyone signs in '
  'with.';
comment on column public.organizations.icon is 'An emoji or the address of a picture.';
comment on column public.organizations.color is 'As #rrggbb.';
comment on column public.organizations.specification is
  'What the organization is about, in its own words.';
comment on column public.organizations.plan is
  'The subscription. Set by the operator, not by members.';
comment on column public.organizations.is_personal is
  'The organization of one user, made at sign-up and deleted with that user.';

create index organizations_industry_idx on public.organizations (industry);
create index organizations_created_by_user_id_idx on public.organizations (created_by_user_id);
create unique index organizations_personal_key on public.organizations (created_by_user_id)
  where is_personal;

create trigger _900_touch_updated_at
  before update on public.organizations
  for each row
  execute function private.touch_updated_at();

alter table public.user_preferences
  add column current_organization_id uuid references public.organizations (id) on delete set null;

comment on column public.user_preferences.current_organization_id is
  'Where new rows go that name no organization. Set by switch_organization(); null means the '
  'personal one.';

create index user_preferences_current_organization_id_idx
  on public.user_preferences (current_organization_id);

-- The tenancy helper: the organizations in which the caller, an active member, holds a permission.
-- Policies ask it once per statement, as an InitPlan:
--   organization_id = any ((select private.organizations_with('agents.read'))::uuid[])
-- It is plpgsql because an SQL function would be planned anew at every call. That also lets it
-- stand here, before organization_members: the table is looked up at the first call.
create function private.organizations_with(p_permission text)
returns uuid[]
language plpgsql
stable
security definer -- policies on organization_members would ask it about itself
set search_path = ''
as $$
declare
  -- Asked once: within the query it would be for every index condition and recheck.
  v_user_id constant uuid := auth.uid();
begin
  return array(
    select organization_members.organization_id
    from public.organization_members
    where organization_members.user_id = v_user_id
      and organization_members.status = 'active'
      and p_permission = any (organization_members.permissions)
  );
end;
$$;

comment on function private.organizations_with(text) is
  'The organizations in which the caller is an active member holding the permission. For policies.';

-- The organization of a new row that names none: the one the caller works in while they are an
-- active member there, else their personal one, else the one they joined first. Null for the
-- service.
create function private.current_organization_id()
returns uuid
language plpgsql
stable
security definer -- a column default must not depend on what the caller may read
set search_path = ''
as $$
begin
  return (
    select organization_members.organization_id
    from public.organization_members
    join public.organizations on organizations.id = organization_members.organization_id
    left join public.user_preferences
      on user_preferences.user_id = organization_members.user_id
    where organization_members.user_id = auth.uid()
      and organization_members.status = 'active'
    order by
      organizations.id is not distinct from user_preferences.current_organization_id desc,
      organizations.is_personal and organizations.created_by_user_id = auth.uid() desc,
      organization_members.joined_at,
      organizations.id
    limit 1
  );
end;
$$;

comment on function private.current_organization_id() is
  'The organization that a new row of the caller goes to when it names none. For column defaults.';

grant execute on function private.organizations_with(text) to authenticated;
grant execute on function private.current_organization_id() to authenticated, service_role;

alter table public.organizations enable row level security;

create policy select_member on public.organizations
  for select
  to authenticated
  using (id = any ((select private.organizations_with('organizations.read'))::uuid[]));

create policy update_manager on public.organizations
  for update
  to authenticated
  using (id = any ((select private.organizations_with('organizations.update'))::uuid[]))
  with check (id = any ((select private.organizations_with('organizations.update'))::uuid[]));

-- A personal organization goes with its user and no earlier: without it, their new rows had no
-- home.
create policy delete_owner on public.organizations
  for delete
  to authenticated
  using (
    id = any ((select private.organizations_with('organizations.delete'))::uuid[])
    and not is_personal
  );

grant select, delete on public.organizations to authenticated;
grant update (name, slug, industry, owner_email, icon, color, specification, settings)
  on public.organizations to authenticated;
grant select, insert, update, delete on public.organizations to service_role;
-- No insert for people: public.create_organization() makes the owner along with the organization.
