begin;
select plan(29);

select tests.create_user('ada');
select tests.create_user('bob');
select tests.create_user('cleo');
select tests.create_user('dan');
select tests.create_user('gus');
select tests.create_user('sue');
select tests.create_user('eve');
select tests.add_member(tests.organization_of('ada'), 'bob', 'admin');
select tests.add_member(tests.organization_of('ada'), 'cleo', 'member');
select tests.add_member(tests.organization_of('ada'), 'dan', 'member');
select tests.add_member(tests.organization_of('ada'), 'gus', 'guest');
select tests.add_member(tests.organization_of('ada'), 'sue', 'admin', 'suspended');

create function tests.connect(p_user text, p_provider text, p_account text, p_visibility text)
returns text
language sql
as $$
  select public.save_oauth_connection(
    tests.user_id(p_user), tests.organization_of('ada'), id, 'ya29.' || p_account, '1//' || p_account,
    p_account_id => p_account, p_visibility => p_visibility
  ) ->> 'id'
  from public.service_providers where name = p_provider
$$;
create function tests.in_vault(p_connection_id text) returns bigint language sql security definer as $$
  select count(*) from vault.secrets where name like format('organizations/%%/connections/%s/%%', p_connection_id)
$$;

-- What comes of trying, all of it undone.
create function tests.verdict(p_user text, p_connection text) returns text language plpgsql as $$
declare
  v_may boolean;
  v_did text := 'did';
begin
  begin
    perform tests.act_as(p_user);
    v_may := public.can_manage_connection(current_setting('tests.' || p_connection)::uuid);
    begin
      perform public.disconnect_service(current_setting('tests.' || p_connection)::uuid);
    exception
      when others then v_did := sqlstate;
    end;
    perform tests.act_as_nobody();
    raise exception using errcode = 'TRBCK', message = format('%s %s', v_may, v_did);
  exception
    when sqlstate 'TRBCK' then
      perform tests.act_as_nobody();
      return sqlerrm;
  end;
end;
$$;
grant execute on all functions in schema tests to public;

select tests.act_as_service();
select set_config('tests.own', tests.connect('cleo', 'gmail', 'cleo', 'personal'), true);
select set_config('tests.shared', tests.connect('cleo', 'gmail', 'desk', 'organization'), true);
select set_config('tests.drive', tests.connect('cleo', 'google-drive', 'desk', 'personal'), true);

select tests.act_as_nobody();
select is(tests.verdict(who, which), wanted, format('%s ends %s: %s', who, which, wanted))
from (values
  ('cleo', 'own', 't did'), ('cleo', 'shared', 't did'),
  ('bob', 'own', 'f PT404'), ('bob', 'shared', 't did'),
  ('ada', 'own', 'f PT404'), ('ada', 'shared', 't did'),
  ('dan', 'own', 'f PT404'), ('dan', 'shared', 'f PT403'),
  ('gus', 'shared', 'f PT404'), ('sue', 'shared', 'f PT404'), ('eve', 'shared', 'f PT404')
) as attempts (who, which, wanted);

-- What a revocation takes, and whom else it would hit.
select tests.act_as_service();
select is(
  public.revocation_credential(current_setting('tests.own')::uuid) - 'configuration_metadata',
  jsonb_build_object(
    'connection_id', current_setting('tests.own'), 'provider', 'gmail', 'credential_type', 'oauth',
    'revocation_endpoint', 'https://oauth2.googleapis.com/revoke', 'access_token', 'ya29.cleo',
    'refresh_token', '1//cleo', 'is_account_shared', false
  ),
  'both tokens can be taken back'
);
select is(
  public.revocation_credential(current_setting('tests.shared')::uuid) -> 'is_account_shared',
  'true',
  'that the account''s consent also serves another connection is said'
);

select is(
  public.claim_token_refresh(current_setting('tests.shared')::uuid, 1) ->> 'outcome', 'claimed', 'a refresh is under way'
);
select tests.act_as('cleo');
select is(
  public.disconnect_service(current_setting('tests.shared')::uuid) ->> 'connection_status',
  'disconnected',
  'the owner ends a connection'
);
select is(tests.in_vault(current_setting('tests.shared')), 0::bigint, 'its tokens left Vault');
select is(tests.in_vault(current_setting('tests.own')), 2::bigint, 'those of another did not');
select is(
  public.disconnect_service(current_setting('tests.shared')::uuid) ->> 'connection_status',
  'disconnected',
  'ending it twice is fine'
);
select tests.act_as_service();
select is(
  public.complete_token_refresh(current_setting('tests.shared')::uuid, 1, 'ya29.new', '1//new') ->> 'outcome',
  'inactive',
  'a refresh that comes back to nothing is not taken'
);
select is(
  public.fail_token_refresh(current_setting('tests.shared')::uuid, gen_random_uuid(), 1, 'x', true) ->> 'outcome',
  'inactive',
  'nor does its failure say anything'
);
select is(tests.in_vault(current_setting('tests.shared')), 0::bigint, 'Vault stays empty of it');
select is(public.revocation_credential(current_setting('tests.shared')::uuid), null, 'there is nothing left to take back');
select is(
  public.revocation_credential(current_setting('tests.drive')::uuid) -> 'is_account_shared',
  'false',
  'an ended connection shares no consent'
);
select is(
  public.claim_token_refresh(current_setting('tests.shared')::uuid) ->> 'outcome', 'inactive', 'nor to refresh'
);

-- The same account again.
select is(
  tests.connect('cleo', 'gmail', 'desk', null), current_setting('tests.shared'), 'connecting again brings the row back'
);
select tests.act_as('cleo');
select results_eq(
  format('select connection_status, visibility, token_version from public.user_integration_credentials where id = %L',
    current_setting('tests.shared')),
  $$ values ('active', 'organization', 2) $$,
  'as it was, with tokens of their own version'
);
select is(tests.in_vault(current_setting('tests.shared')), 2::bigint, 'and tokens');
select public.disconnect_service(current_setting('tests.shared')::uuid);
select lives_ok(
  format('delete from public.user_integration_credentials where id = %L', current_setting('tests.shared')),
  'what has ended can be deleted'
);
select throws_ok(
  format('select public.disconnect_service(%L)', current_setting('tests.shared')), 'PT404', null, 'and is gone'
);

select * from finish();
rollback;
