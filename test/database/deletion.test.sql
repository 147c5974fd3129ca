-- Deleting an organization, a user or an agent works while they are in full use, and nothing remains:
-- this looks into every row of every table of every schema, the platform's included, for the id in
-- any column, whatever its type, and into the catalogue for tables named after it.
begin;
select plan(25);

-- Where a text occurs: tables with the number of rows, and relations that carry it in their name.
-- A row is read whole, as text, so no column is forgotten; also ids without hyphens are found.
create function tests.traces(p_needle text)
returns setof text
language plpgsql
as $$
declare
  v_table record;
  v_count bigint;
begin
  for v_table in
    select pg_class.oid::regclass as name
    from pg_catalog.pg_class
    where pg_class.relkind in ('r', 'm')
      and pg_class.relpersistence <> 't'
      and pg_class.relnamespace::regnamespace::text !~ '^(pg_|information_schema$)'
    order by 1
  loop
    execute format(
      'select count(*) from %s as t where strpos(t::text, $1) > 0 or strpos(t::text, $2) > 0',
      v_table.name
    )
    into v_count
    using p_needle, replace(p_needle, '-', '');
    if v_count > 0 then
      return next format('%s (%s)', v_table.name, v_count);
    end if;
  end loop;

  return query
    select pg_class.oid::regclass::text
    from pg_catalog.pg_class
    where strpos(pg_class.relname, replace(p_needle, '-', '')) > 0;
end;
$$;

-- A table that an agent brought along, with a row in it.
create function tests.give_table(p_agent_id uuid, p_organization_id uuid)
returns void
language plpgsql
as $$
declare
  v_name constant text := format('agent_%s_notes', replace(p_agent_id::text, '-', ''));
begin
  execute format(
    'create table agent_data.%I (id uuid primary key default gen_random_uuid(), '
    'organization_id uuid not null references public.organizations (id) on delete cascade, '
    'agent_id uuid not null references public.agents (id) on delete cascade)',
    v_name
  );
  execute format(
    'insert into agent_data.%I (organization_id, agent_id) values (%L, %L)',
    v_name, p_organization_id, p_agent_id
  );
end;
$$;

select tests.create_user('alice');
select tests.create_user('bob');
select tests.create_user('carol');

insert into storage.buckets (id, name) values ('papers', 'papers'), ('pictures', 'pictures');

select tests.act_as('alice');
select set_config('tests.first', (public.create_organization('First')).id::text, true);
select set_config('tests.second', (public.create_organization('Second')).id::text, true);
select tests.act_as_nobody();
select tests.add_member(current_setting('tests.second')::uuid, 'bob', 'admin');
select tests.add_member(current_setting('tests.second')::uuid, 'carol', 'member');

select tests.create_fixtures(organizations.id, 'alice'),
  tests.create_private_fixtures(organizations.id)
from public.organizations
where organizations.created_by_user_id = tests.user_id('alice');
select tests.give_table(agents.id, agents.organization_id) from public.agents;

select set_config('tests.alice', tests.user_id('alice')::text, true);
select set_config('tests.personal', tests.organization_of('alice')::text, true);
select set_config('tests.agent', (
  select id::text from public.agents where organization_id = current_setting('tests.second')::uuid
), true);
-- Two that asked her in: one she accepted, one she declined; and one of somebody who shares nothing.
update auth.users set email_confirmed_at = now() where id = current_setting('tests.alice')::uuid;
insert into public.organization_invitations
  (organization_id, email, role_id, status, accepted_by_user_id, responded_at)
select
  current_setting('tests.second')::uuid, invitation.email, roles.id, invitation.status,
  invitation.user_id, now()
from public.roles
cross join (
  values
    ('alice@before.test', 'accepted', current_setting('tests.alice')::uuid),
    ('alice@example.test', 'declined', null),
    ('mallory@example.test', 'declined', null)
) as invitation (email, status, user_id)
where roles.organization_id is null and roles.name = 'guest';
insert into auth.users (id, email) values (gen_random_uuid(), 'mallory@example.test');
insert into auth.audit_log_entries (id, payload)
select gen_random_uuid(), jsonb_build_object('actor_id', id, 'actor_username', email)::json
from auth.users;
insert into storage.objects (bucket_id, name, owner, owner_id, metadata)
values
  (
    'papers', current_setting('tests.second') || '/report.pdf',
    current_setting('tests.alice')::uuid, current_setting('tests.alice'), '{"size": 3}'
  );

