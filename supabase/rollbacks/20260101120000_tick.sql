drop function public.tick();
drop function private.tick();
