-- Takes back 20261121030200_create_oauth_states.sql: no consent is under way.
drop function public.consume_oauth_state(text);
drop function public.create_oauth_state(
  text, uuid, uuid, uuid, text, text[], text, uuid, text, text, jsonb, integer
);
delete from private.tick_parts where name = 'oauth_states_expired';
drop function private.expire_oauth_states();
drop function private.consume_oauth_state(text);
drop function private.create_oauth_state(
  text, uuid, uuid, uuid, text, text[], text, uuid, text, text, jsonb, integer
);
drop function private.decode_state_hash(text);
-- The rows go first, so that their trigger takes the verifiers out of Vault.
delete from private.oauth_states;
drop table private.oauth_states;
drop function private.delete_code_verifier();
