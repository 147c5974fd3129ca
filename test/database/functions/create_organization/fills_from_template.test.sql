begin;
select plan(7);

select tests.create_user('ada');
select tests.act_as('ada');

select results_eq(
  $$
    select settings, color, icon
    from public.create_organization('Clinic', null, 'healthcare')
  $$,
  $$ select settings, color, icon from public.industry_templates where industry = 'healthcare' $$,
  'an industry brings settings, color and icon of its template'
);
select results_eq(
  $$ select settings, color, icon from public.create_organization('Club') $$,
  $$ values ('{}'::jsonb, null::text, null::text) $$,
  'without an industry an organization starts bare'
);
select isnt(
  (select settings from public.create_organization('Bank', null, 'finance')),
  (select settings from public.organizations where name = 'Clinic'),
  'another industry brings others'
);

select tests.act_as_nobody();
select is(
  (
    select audit_retention_months from public.organization_quotas
    join public.organizations on organizations.id = organization_quotas.organization_id
    where organizations.name = 'Clinic'
  ),
  72, 'audit logs stay six years under HIPAA'
);
select is(
  (
    select audit_retention_months from public.organization_quotas
    join public.organizations on organizations.id = organization_quotas.organization_id
    where organizations.name = 'Club'
  ),
  24, 'and two elsewhere'
);
update public.industry_templates set settings = '{"later": true}' where industry = 'healthcare';
select ok(
  not (select settings ? 'later' from public.organizations where name = 'Clinic'),
  'a template that changes later does not reach into what was made from it'
);
select is(
  (select settings from public.organizations where id = tests.organization_of('ada')),
  '{}',
  'a personal organization has no industry'
);

select * from finish();
rollback;
