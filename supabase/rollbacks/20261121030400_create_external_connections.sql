-- Takes back 20261121030400_create_external_connections.sql: workspaces use no connections.
drop table public.external_connections;
drop function private.require_own_connection();
