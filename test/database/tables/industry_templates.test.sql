begin;
select plan(9);

select tests.create_user('ada');

select policies_are('public', 'industry_templates', array['select_everyone']);
select set_eq(
  'select industry from public.industry_templates',
  array['healthcare', 'finance', 'retail', 'technology', 'manufacturing', 'other'],
  'every industry has its template'
);
select is(
  (select count(distinct settings)::integer from public.industry_templates), 6,
  'each with settings of its own'
);
select is_empty(
  $$
    select industry from public.industry_templates
    where not settings ?& array[
      'compliance', 'data_classification', 'redaction', 'models', 'retention_days', 'analytics'
    ]
  $$,
  'of one shape'
);
select is(
  (select settings #> '{compliance,0}' from public.industry_templates where industry = 'healthcare'),
  '"hipaa"',
  'healthcare minds HIPAA'
);

select tests.act_as('ada');
select isnt_empty('select from public.industry_templates', 'everybody reads them');
select throws_ok(
  $$ update public.industry_templates set settings = '{}' $$, '42501', null,
  'nobody changes them'
);
select throws_ok(
  $$ delete from public.industry_templates $$, '42501', null, 'or takes one away'
);
select tests.act_as_anon();
select throws_ok(
  'select from public.industry_templates', '42501', null, 'visitors do not read them'
);

select * from finish();
rollback;
