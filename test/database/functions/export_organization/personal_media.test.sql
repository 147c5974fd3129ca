-- A personal medium is its owner's alone, also in an archive of the organization.
begin;
select plan(3);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.act_as('ada');
select set_config('tests.acme', (public.create_organization('Acme')).id::text, true);
select tests.add_member(current_setting('tests.acme')::uuid, 'bob', 'member');
select tests.act_as('bob');
insert into public.agents (organization_id, name, visibility)
values (current_setting('tests.acme')::uuid, 'Iris', 'organization');
insert into public.media_library
  (organization_id, file_name, file_type, file_size, display_name, visibility)
select
  current_setting('tests.acme')::uuid, medium.name || '.pdf', 'application/pdf', 10, medium.name,
  medium.visibility
from (values ('Handbook', 'organization'), ('Diary', 'personal')) as medium (name, visibility);
select tests.act_as_nobody();
insert into public.agent_media_assignments (agent_id, media_id, assigned_by_user_id)
select agents.id, media_library.id, tests.user_id('bob')
from public.agents
cross join public.media_library
where media_library.organization_id = current_setting('tests.acme')::uuid
  and agents.organization_id = media_library.organization_id;

-- What an archive would hold for somebody.
create function tests.archived(p_name text, p_table text)
returns bigint
language plpgsql
as $$
declare
  v_id uuid;
begin
  insert into public.organization_transfers (organization_id, kind, requested_by_user_id)
  values (current_setting('tests.acme')::uuid, 'export', tests.user_id(p_name))
  returning id into v_id;
  perform private.snapshot_organization(
    v_id, current_setting('tests.acme')::uuid, tests.user_id(p_name)
  );
  update public.organization_transfers set status = 'cancelled', completed_at = now()
  where id = v_id;
  return (
    select coalesce(sum(row_count), 0) from private.transfer_chunks
    where transfer_id = v_id and table_name = p_table
  );
end;
$$;

select is(tests.archived('ada', 'media_library'), 1::bigint, 'another''s personal medium stays');
select is(
  tests.archived('ada', 'agent_media_assignments'), 1::bigint, 'and so does that an agent has it'
);
select is(tests.archived('bob', 'media_library'), 2::bigint, 'one''s own leaves');

select * from finish();
rollback;
