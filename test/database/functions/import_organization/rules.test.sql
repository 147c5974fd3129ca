-- import_organization(): of whom, from where, one at a time.
begin;
select * from no_plan();

select tests.create_user('ada');
select tests.create_user('eve');
insert into storage.objects (bucket_id, name)
select bucket, format('users/%s/a.zip', tests.user_id(name))
from (values ('imports', 'ada'), ('imports', 'eve'), ('exports', 'ada')) as objects (bucket, name);
insert into storage.objects (bucket_id, name) values ('imports', 'shared/a.zip');

create function tests.path(p_name text) returns text language sql stable as $$
  select format('users/%s/a.zip', tests.user_id(p_name))
$$;

select tests.act_as_anon();
select throws_ok(format('select public.import_organization(%L)', tests.path('ada')), '42501', null, 'visitors import nothing');
select tests.act_as_service();
select throws_ok(format('select public.import_organization(%L)', tests.path('ada')), '42501', null, 'nor does the service: nobody would own it');

select tests.act_as('eve');
select throws_ok(
  format('select public.import_organization(%L)', path), 'PT400', 'An archive is imported from your own folder',
  'refused: ' || coalesce(path, 'null')
)
from (
  values
    (tests.path('ada')),
    ('shared/a.zip'),
    (format('users/%s/../%s/a.zip', tests.user_id('eve'), tests.user_id('ada'))),
    (format('users/%s//a.zip', tests.user_id('eve'))),
    (format('users/%s/', tests.user_id('eve'))),
    (format('users/%s/./a.zip', tests.user_id('eve'))),
    (format('/users/%s/a.zip', tests.user_id('eve'))),
    (format('users/%s', tests.user_id('eve'))),
    (null)
) as paths (path);
select throws_ok(
  format('select public.import_organization(%L)', format('users/%s/b.zip', tests.user_id('eve'))), 'PT404', null,
  'an archive that is not there'
);
select throws_ok(
  format('select public.import_organization(%L, %L)', tests.path('eve'), '  '), 'PT400', null, 'a name of nothing'
);
select throws_ok(
  format('select public.import_organization(%L, null, %L)', tests.path('eve'), 'No Slug'), 'PT400', null, 'a slug that is none'
);
select throws_ok(
  format('select public.import_organization(%L, null, %L)', tests.path('eve'), slug), 'PT409', null, 'a slug that is taken'
)
from public.organizations limit 1;

select tests.act_as('ada');
select results_eq(
  format('select kind, status, organization_id, requested_by_user_id, name from public.import_organization(%L, %L)', tests.path('ada'), ' New '),
  $$ select 'import', 'pending', null::uuid, tests.user_id('ada'), 'New' $$,
  'an import waits for its worker'
);
select throws_ok(
  format('select public.import_organization(%L)', tests.path('ada')), 'PT409', 'An import of yours is under way', 'one at a time'
);
select isnt_empty('select from public.organization_transfers', 'who asked sees it');

select tests.act_as('eve');
select is_empty('select from public.organization_transfers', 'nobody else does');
select tests.act_as_nobody();
select set_config('tests.transfer', (select id::text from public.organization_transfers), true);
select tests.act_as('eve');
select throws_ok(
  $$ select public.cancel_transfer(current_setting('tests.transfer')::uuid) $$, 'PT404', null, 'or cancels it'
);
select throws_ok(format('select public.%s', call), '42501', null, 'people do not call ' || call)
from (
  values
    ($$stage_import(1, 1, '{}')$$), ($$stage_import_lines(1, 1, 'agents', '{}')$$), ('load_import(1, 1)'),
    ($$fail_transfer(1, 1, '')$$), ('snapshot_transfer(1, 1)'), ($$read_transfer_values(1, 1, 'a', 1)$$),
    ($$report_transfer_progress(1, 1, 1)$$), ($$complete_export(1, 1, 'a', 1, 'b')$$)
) as calls (call);

select tests.act_as('ada');
select is((public.cancel_transfer(current_setting('tests.transfer')::uuid)).status, 'cancelled', 'who asked does');
select isnt(
  (public.import_organization(tests.path('ada'))).id::text, current_setting('tests.transfer'), 'and may ask again'
);

-- Its person goes, and with them the import.
select tests.act_as_nobody();
insert into private.transfer_tables (transfer_id, table_name, place, columns, row_count, chunk_count)
select id, 'agents', 1, '[]', 0, 0 from public.organization_transfers where status = 'pending';
delete from auth.users where id = tests.user_id('ada');
select is_empty('select from public.organization_transfers', 'an import of nobody is forgotten');
select is_empty('select from private.transfer_tables', 'with all that was on its way');

select * from finish();
rollback;
