-- Takes back 20261121001100_audit_entering.sql: entering an organization leaves no trace again.

create or replace function private.switch_organization(p_organization_id uuid)
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
