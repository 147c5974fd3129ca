-- Taking back takes either side: whoever manages the agent, or whose connection it is.
begin;
select * from no_plan();

select tests.create_user(name) from unnest(array['ada', 'max', 'bob', 'cleo', 'gus', 'eve']) as name;
select tests.add_member(tests.organization_of('ada'), 'max', 'manager');
select tests.add_member(tests.organization_of('ada'), 'bob', 'member');
select tests.add_member(tests.organization_of('ada'), 'cleo', 'member');
select tests.add_member(tests.organization_of('ada'), 'gus', 'guest');

select tests.act_as_service();
select set_config('tests.connection', (
  public.save_oauth_connection(
    tests.user_id('bob'), tests.organization_of('ada'), service_providers.id, 'ya29.token-of-bob',
    'refresh', '{}', 3600, 'account', 'bob@example.test'
  ) ->> 'id'
), true)
from public.service_providers
where service_providers.name = 'gmail';
select tests.act_as_nobody();

create table tests.agents (name text primary key, id uuid default gen_random_uuid());
insert into tests.agents (name) values ('bob'), ('cleo');
grant select on tests.agents to public;
insert into public.agents (id, organization_id, user_id, name, visibility)
select id, tests.organization_of('ada'), tests.user_id(name), name, 'private' from tests.agents;

create function tests.lend(p_owner text) returns uuid language plpgsql as $$
declare
  v_id uuid;
begin
  perform tests.act_as_service();
  select id into v_id from public.grant_agent_integration_permission(
    (select agents.id from tests.agents where agents.name = p_owner),
    current_setting('tests.connection')::uuid, '{}', 'full'
  );
  perform tests.act_as_nobody();
  return v_id;
end;
$$;
create function tests.revoke_as(p_actor text, p_permission uuid) returns text language plpgsql as $$
declare
  v_answer text;
begin
  perform tests.act_as(p_actor);
  begin
    select case when is_active then 'still there' else 'revoked' end into v_answer
    from public.revoke_agent_integration_permission(p_permission);
  exception when others then
    v_answer := sqlstate;
  end;
  perform tests.act_as_nobody();
  return v_answer;
end;
$$;

select is(
  tests.revoke_as(actor.name, tests.lend('cleo')), actor.answer, actor.why
)
from (values
  ('eve', 'PT404', 'a stranger does not learn that there is a permission'),
  ('gus', 'PT404', 'nor does a guest, who sees no integrations'),
  ('bob', 'revoked', 'the owner of the connection takes it back from an agent they do not see'),
  ('cleo', 'revoked', 'the owner of the agent does'),
  ('max', 'revoked', 'and whoever manages integrations'),
  ('ada', 'revoked', 'and the owner of the organization')
) as actor (name, answer, why);
select is(
  tests.revoke_as('cleo', tests.lend('bob')), 'PT403', 'a member with neither side cannot'
);

select set_config('tests.permission', tests.lend('bob')::text, true);
select is(
  tests.revoke_as('bob', current_setting('tests.permission')::uuid), 'revoked', 'taking back'
);
select is(
  tests.revoke_as('bob', current_setting('tests.permission')::uuid), 'revoked', 'twice is once'
);
select is(tests.revoke_as('bob', gen_random_uuid()), 'PT404', 'an unknown id is told');
select is(tests.revoke_as('bob', null), 'PT404', 'and so is none');

-- Also once they may no longer connect, and while they are suspended.
update public.organization_members
set custom_permissions = '{"deny": ["integrations.connect", "integrations.read", "agents.create"]}'
where user_id = tests.user_id('bob') and organization_id = tests.organization_of('ada');
select is(
  tests.revoke_as('bob', tests.lend('cleo')), 'revoked',
  'whose account it is can always take it back'
);
select tests.act_as_anon();
select throws_ok(
  format('select public.revoke_agent_integration_permission(%L)', gen_random_uuid()),
  '42501', null, 'a visitor cannot call it'
);
select tests.act_as_nobody();
select isnt_empty(
  $$ select from public.audit_logs
    where action = 'agent_integration_permission.updated'
      and actor_id = tests.user_id('max')
      and new_values ->> 'is_active' = 'false' $$,
  'who took it back is written down'
);

select * from finish();
rollback;
