-- Takes back 20261121030300_refresh_connection_tokens.sql: nobody refreshes tokens.
drop function public.fail_token_refresh(uuid, uuid, integer, text, boolean, integer);
drop function public.complete_token_refresh(uuid, integer, text, text, integer, text[]);
drop function public.claim_token_refresh(uuid, integer, boolean, integer);
delete from private.queue_workers where queue = 'tokens';
delete from private.tick_parts where name = 'token_refreshes_enqueued';
drop function private.enqueue_token_refreshes();
drop function private.fail_token_refresh(uuid, uuid, integer, text, boolean, integer);
drop function private.complete_token_refresh(uuid, integer, text, text, integer, text[]);
drop function private.claim_token_refresh(uuid, integer, boolean, integer);
drop function private.expire_connection(uuid, text, text);
