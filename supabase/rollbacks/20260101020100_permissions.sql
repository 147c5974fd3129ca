drop table public.permissions;
