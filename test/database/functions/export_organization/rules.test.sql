-- export_organization() and cancel_transfer(): who may, one at a time, and what leaves.
begin;
select * from no_plan();

create function tests.job() returns bigint language sql stable as $$
  select (current_setting('tests.job')::json ->> 'id')::bigint
$$;
create function tests.token() returns bigint language sql stable as $$
  select (current_setting('tests.job')::json ->> 'lease_token')::bigint
$$;

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('max');
select tests.create_user('mia');
select tests.create_user('gus');
select tests.create_user('sue');
select tests.create_user('eve');
select tests.act_as('ada');
select set_config('tests.organization', (public.create_organization('Ours')).id::text, true);
select tests.act_as_nobody();
select tests.add_member(current_setting('tests.organization')::uuid, 'bob', 'admin');
select tests.add_member(current_setting('tests.organization')::uuid, 'max', 'manager');
select tests.add_member(current_setting('tests.organization')::uuid, 'mia', 'member');
select tests.add_member(current_setting('tests.organization')::uuid, 'gus', 'guest');
select tests.add_member(current_setting('tests.organization')::uuid, 'sue', 'admin', 'suspended');

create function tests.export()
returns public.organization_transfers
language sql
as $$ select public.export_organization(current_setting('tests.organization')::uuid) $$;

-- From the attacker's side.
create function tests.refused(p_actor text)
returns text
language plpgsql
as $$
begin
  perform tests.act_as(p_actor);
  return throws_ok(
    'select tests.export()', 'PT403', 'You may not export this organization',
    p_actor || ' does not export the organization'
  );
end;
$$;
select tests.refused(actor) from unnest(array['max', 'mia', 'gus', 'sue', 'eve']) as actors (actor);
select throws_ok(
  'select public.export_organization(gen_random_uuid())', 'PT403', null, 'an organization that is not there is refused alike'
);
select throws_ok('select public.export_organization(null)', 'PT403', null, 'and so is none');
select tests.act_as_anon();
select throws_ok('select tests.export()', '42501', null, 'visitors call nothing');
select tests.act_as('bob');
select throws_ok(
  $$ insert into public.organization_transfers (organization_id, kind) values (current_setting('tests.organization')::uuid, 'export') $$,
  '42501', null, 'nobody writes a transfer by hand'
);
select throws_ok(
  $$ select public.start_transfer(1, 1) $$, '42501', null, 'nobody but the service works on transfers'
);
select throws_ok(
  $$ select public.read_transfer_lines(1, 1, 'agents', 1) $$, '42501', null, 'or reads their rows'
);
select throws_ok('select * from private.transfer_chunks', '42501', null, 'by no way');

-- The normal path.
select results_eq(
  'select kind, status, organization_id, requested_by_user_id from tests.export()',
  $$ select 'export', 'pending', current_setting('tests.organization')::uuid, tests.user_id('bob') $$,
  'an admin asks for an export'
);
select set_config('tests.transfer', (select id::text from public.organization_transfers), true);
select tests.act_as('ada');
select is((tests.export()).id::text, current_setting('tests.transfer'), 'while one is under way, that one is answered');
select tests.act_as_nobody();
select results_eq(
  $$ select kind, payload, organization_id from private.jobs where queue = 'transfers' $$,
  $$ select 'export_organization', jsonb_build_object('transfer_id', current_setting('tests.transfer')), current_setting('tests.organization')::uuid $$,
  'one job does the work'
);
select results_eq(
  $$ select action, actor_id from public.audit_logs where organization_id = current_setting('tests.organization')::uuid and action = 'organization.exported' $$,
  $$ select 'organization.exported', tests.user_id('bob') $$,
  'who asked is written down'
);

-- Who sees it.
select tests.act_as('max');
select is_empty('select from public.organization_transfers', 'a manager does not see the export');
select throws_ok(
  $$ select public.cancel_transfer(current_setting('tests.transfer')::uuid) $$, 'PT404', null, 'nor cancels it'
);
select tests.act_as('sue');
select is_empty('select from public.organization_transfers', 'neither does someone suspended');
select throws_ok(
  $$ select public.cancel_transfer(current_setting('tests.transfer')::uuid) $$, 'PT404', null, 'who cancels nothing'
);
select tests.act_as('eve');
select throws_ok(
  $$ select public.cancel_transfer(current_setting('tests.transfer')::uuid) $$, 'PT404', null, 'a stranger cancels nothing'
);

