-- Industry templates: what a new organization of an industry starts with. The industries are those
-- that public.organizations names; each has its row, the same for everyone.
-- A template is a beginning, not a rule: once made, an organization's settings are its own. What
-- the database itself keeps to is how long audit logs stay.

create table public.industry_templates (
  industry text primary key,
  display_name text not null,
  description text not null,
  settings jsonb not null default '{}',
  audit_retention_months integer not null default 24,
  color text not null,
  icon text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint industry_templates_industry_check check (
    industry in ('healthcare', 'finance', 'retail', 'technology', 'manufacturing', 'other')
  ),
  constraint industry_templates_display_name_check check (
    char_length(display_name) between 1 and 100
  ),
  constraint industry_templates_description_check check (
    char_length(description) between 1 and 1000
  ),
  constraint industry_templates_settings_check check (jsonb_typeof(settings) = 'object'),
  constraint industry_templates_audit_retention_months_check check (
    audit_retention_months between 1 and 120
  ),
  constraint industry_templates_color_check check (color ~* '^#[0-9a-f]{6}$'),
  constraint industry_templates_icon_check check (char_length(icon) between 1 and 2048)
);

comment on table public.industry_templates is
  'What a new organization of an industry starts with. The same for everyone.';
comment on column public.industry_templates.settings is
  'Copied to organizations.settings: compliance (rules that apply), data_classification, '
  'redaction (whether personal data is masked before it leaves, and which fields), models (what '
  'language models may be given), retention_days (how long work is worth keeping), analytics '
  '(what insights look for).';
comment on column public.industry_templates.audit_retention_months is
  'Copied to organization_quotas.audit_retention_months: six years under HIPAA, seven for books.';

create trigger _900_touch_updated_at
  before update on public.industry_templates
  for each row
  execute function private.touch_updated_at();

alter table public.industry_templates enable row level security;

create policy select_everyone on public.industry_templates
  for select
  to authenticated
  using (true);

grant select on public.industry_templates to authenticated;
grant select, insert, update, delete on public.industry_templates to service_role;
-- No write for people: an operator corrects the catalogue, for everyone.

insert into public.industry_templates
  (industry, display_name, description, color, icon, audit_retention_months, settings)
values
  (
    'healthcare', 'Healthcare',
    'Medical claims and patient data, with HIPAA in mind: masked, kept for six years.',
    '#0e7490', '🏥', 72,
    '{
      "compliance": ["hipaa"],
      "data_classification": "restricted",
      "redaction": {
        "enabled": true,
        "fields": [
          "patient_name", "date_of_birth", "medical_record_number", "insurance_number", "diagnosis",
          "address", "phone", "email"
        ]
      },
      "models": {"may_see_personal_data": false, "may_train": false},
      "retention_days": {"messages": 2190, "runs": 2190, "media": 2190},
      "analytics": {"focus": ["claims", "denials", "readmissions", "length_of_stay"]}
    }'
  ),
  (
    'finance', 'Finance',
    'Transactions under compliance rules: masked, traceable, kept for seven years.',
    '#166534', '🏦', 84,
    '{
      "compliance": ["pci_dss", "sox", "aml"],
      "data_classification": "confidential",
      "redaction": {
        "enabled": true,
        "fields": ["account_number", "card_number", "iban", "tax_number", "date_of_birth"]
      },
      "models": {"may_see_personal_data": false, "may_train": false},
      "retention_days": {"messages": 2555, "runs": 2555, "media": 2555},
      "analytics": {"focus": ["transactions", "anomalies", "exposure", "reconciliation"]}
    }'
  ),
  (
    'retail', 'Retail',
    'Sales and inventory: patterns over seasons, customers masked.',
    '#b45309', '🛒', 24,
    '{
      "compliance": ["pci_dss"],
      "data_classification": "internal",
      "redaction": {"enabled": true, "fields": ["card_number", "address", "phone", "email"]},
      "models": {"may_see_personal_data": false, "may_train": false},
      "retention_days": {"messages": 730, "runs": 730, "media": 730},
      "analytics": {"focus": ["sales", "inventory", "baskets", "seasonality"]}
    }'
  ),
  (
    'technology', 'Technology',
    'Product metrics and usage data: quick turns, short memory.',
    '#4338ca', '💻', 24,
    '{
      "compliance": ["soc2"],
      "data_classification": "internal",
      "redaction": {"enabled": false, "fields": []},
      "models": {"may_see_personal_data": true, "may_train": false},
      "retention_days": {"messages": 365, "runs": 180, "media": 365},
      "analytics": {"focus": ["activation", "retention", "usage", "incidents"]}
    }'
  ),
  (
    'manufacturing', 'Manufacturing',
    'Supply chain and quality control: measured by batch, kept as long as a product may return.',
    '#475569', '🏭', 60,
    '{
      "compliance": ["iso_9001"],
      "data_classification": "internal",
      "redaction": {"enabled": false, "fields": []},
      "models": {"may_see_personal_data": true, "may_train": false},
      "retention_days": {"messages": 1095, "runs": 1095, "media": 1825},
      "analytics": {"focus": ["yield", "defects", "lead_times", "suppliers"]}
    }'
  ),
  (
    'other', 'Other',
    'Defaults that suit most.',
    '#6d28d9', '🏢', 24,
    '{
      "compliance": [],
      "data_classification": "internal",
      "redaction": {"enabled": false, "fields": []},
      "models": {"may_see_personal_data": true, "may_train": false},
      "retention_days": {"messages": 730, "runs": 365, "media": 730},
      "analytics": {"focus": ["trends", "outliers"]}
    }'
  );

-- Makes an organization with its first owner. Only create_organization() and sign-up may.
create or replace function private.found_organization(
  p_organization public.organizations,
  p_owner_id uuid
)
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
    (
      name, slug, industry, owner_email, icon, color, settings, is_personal, created_by_user_id
    )
  values (
    p_organization.name,
    p_organization.slug,
    p_organization.industry,
    p_organization.owner_email,
    p_organization.icon,
    p_organization.color,
    coalesce(p_organization.settings, '{}'),
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

comment on function public.create_organization(text, text, text) is
  'Creates an organization with the caller as its owner. A slug left out is made from the name; an '
  'industry brings what its template says. Errors: not_signed_in, '
  'organization_name_invalid, organization_slug_invalid, organization_slug_taken, '
  'organization_industry_unknown.';
