-- Storage: what is in the folders of an organization, over all buckets.
begin;
select plan(15);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('eve');
select tests.add_member(tests.organization_of('ada'), 'bob', 'member');

insert into storage.buckets (id, name) values ('quota-one', 'quota-one'), ('quota-two', 'quota-two');
create function tests.put(p_bucket text, p_name text, p_bytes bigint) returns void
language sql as $$
  insert into storage.objects (bucket_id, name, metadata)
  values (p_bucket, p_name, jsonb_build_object('size', p_bytes))
$$;
select tests.put('quota-one', tests.organization_of('ada') || '/a.txt', 600);
select tests.put('quota-two', tests.organization_of('ada') || '/deep/b.txt', 300);
select tests.put('quota-one', tests.organization_of('eve') || '/c.txt', 5000);
select tests.put('quota-one', 'users/' || tests.user_id('ada') || '/d.txt', 5000);

select is(
  private.organization_storage_bytes(tests.organization_of('ada')), 900::bigint,
  'all buckets count, other organizations and people do not'
);
select is(
  private.organization_storage_bytes(gen_random_uuid()), 0::bigint, 'nothing is nothing'
);

select tests.act_as_service();
select lives_ok(
  $$ select public.require_storage_room(tests.organization_of('ada'), 1000000000) $$,
  'without a limit there is room'
);
select tests.act_as_nobody();
update public.organization_quotas set storage_bytes_limit = 1000
where organization_id = tests.organization_of('ada');
select tests.act_as_service();
select lives_ok(
  $$ select public.require_storage_room(tests.organization_of('ada'), 100) $$,
  'up to the limit there is room'
);
select throws_ok(
  $$ select public.require_storage_room(tests.organization_of('ada'), 101) $$,
  'PT429', 'The limit of bytes in Storage is 1000: 900 are used, and this would add 101',
  'beyond it there is not'
);
select lives_ok(
  $$ select public.require_storage_room(tests.organization_of('ada'), -5000) $$,
  'a negative size makes no room'
);

-- A bucket into whose folders members may upload, as a later migration may add one.
select tests.act_as_nobody();
create policy insert_quota_test on storage.objects for insert to authenticated
  with check (bucket_id = 'quota-one');
create policy select_quota_test on storage.objects for select to authenticated
  using (bucket_id = 'quota-one');
create policy update_quota_test on storage.objects for update to authenticated
  using (bucket_id = 'quota-one') with check (bucket_id = 'quota-one');

select tests.act_as('bob');
select lives_ok(
  $$ select tests.put('quota-one', tests.organization_of('ada') || '/e.txt', 100) $$,
  'a member uploads while there is room'
);
select throws_ok(
  $$ select tests.put('quota-one', tests.organization_of('ada') || '/f.txt', 1) $$,
  '42501', null, 'and not into a full folder'
);
select throws_ok(
  $$ update storage.objects set name = tests.organization_of('ada') || '/moved.txt'
     where name = tests.organization_of('ada') || '/e.txt' $$,
  '42501', null, 'nor by writing an object over'
);
select lives_ok(
  $$ select tests.put('quota-one', tests.organization_of('bob') || '/g.txt', 1) $$,
  'another folder of theirs is not full'
);
select tests.act_as('eve');
select is(private.full_storage_folders(), '{}', 'a stranger is told nothing of what is full');
select throws_ok(
  $$ select public.require_storage_room(tests.organization_of('ada'), 1) $$, '42501', null,
  'nor may they ask'
);
select throws_ok(
  $$ select private.organization_storage_bytes(tests.organization_of('ada')) $$, '42501', null,
  'or count'
);
select tests.act_as_anon();
select throws_ok(
  'select public.require_storage_room(gen_random_uuid(), 1)', '42501', null, 'a visitor neither'
);
select throws_ok('select private.full_storage_folders()', '42501', null, 'in no way');

select * from finish();
rollback;
