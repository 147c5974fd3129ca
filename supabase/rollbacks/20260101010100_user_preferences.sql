drop table public.user_preferences;
drop function private.check_timezone();
