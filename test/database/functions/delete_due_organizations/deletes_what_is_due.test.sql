begin;
select plan(15);

select tests.create_user('ada');
select tests.act_as('ada');
select set_config('tests.' || name, (public.create_organization(name)).id::text, true)
from unnest(array['due', 'pending', 'kept', 'large']) as names (name);
select public.delete_organization(id) from public.organizations where name in ('due', 'pending', 'large');
select tests.act_as_nobody();
update public.organizations set deletion_due_at = now() where name in ('due', 'large');

select is(
  (select function_name from private.tick_parts where name = 'organizations_deleted'),
  'delete_due_organizations', 'it is a part of the engine''s turn'
);
create function tests.is_large(p_organization_id uuid) returns boolean language sql as $$
  select p_organization_id = current_setting('tests.large')::uuid
$$;
create or replace function private.organization_exceeds(p_organization_id uuid, p_rows bigint)
returns boolean language sql stable set search_path = '' as 'select tests.is_large(p_organization_id)';
select is(private.delete_due_organizations(), 1, 'what is due is deleted');
select results_eq(
  'select name from public.organizations where not is_personal order by name',
  array['kept', 'large', 'pending'], 'and nothing else'
);
select is(private.delete_due_organizations(), 0, 'there is nothing to do twice');
select results_eq(
  $$ select payload ->> 'organization_id' from private.jobs where kind = 'delete_organization' $$,
  array[current_setting('tests.large')], 'a large one gets one job'
);
select ok(
  private.tick() -> 'functions' ? 'storage-cleaner', 'and its worker is woken'
);

select tests.act_as('ada');
select throws_ok(
  'select public.delete_large_organization(1, 1)', '42501', null, 'people do no jobs'
);
select tests.act_as_service();
create temporary table claimed as
select * from public.claim_jobs('storage', 10) where kind = 'delete_organization';
select throws_ok(
  'select public.delete_large_organization(id, lease_token + 1) from claimed', 'PT409', null,
  'nor does a worker without the lease'
);
select lives_ok(
  'select public.delete_large_organization(id, lease_token) from claimed', 'a worker does the job'
);
select tests.act_as_nobody();
select is_empty(
  $$ select from public.organizations where name = 'large' $$, 'the organization is gone'
);
select is_empty(
  $$ select from private.jobs where kind = 'delete_organization' $$, 'and so is the job'
);

-- A job of an organization that was restored, or never due, deletes nothing.
select private.enqueue_job(
  'storage', 'delete_organization', jsonb_build_object('organization_id', id)
)
from public.organizations where name = 'pending';
select tests.act_as_service();
truncate claimed;
insert into claimed select * from public.claim_jobs('storage', 10) where kind = 'delete_organization';
select lives_ok(
  'select public.delete_large_organization(id, lease_token) from claimed', 'a stale job ends'
);
select tests.act_as_nobody();
select isnt_empty(
  $$ select from public.organizations where name = 'pending' $$, 'and deletes nothing'
);

-- What cannot be deleted does not keep the rest.
update public.organizations set deletion_due_at = now() - interval '1 day' where name = 'pending';
update public.organizations set deletion_due_at = now() where name = 'kept';
create function tests.refuse() returns trigger language plpgsql as $$
begin raise exception 'Not this one'; end $$;
create trigger planted before delete on public.organizations for each row
  when (old.name = 'pending') execute function tests.refuse();
set local client_min_messages = error;
select is(private.delete_due_organizations(), 1, 'one that cannot be deleted does not keep the next');
select results_eq(
  'select name from public.organizations where not is_personal', array['pending'],
  'it is left for another turn'
);

select * from finish();
rollback;
