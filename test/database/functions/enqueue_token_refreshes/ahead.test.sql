begin;
select plan(13);

select tests.create_user('ada');
select tests.create_user('sue');
select tests.add_member(tests.organization_of('ada'), 'sue', 'admin');

create function tests.connect(
  p_account text,
  p_expires_in_seconds integer,
  p_refresh_token text default '1//r',
  p_user text default 'ada',
  p_provider text default 'gmail'
)
returns void
language sql
as $$
  select public.save_oauth_connection(
    tests.user_id(p_user), tests.organization_of('ada'), id, 'ya29.a', p_refresh_token, '{}',
    p_expires_in_seconds, p_account
  )
  from public.service_providers where name = p_provider
$$;

select tests.act_as_service();
select tests.connect('soon', 300);
select tests.connect('ended', 1);
select tests.connect('later', 3600);
select tests.connect('never', null);
select tests.connect('unrefreshable', 300, null);
select tests.connect('suspended', 300, p_user => 'sue');
select tests.connect('switched off', 300, p_provider => 'linear');
select tests.connect('claimed', 300);
select tests.connect('waiting', 300);
select tests.connect('expired', 300);
select tests.connect('disconnected', 300);

select tests.act_as_nobody();
create function tests.named(p_account text) returns uuid language sql as $$
  select id from public.user_integration_credentials where account_id = p_account
$$;
create view tests.refreshes as
select account_id, payload, jobs.organization_id
from private.jobs
join public.user_integration_credentials on user_integration_credentials.id = (payload ->> 'connection_id')::uuid
where queue = 'tokens' and kind = 'refresh_token';

update public.organization_members set status = 'suspended' where user_id = tests.user_id('sue')
  and organization_id = tests.organization_of('ada');
update public.service_providers set is_active = false where name = 'linear';
insert into private.token_refreshes (connection_id, lease_token, leased_until, retry_at)
values
  (tests.named('claimed'), gen_random_uuid(), now() + interval '1 minute', null),
  (tests.named('waiting'), null, null, now() + interval '1 minute'),
  (tests.named('soon'), gen_random_uuid(), now() - interval '1 minute', now() - interval '1 minute');
update public.user_integration_credentials set connection_status = 'expired' where account_id = 'expired';
update public.user_integration_credentials
set connection_status = 'disconnected', vault_access_token_id = null, vault_refresh_token_id = null
where account_id = 'disconnected';

select is(private.enqueue_token_refreshes(), 2, 'tokens that end soon get a job');
select results_eq(
  'select account_id from tests.refreshes order by 1', array['ended', 'soon'], 'those, and no others'
);
select is(
  (select payload from tests.refreshes where account_id = 'soon'),
  jsonb_build_object('connection_id', tests.named('soon'), 'token_version', 1),
  'the job names the connection and the version, nothing secret'
);
select is(
  (select organization_id from tests.refreshes where account_id = 'soon'),
  tests.organization_of('ada'),
  'it is a job of the organization'
);
select is(private.enqueue_token_refreshes(), 0, 'once');
delete from private.jobs where queue = 'tokens';
select is(private.enqueue_token_refreshes(), 2, 'again when the job is over and the token is not');
delete from private.jobs where queue = 'tokens';

-- More than a turn takes: those that have their job leave room for the others.
insert into public.user_integration_credentials
  (organization_id, user_id, service_provider_id, credential_type, connection_name, vault_access_token_id,
    vault_refresh_token_id, token_expires_at)
select
  tests.organization_of('ada'), tests.user_id('ada'), id, 'oauth', 'Account ' || n, gen_random_uuid(),
  gen_random_uuid(), now()
from public.service_providers
cross join generate_series(1, 600) as n
where name = 'gmail';
select is(private.enqueue_token_refreshes(), 500, 'a turn takes five hundred');
select is(private.enqueue_token_refreshes(), 102, 'the next the rest');
select is(private.enqueue_token_refreshes(), 0, 'then there is peace');

select is(private.tick() -> 'errors', '[]', 'the tick goes through');
select ok(private.tick() -> 'functions' ? 'token-refresher', 'and wakes the refresher');
select ok(private.tick() ?& array['token_refreshes_enqueued', 'oauth_states_expired'], 'both parts count');

select tests.act_as('ada');
select throws_ok('select private.enqueue_token_refreshes()', '42501', null, 'people enqueue nothing');

select * from finish();
rollback;
