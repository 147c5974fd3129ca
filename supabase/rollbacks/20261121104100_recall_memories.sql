delete from private.tick_parts where name = 'memories_expired';
drop function public.forget_me(uuid);
drop function public.recall_memories(uuid, text, uuid, uuid, boolean, integer);
drop function public.remember_fact(uuid, text, text, uuid, uuid, uuid, numeric, timestamptz);
drop function private.expire_memories();
drop function private.forget_me(uuid);
drop function private.recall_memories(uuid, text, uuid, uuid, boolean, integer);
drop function private.remember_fact(uuid, text, text, uuid, uuid, uuid, numeric, timestamptz);
