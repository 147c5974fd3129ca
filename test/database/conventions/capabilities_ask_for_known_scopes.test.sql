-- A capability whose scope its provider does not have could never be used by anybody.
begin;
select plan(4);

create function tests.violations() returns setof text language sql stable as $$
  select format('%s asks for %s, which %s does not have', capabilities.capability_key, needed, providers.name)
  from public.integration_capabilities as capabilities
  join public.service_providers as providers on providers.id = capabilities.integration_id
  cross join jsonb_array_elements_text(capabilities.required_scopes) as needed
  where not providers.scopes_supported @> jsonb_build_array(jsonb_build_object('scope', needed))
  union all
  select format('%s takes what its schema does not name', capabilities.capability_key)
  from public.integration_capabilities as capabilities
  where capabilities.input_schema -> 'additionalProperties' is distinct from 'false'::jsonb
  union all
  select format('%s shares its place with another of %s', max(capabilities.capability_key), providers.name)
  from public.integration_capabilities as capabilities
  join public.service_providers as providers on providers.id = capabilities.integration_id
  group by providers.name, capabilities.display_order
  having count(*) > 1
$$;

select is_empty('select tests.violations()', 'capabilities fit their providers');

select cmp_ok(
  (
    select count(distinct integration_id)::integer
    from public.integration_capabilities
    where capability_key ~ '_(email|files?|events?)$'
  ),
  '>=',
  8,
  'mail, files and calendars of eight services can be worked with'
);

insert into public.integration_capabilities
  (integration_id, capability_key, display_label, display_order, description, effect, input_schema,
   required_scopes)
select
  id, 'planted', 'Planted', 1, 'Planted.', 'read', '{"type": "object"}',
  '["Mail.Read", "https://www.googleapis.com/auth/gmail.send"]'
from public.service_providers
where name = 'gmail';

select bag_eq(
  'select tests.violations()',
  array[
    'planted asks for Mail.Read, which gmail does not have',
    'planted takes what its schema does not name',
    'planted shares its place with another of gmail'
  ],
  'each violation is found'
);

select set_eq(
  $$
    select capability_key from public.integration_capabilities
    where effect = 'write' and capability_key ~ '_email$'
  $$,
  array[
    'gmail_send_email', 'outlook_send_email', 'smtp_send_email', 'sendgrid_send_email',
    'mailgun_send_email'
  ],
  'sending mail is writing, searching and reading it is not'
);

select * from finish();
rollback;
