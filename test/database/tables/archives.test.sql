-- Archives in Storage: who reaches which object of the buckets exports and imports.
begin;
select * from no_plan();

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('max');
select tests.create_user('sue');
select tests.create_user('eve');
select tests.add_member(tests.organization_of('ada'), 'bob', 'admin');
select tests.add_member(tests.organization_of('ada'), 'max', 'manager');
select tests.add_member(tests.organization_of('ada'), 'sue', 'admin', 'suspended');
insert into storage.objects (bucket_id, name)
values
  ('exports', format('%s/a.zip', tests.organization_of('ada'))),
  ('exports', format('users/%s/a.zip', tests.user_id('ada'))),
  ('exports', 'loose.zip'),
  ('exports', 'users/loose.zip'),
  ('imports', format('users/%s/a.zip', tests.user_id('ada'))),
  ('imports', format('%s/a.zip', tests.organization_of('ada')));

create function tests.seen() returns text[] language sql as $$
  select coalesce(array_agg(bucket_id || '/' || name order by 1), '{}') from storage.objects
  where bucket_id in ('exports', 'imports')
$$;
create function tests.in_folder(p_bucket text, p_folder text) returns text language sql as $$
  select format('insert into storage.objects (bucket_id, name) values (%L, %L)', p_bucket, p_folder || '/new.zip')
$$;

select is(
  (select count(*) from storage.buckets where id in ('exports', 'imports') and not public), 2::bigint, 'the buckets are private'
);
select is((select file_size_limit from storage.buckets where id = 'imports'), 52428800::bigint, 'what is imported has a limit');

select tests.act_as('ada');
select is(cardinality(tests.seen()), 3, 'an owner reaches the organization''s exports, their own, and what they uploaded');
select tests.act_as('bob');
select is(tests.seen(), array[format('exports/%s/a.zip', tests.organization_of('ada'))], 'an admin the organization''s');
select tests.act_as('max');
select is(tests.seen(), '{}'::text[], 'a manager none');
select tests.act_as('sue');
select is(tests.seen(), '{}'::text[], 'someone suspended none');
select tests.act_as('eve');
select is(tests.seen(), '{}'::text[], 'a stranger none');
select tests.act_as_anon();
select is(tests.seen(), '{}'::text[], 'a visitor none');

select tests.act_as('eve');
select lives_ok(tests.in_folder('imports', 'users/' || tests.user_id('eve')), 'one uploads into one''s own folder');
select throws_ok(tests.in_folder(bucket, folder), '42501', null, format('nowhere else: %s/%s', bucket, folder))
from (
  values
    ('imports', 'users/' || tests.user_id('ada')),
    ('imports', 'users'),
    ('imports', tests.organization_of('ada')::text),
    ('imports', tests.organization_of('eve')::text),
    ('exports', 'users/' || tests.user_id('eve')),
    ('exports', tests.organization_of('eve')::text)
) as places (bucket, folder);
select is_empty(
  $$ update storage.objects set name = 'moved.zip' where bucket_id in ('exports', 'imports') returning name $$, 'nobody changes an archive'
);
select results_eq(
  $$ delete from storage.objects where bucket_id in ('exports', 'imports') returning name $$,
  $$ select format('users/%s/new.zip', tests.user_id('eve')) $$,
  'one removes one''s own uploads, and those alone'
);
select tests.act_as('ada');
select is_empty(
  $$ delete from storage.objects where bucket_id = 'exports' returning name $$, 'an owner removes no export past the engine'
);
select tests.act_as_anon();
select throws_ok(tests.in_folder('imports', 'users'), '42501', null, 'visitors upload nothing');

select * from finish();
rollback;