select cmp_ok(
  (select count(*) from tests.traces(current_setting('tests.first'))),
  '>',
  25::bigint,
  'an organization in use leaves traces all over'
);
select isnt_empty(
  format('select v from tests.traces(%L) as v where v like %L', current_setting('tests.first'), kind),
  'also in ' || kind
)
from unnest(array['vault.%', 'agent_data.%', 'private.jobs %', 'private.audit_logs_%']) as kind;

-- An agent.
select lives_ok(
  $$ delete from public.agents where id = current_setting('tests.agent')::uuid $$,
  'an agent in use can be deleted'
);
select lives_ok('set constraints all immediate', 'and nothing speaks up at commit');
select is(
  to_regclass(format(
    'agent_data.agent_%s_notes', replace(current_setting('tests.agent'), '-', '')
  )),
  null,
  'the tables that it brought are gone'
);
select is_empty(
  $$
    select v from tests.traces(current_setting('tests.agent')) as v
    where v not like 'private.audit_%'
  $$,
  'nothing of it is left but what the audit trail says'
);
set constraints all deferred;

-- An organization.
select lives_ok(
  $$ delete from public.organizations where id = current_setting('tests.first')::uuid $$,
  'an organization in use can be deleted'
);
select lives_ok('set constraints all immediate', 'and nothing speaks up at commit');
select results_eq(
  $$ select tests.traces(current_setting('tests.first')) $$,
  $$ select format('private.jobs (%s)', count(*)) from storage.buckets $$,
  'nothing of it is left but the order to empty its folders'
);
select results_eq(
  $$ select kind, payload ->> 'bucket', payload ->> 'prefix' from private.jobs
    where queue = 'storage' order by 2 $$,
  $$ select 'remove_objects', id, current_setting('tests.first') || '/'
    from storage.buckets order by id $$,
  'one in each bucket'
);
delete from private.jobs where queue = 'storage';
select is_empty(
  $$ select tests.traces(current_setting('tests.first')) $$,
  'and when that is done, nothing at all'
);
set constraints all deferred;

-- A user.
select lives_ok(
  $$ delete from auth.users where id = current_setting('tests.alice')::uuid $$,
  'a user who owns organizations, agents and tasks can be deleted'
);
select lives_ok('set constraints all immediate', 'and nothing speaks up at commit');
select set_eq(
  $$ select distinct payload ->> 'prefix' from private.jobs where queue = 'storage' $$,
  array[
    format('users/%s/', current_setting('tests.alice')),
    current_setting('tests.personal') || '/'
  ],
  'the folders of the user and of the personal organization are to be emptied'
);
delete from private.jobs where queue = 'storage';
select is_empty(
  $$ select tests.traces(current_setting('tests.personal')) $$,
  'nothing of the personal organization is left'
);
select is_empty(
  $$
    select v from tests.traces(current_setting('tests.alice')) as v
    where v not like 'private.audit_%'
  $$,
  'nothing of the user is left but what the audit trail of another organization says'
);
select is_empty(
  $$ select from public.audit_logs where organization_id not in (select id from public.organizations) $$,
  'and no trail is left of an organization that is gone'
);
select is_empty(
  $$
    select v from tests.traces('alice@example.test') as v
    where v not like 'private.audit_%'
  $$,
  'nor is the address'
);
select is_empty(
  $$
    select v from tests.traces('alice@before.test') as v
    where v not like 'private.audit_%'
  $$,
  'nor is the one under which somebody invited her'
);
delete from auth.users where email = 'mallory@example.test';
select isnt_empty(
  $$ select from public.organization_invitations where email = 'mallory@example.test' $$,
  'who never confirmed an address takes along nothing that was sent to it'
);
select isnt_empty(
  $$ select from public.organizations where id = current_setting('tests.second')::uuid $$,
  'an organization with other members lives on'
);
select results_eq(
  $$ select name, owner, owner_id from storage.objects $$,
  $$ values (current_setting('tests.second') || '/report.pdf', null::uuid, null::text) $$,
  'with its objects, which forgot who uploaded them'
);

select * from finish();
rollback;
