-- Updating an organization: one call for what its settings page shows, with errors a person
-- understands. The grants and policies of the table decide, as for a plain update.

-- An empty text clears what may be empty; null leaves a column as it is.
create function public.update_organization(
  p_organization_id uuid,
  p_name text default null,
  p_slug text default null,
  p_industry text default null,
  p_owner_email text default null,
  p_icon text default null,
  p_color text default null,
  p_specification text default null,
  p_settings jsonb default null
)
returns public.organizations
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  v_organization public.organizations;
  v_constraint text;
  v_column text;
begin
  update public.organizations
  set
    name = coalesce(btrim(p_name), organizations.name),
    slug = coalesce(p_slug, organizations.slug),
    industry = nullif(coalesce(p_industry, organizations.industry), ''),
    owner_email = nullif(coalesce(btrim(p_owner_email), organizations.owner_email), ''),
    icon = nullif(coalesce(p_icon, organizations.icon), ''),
    color = nullif(coalesce(p_color, organizations.color), ''),
    specification = nullif(coalesce(p_specification, organizations.specification), ''),
    settings = coalesce(p_settings, organizations.settings)
  where organizations.id = p_organization_id
  returning * into v_organization;

  if v_organization.id is not null then
    return v_organization;
  elsif exists (select from public.organizations where organizations.id = p_organization_id) then
    raise sqlstate 'PT403' using
      message = 'You may not change this organization',
      detail = 'permission_denied',
      hint = 'It takes the permission organizations.update.';
  end if;

  raise sqlstate 'PT404' using
    message = 'No organization of yours with that id',
    detail = 'organization_not_found',
    hint = 'Select from organizations to see those you belong to.';
exception
  when unique_violation then
    raise sqlstate 'PT409' using
      message = format('The slug "%s" is taken', left(p_slug, 100)),
      detail = 'organization_slug_taken',
      hint = 'Choose another.';
  when check_violation then
    get stacked diagnostics v_constraint = constraint_name;
    v_column := substring(v_constraint from '^organizations_(.+)_check$');
    if v_column is null then
      raise;
    elsif v_column = 'industry' then
      raise sqlstate 'PT400' using
        message = 'No such industry',
        detail = 'organization_industry_unknown',
        hint = 'One of healthcare, finance, retail, technology, manufacturing, other.';
    end if;
    raise sqlstate 'PT400' using
      message = format('That is no %s for an organization', replace(v_column, '_', ' ')),
      detail = format('organization_%s_invalid', v_column),
      hint = case v_column
        when 'name' then 'A name has 1 to 255 characters.'
        when 'slug' then 'A slug is lowercase words and hyphens, up to 100 characters.'
        when 'owner_email' then 'An address has 3 to 320 characters.'
        when 'icon' then 'An icon is an emoji or the address of a picture.'
        when 'color' then 'A color is #rrggbb.'
        when 'specification' then 'A specification has up to 100000 characters.'
        when 'settings' then 'Settings are a JSON object.'
        else 'Check the arguments.'
      end;
end;
$$;

comment on function public.update_organization(
  uuid, text, text, text, text, text, text, text, jsonb
) is
  'Changes what is not null; an empty text clears industry, owner_email, icon, color and '
  'specification; p_settings replaces all settings. Needs organizations.update. Errors: '
  'organization_not_found, permission_denied, organization_slug_taken, '
  'organization_industry_unknown, and organization_<column>_invalid for the others.';

grant execute on function public.update_organization(
  uuid, text, text, text, text, text, text, text, jsonb
) to authenticated, service_role;
