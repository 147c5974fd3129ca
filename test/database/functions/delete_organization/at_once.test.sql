begin;
select plan(13);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme & Sons')).id::text, true);
select set_config('tests.bank', (public.create_organization('Bank')).id::text, true);
select tests.add_member(current_setting('tests.acme')::uuid, 'bob', 'owner');

select throws_ok(
  format('select public.delete_organization(%L, %L)', current_setting('tests.acme'), name),
  'PT400', 'That is not the name of the organization', format('"%s" is not the name', name)
)
from unnest(array['', 'acme & sons', 'Acme & Sons ', 'Bank', '%']) as names (name);
select isnt_empty(
  $$ select from public.organizations where name = 'Acme & Sons' and deletion_due_at is null $$,
  'and nothing has begun'
);
select is(
  public.delete_organization(current_setting('tests.acme')::uuid, 'Acme & Sons'),
  '{"status": "deleted", "deletion_due_at": null}',
  'with the name typed it goes at once'
);
select tests.act_as_nobody();
select is_empty(
  $$ select from public.organizations where id = current_setting('tests.acme')::uuid $$,
  'it is gone'
);
select tests.act_as('bob');
select throws_ok(
  $$ select public.restore_organization(current_setting('tests.acme')::uuid) $$, 'PT404', null,
  'for the other owner too'
);

select tests.act_as('ada');
select public.delete_organization(current_setting('tests.bank')::uuid);
select is(
  public.delete_organization(current_setting('tests.bank')::uuid, 'Bank') ->> 'status', 'deleted',
  'one that waits to be deleted can go at once, too'
);

-- A large one. What counts as large is the function's to say; here everything is.
select set_config('tests.mall', (public.create_organization('Mall')).id::text, true);
select tests.act_as_nobody();
create or replace function private.organization_exceeds(p_organization_id uuid, p_rows bigint)
returns boolean language sql stable set search_path = '' as 'select true';
select tests.act_as('ada');
select is(
  public.delete_organization(current_setting('tests.mall')::uuid, 'Mall') ->> 'status', 'deleting',
  'a large one is deleted by the engine'
);
select is_empty(
  $$ select public.my_permissions(current_setting('tests.mall')::uuid) $$,
  'from then on nobody holds anything in it, its owner included'
);
select tests.act_as_nobody();
select results_eq(
  $$ select kind, payload, organization_id from private.jobs
    where queue = 'storage' and kind = 'delete_organization' $$,
  $$ select 'delete_organization',
      jsonb_build_object('organization_id', current_setting('tests.mall')), null::uuid $$,
  'by a job that does not go with it'
);

select * from finish();
rollback;
