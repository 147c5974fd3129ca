-- Sign-up: a new user gets a profile, preferences and an organization of their own, in the
-- transaction that makes the user. Leaving is the same backwards. And the RPCs about where one
-- works.

-- A profile is read by others, so what a provider or the user claims is taken as text and cut to
-- size. Null for anything that is not a plain string.
create function private.read_claim(p_claims jsonb, p_key text, p_length integer)
returns text
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  if jsonb_typeof(p_claims -> p_key) is distinct from 'string' then
    return null;
  end if;

  return nullif(
    btrim(left(btrim(regexp_replace(p_claims ->> p_key, '[[:cntrl:]]', ' ', 'g')), p_length)),
    ''
  );
end;
$$;

comment on function private.read_claim(jsonb, text, integer) is
  'A string out of user metadata, trimmed and cut, or null. For display alone.';

create function private.make_slug(p_name text)
returns text
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  return coalesce(
    nullif(
      btrim(left(btrim(regexp_replace(lower(p_name), '[^a-z0-9]+', '-', 'g'), '-'), 80), '-'),
      ''
    ),
    'organization'
  );
end;
$$;

comment on function private.make_slug(text) is
  'Lowercase words and hyphens out of a name; "organization" when none of it is left.';

-- Makes an organization with its first owner. Only create_organization() and sign-up may.
create function private.found_organization(p_organization public.organizations, p_owner_id uuid)
returns public.organizations
language plpgsql
volatile
security definer -- nobody is granted to insert organizations and members
set search_path = ''
as $$
declare
  v_organization public.organizations;
begin
  insert into public.organizations
    (name, slug, industry, owner_email, is_personal, created_by_user_id)
  values (
    p_organization.name,
    p_organization.slug,
    p_organization.industry,
    p_organization.owner_email,
    p_organization.is_personal,
    p_owner_id
  )
  returning * into v_organization;

  insert into public.organization_members (organization_id, user_id, role_id)
  select v_organization.id, p_owner_id, roles.id
  from public.roles
  where roles.organization_id is null
    and roles.name = 'owner';

  return v_organization;
end;
$$;

comment on function private.found_organization(public.organizations, uuid) is
  'Makes an organization and its first owner.';

create function private.welcome_user(p_user_id uuid, p_email text, p_claims jsonb)
returns void
language plpgsql
volatile
security definer -- nobody is granted to make profiles
set search_path = ''
as $$
declare
  v_full_name constant text := private.read_claim(p_claims, 'full_name', 200);
  v_avatar_url constant text := private.read_claim(p_claims, 'avatar_url', 2048);
  v_organization public.organizations;
begin
  insert into public.profiles (id, full_name, avatar_url)
  values (
    p_user_id,
    v_full_name,
    case when v_avatar_url ~* '^https?://' then v_avatar_url end
  );

  insert into public.user_preferences (user_id) values (p_user_id);

  v_organization.name := coalesce(
    v_full_name,
    nullif(btrim(left(split_part(p_email, '@', 1), 200)), ''),
    'Personal'
  );
  -- Random, for a slug is seen by others and the name of a person is theirs to give.
  v_organization.slug := 'personal-' || replace(gen_random_uuid()::text, '-', '');
  v_organization.owner_email := case when char_length(p_email) between 3 and 320 then p_email end;
  v_organization.is_personal := true;

  perform private.found_organization(v_organization, p_user_id);
end;
$$;

comment on function private.welcome_user(uuid, text, jsonb) is
  'Makes profile, preferences and personal organization of a user. Odd claims are left out, never '
  'refused.';

create function private.sign_up()
returns trigger
language plpgsql
volatile
security definer -- fired by the Auth service, which owns nothing here
set search_path = ''
as $$
begin
  perform private.welcome_user(new.id, new.email, new.raw_user_meta_data);
  return null;
end;
$$;

comment on function private.sign_up() is
  'Trigger on auth.users: a new user gets a profile, preferences and a personal organization.';

-- A user is about to be deleted. The personal organization goes with them. An organization whose
-- last active owner they are passes to the active member who holds most, of those the one who
-- joined first; where no active member is left, it goes too, with all it has.
create function private.sign_off()
returns trigger
language plpgsql
volatile
security definer -- fired by the Auth service, which owns nothing here
set search_path = ''
as $$
declare
  v_owner_role_id constant uuid := (
    select roles.id from public.roles where roles.organization_id is null and roles.name = 'owner'
  );
  v_organization_id uuid;
  v_heir_id uuid;
begin
  delete from public.organizations
  where organizations.created_by_user_id = old.id
    and organizations.is_personal;

  -- In the order of ids, so that two users who go at once do not wait for each other.
  for v_organization_id in
    select organizations.id
    from public.organizations
    where organizations.id in (
      select organization_members.organization_id
      from public.organization_members
      where organization_members.user_id = old.id
        and organization_members.role_id = v_owner_role_id
    )
    order by organizations.id
    for no key update
  loop
    if exists (
      select
      from public.organization_members
      where organization_members.organization_id = v_organization_id
        and organization_members.user_id <> old.id
        and organization_members.role_id = v_owner_role_id
        and organization_members.status = 'active'
    ) then
      continue;
    end if;

    v_heir_id := (
      select organization_members.id
      from public.organization_members
      where organization_members.organization_id = v_organization_id
        and organization_members.user_id <> old.id
        and organization_members.status = 'active'
      order by
        cardinality(organization_members.permissions) desc,
        organization_members.joined_at,
        organization_members.id
      limit 1
    );

    if v_heir_id is null then
      delete from public.organizations where organizations.id = v_organization_id;
    else
      update public.organization_members
      set role_id = v_owner_role_id, custom_permissions = default
      where organization_members.id = v_heir_id;
    end if;
  end loop;

  -- The address of someone who left is no contact, and theirs to take along.
  update public.organizations
  set owner_email = null
  where organizations.created_by_user_id = old.id
    and organizations.owner_email = old.email;

  return old;