-- A lease is believed by its token alone.
select tests.act_as_service();
select set_config('tests.job', (select to_json(claimed)::text from public.claim_jobs('transfers', 1, 60, 'test') as claimed), true);
select throws_ok(
  'select public.start_transfer(tests.job(), tests.token() + 1)', 'PT409', null, 'a forged token begins nothing'
);
select throws_ok(
  $$ select public.read_transfer_lines(tests.job(), tests.token() + 1, 'agents', 1) $$, 'PT409', null, 'and reads nothing'
);
select throws_ok(
  $$ select public.complete_export(tests.job(), 0, 'x.zip', 1, 'x') $$, 'PT409', null, 'and completes nothing'
);
select is(
  public.start_transfer(tests.job(), tests.token()) ->> 'kind', 'export_organization', 'the lease begins it'
);
select isnt(public.snapshot_transfer(tests.job(), tests.token()), null, 'takes the snapshot');
select is(
  (public.read_transfer_lines(tests.job(), tests.token(), 'organizations', 1))::jsonb ->> 'name', 'Ours', 'and reads it'
);
select tests.act_as_nobody();
update public.organizations set name = 'Renamed' where id = current_setting('tests.organization')::uuid;
select tests.act_as_service();
select isnt(public.snapshot_transfer(tests.job(), tests.token()), null, 'a second attempt takes none');
select is(
  (public.read_transfer_lines(tests.job(), tests.token(), 'organizations', 1))::jsonb ->> 'name', 'Ours', 'but goes on with the first'
);
select is(
  public.read_transfer_values(tests.job(), tests.token(), 'organizations', 1) -> 0 ->> 1, 'Ours', 'as texts, too'
);
select is(
  public.read_transfer_lines(tests.job(), tests.token(), 'organizations', 2), null, 'there is no more than there is'
);
select lives_ok(
  $$ select public.report_transfer_progress(tests.job(), tests.token(), 250, 'agents') $$, 'progress is reported'
);
select tests.act_as('ada');
select results_eq(
  'select status, progress_percent, current_table from public.organization_transfers',
  $$ values ('running', 100, 'agents') $$, 'its people follow it'
);

-- Cancelled under way.
select is((public.cancel_transfer(current_setting('tests.transfer')::uuid)).status, 'cancelled', 'it is cancelled');
select throws_ok(
  $$ select public.cancel_transfer(current_setting('tests.transfer')::uuid) $$, 'PT409', null, 'once'
);
select tests.act_as_nobody();
select is((select count(*) from private.transfer_chunks), 0::bigint, 'its rows are forgotten');
select tests.act_as_service();
select throws_ok(
  $$ select public.report_transfer_progress(tests.job(), tests.token(), 50, 'agents') $$, 'PT409', null, 'its worker is told'
);
select is(
  public.complete_export(tests.job(), tests.token(), 'x.zip', 1, 'x'), false, 'also at the end'
);

-- The limit of jobs holds here, too.
select tests.act_as_nobody();
update public.organization_quotas set jobs_in_flight_limit = 0
where organization_id = current_setting('tests.organization')::uuid;
select tests.act_as('bob');
select throws_ok('select tests.export()', 'PT429', null, 'an export needs room among the jobs');
select tests.act_as_nobody();
update public.organization_quotas set jobs_in_flight_limit = null
where organization_id = current_setting('tests.organization')::uuid;

-- Who loses the permission while the job waits.
select tests.act_as('bob');
select isnt((tests.export()).id::text, current_setting('tests.transfer'), 'another export may follow');
select tests.act_as_nobody();
update public.organization_members set status = 'suspended' where user_id = tests.user_id('bob')
  and organization_id = current_setting('tests.organization')::uuid;
select tests.act_as_service();
select set_config('tests.job', (select to_json(claimed)::text from public.claim_jobs('transfers', 1, 60, 'test') as claimed), true);
select is(public.start_transfer(tests.job(), tests.token()), null, 'is not served any more');
select tests.act_as('ada');
select results_eq(
  $$ select status, error_message from public.organization_transfers where requested_by_user_id = tests.user_id('bob') and status <> 'cancelled' $$,
  $$ values ('failed', 'Whoever asked for the export may not export the organization any more.') $$,
  'and is told why'
);

select * from finish();
rollback;
