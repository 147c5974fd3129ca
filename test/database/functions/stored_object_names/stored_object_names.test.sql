begin;
select plan(13);

select tests.create_user('ada');
insert into storage.buckets (id, name) values ('papers', 'papers'), ('pictures', 'pictures');
insert into storage.objects (bucket_id, name) values
  ('papers', 'one/a.txt'), ('papers', 'one/deep/er/b.txt'), ('papers', 'onesie/c.txt'),
  ('papers', 'o%e/d.txt'), ('pictures', 'one/e.png');

select tests.act_as_service();
select bag_eq(
  $$ select unnest(public.stored_object_names('papers', 'one/')) $$,
  array['one/a.txt', 'one/deep/er/b.txt'],
  'lists what lies below a folder of a bucket, at any depth'
);
select bag_eq(
  $$ select unnest(public.stored_object_names('papers', 'o%e/')) $$,
  array['o%e/d.txt'],
  'a folder''s name is no pattern'
);
select is(
  cardinality(public.stored_object_names('papers', 'one/', 1)), 1, 'no more than asked for'
);
select is(public.stored_object_names('papers', 'two/'), '{}', 'an empty folder has none');
select throws_ok(
  format('select public.stored_object_names(%L, %L)', 'papers', prefix), 'PT400', null,
  format('"%s" is no folder', prefix)
)
from unnest(array['', '/', 'one', '/one/']) as prefixes (prefix);

select tests.act_as('ada');
select throws_ok(
  $$ select public.stored_object_names('papers', 'one/') $$, '42501', null,
  'people list nothing this way'
);
select tests.act_as_anon();
select throws_ok(
  $$ select public.stored_object_names('papers', 'one/') $$, '42501', null, 'nor do visitors'
);

select tests.act_as_nobody();
select is(private.remove_stored_folder('one'), (select count(*)::integer from storage.buckets),
  'emptying a folder is a job for each bucket');
select is(private.remove_stored_folder('one', 'papers'), 0, 'that is not enqueued twice');
select throws_ok(
  $$ select private.remove_stored_folder('') $$, 'PT400', null, 'nobody empties a whole bucket'
);

select * from finish();
rollback;