end;
$$;

comment on function private.sign_off() is
  'Trigger on auth.users: removes the personal organization, and finds heirs for organizations '
  'that would lose their last owner.';

create trigger _500_sign_up
  after insert on auth.users
  for each row
  execute function private.sign_up();

create trigger _100_sign_off
  before delete on auth.users
  for each row
  execute function private.sign_off();

-- Users who signed up before this migration.
select private.welcome_user(users.id, users.email, users.raw_user_meta_data)
from auth.users
where not exists (select from public.profiles where profiles.id = users.id);

create function private.create_organization(p_name text, p_slug text, p_industry text)
returns public.organizations
language plpgsql
volatile
security definer -- nobody is granted to insert organizations
set search_path = ''
as $$
declare
  v_user_id constant uuid := auth.uid();
  v_organization public.organizations;
  v_constraint text;
begin
  if v_user_id is null then
    raise sqlstate 'PT401' using
      message = 'Only a signed-in user can create an organization',
      detail = 'not_signed_in',
      hint = 'Send the access token of a user: it becomes the owner.';
  end if;

  v_organization.name := btrim(p_name);
  if char_length(v_organization.name) between 1 and 255 is not true then
    raise sqlstate 'PT400' using
      message = 'An organization needs a name of 1 to 255 characters',
      detail = 'organization_name_invalid',
      hint = 'Pass the name as p_name.';
  end if;

  v_organization.slug := coalesce(p_slug, private.make_slug(p_name));
  v_organization.industry := p_industry;
  v_organization.owner_email := (
    select users.email
    from auth.users
    where users.id = v_user_id
      and char_length(users.email) between 3 and 320
  );
  v_organization.is_personal := false;

  if p_slug is null
    and exists (select from public.organizations where organizations.slug = v_organization.slug)
  then
    v_organization.slug := v_organization.slug || '-' || left(gen_random_uuid()::text, 8);
  end if;

  return private.found_organization(v_organization, v_user_id);
exception
  when unique_violation then
    raise sqlstate 'PT409' using
      message = format('The slug "%s" is taken', v_organization.slug),
      detail = 'organization_slug_taken',
      hint = 'Choose another, or leave p_slug out.';
  when check_violation then
    get stacked diagnostics v_constraint = constraint_name;
    if v_constraint = 'organizations_slug_check' then
      raise sqlstate 'PT400' using
        message = 'A slug is lowercase words and hyphens, up to 100 characters',
        detail = 'organization_slug_invalid',
        hint = 'Leave p_slug out to have one made from the name.';
    elsif v_constraint = 'organizations_industry_check' then
      raise sqlstate 'PT400' using
        message = 'No such industry',
        detail = 'organization_industry_unknown',
        hint = 'One of healthcare, finance, retail, technology, manufacturing, other.';
    end if;
    raise;
end;
$$;

create function public.create_organization(
  p_name text,
  p_slug text default null,
  p_industry text default null
)
returns public.organizations
language sql
volatile
security invoker
set search_path = ''
as $$
  select * from private.create_organization(p_name, p_slug, p_industry);
$$;

comment on function public.create_organization(text, text, text) is
  'Creates an organization with the caller as its owner. A slug left out is made from the name. '
  'Errors: not_signed_in, organization_name_invalid, organization_slug_invalid, '
  'organization_slug_taken, organization_industry_unknown.';

create function private.switch_organization(p_organization_id uuid)
returns public.organizations
language plpgsql
volatile
security definer -- current_organization_id is not granted, so that it is always a membership
set search_path = ''
as $$
declare
  v_organization public.organizations;
begin
  select organizations.*
  into v_organization
  from public.organizations
  join public.organization_members
    on organization_members.organization_id = organizations.id
  where organizations.id = p_organization_id
    and organization_members.user_id = auth.uid()
    and organization_members.status = 'active';

  if v_organization.id is null then
    raise sqlstate 'PT404' using
      message = 'You are no active member of an organization with that id',
      detail = 'organization_not_found',
      hint = 'Select from organizations to see those you belong to.';
  end if;

  update public.user_preferences
  set current_organization_id = v_organization.id
  where user_preferences.user_id = auth.uid();

  return v_organization;
end;
$$;

create function public.switch_organization(p_organization_id uuid)
returns public.organizations
language sql
volatile
security invoker
set search_path = ''
as $$
  select * from private.switch_organization(p_organization_id);
$$;

comment on function public.switch_organization(uuid) is
  'Chooses the organization that new rows go to when they name none. Errors: '
  'organization_not_found.';

create function public.my_permissions(p_organization_id uuid default null)
returns setof text
language sql
stable
security invoker
set search_path = ''
as $$
  select unnest(organization_members.permissions)
  from public.organization_members
  where organization_members.user_id = (select auth.uid())
    and organization_members.organization_id
      = coalesce(p_organization_id, (select private.current_organization_id()))
    and organization_members.status = 'active';
$$;

comment on function public.my_permissions(uuid) is
  'What the caller may do in an organization, by default the current one. Empty for strangers.';

grant execute on function
  private.create_organization(text, text, text),
  private.switch_organization(uuid),
  public.create_organization(text, text, text),
  public.switch_organization(uuid),
  public.my_permissions(uuid)
to authenticated;
