drop table public.team_members;
drop table public.teams;
