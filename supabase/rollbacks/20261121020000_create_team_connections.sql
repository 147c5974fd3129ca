drop function public.create_team_connection(uuid, uuid, text, uuid, text, text, text);
drop function private.require_actor(uuid);
drop table public.team_connections;
drop function private.keep_team_hierarchy();
drop type public.team_connection_type;
