-- Two organizations of one name, founded at the same moment: the later one used to be refused for a
-- slug that nobody had asked for.

create or replace function private.create_organization(p_name text, p_slug text, p_industry text)
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

  select industry_templates.settings, industry_templates.color, industry_templates.icon
  into v_organization.settings, v_organization.color, v_organization.icon
  from public.industry_templates
  where industry_templates.industry = p_industry;

  if p_slug is null
    and exists (select from public.organizations where organizations.slug = v_organization.slug)
  then
    v_organization.slug := v_organization.slug || '-' || left(gen_random_uuid()::text, 8);
  end if;

  v_organization := private.found_organization(v_organization, v_user_id);

  update public.organization_quotas
  set audit_retention_months = industry_templates.audit_retention_months
  from public.industry_templates
  where organization_quotas.organization_id = v_organization.id
    and industry_templates.industry = v_organization.industry;

  return v_organization;
exception
  when unique_violation then
    get stacked diagnostics v_constraint = constraint_name;
    if p_slug is null and v_constraint = 'organizations_slug_key' then
      -- Now the other one is seen, and this one gets a slug of its own.
      return private.create_organization(p_name, p_slug, p_industry);
    end if;
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

