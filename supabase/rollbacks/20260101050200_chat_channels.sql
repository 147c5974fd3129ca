drop function public.open_agent_conversation(uuid);
drop function private.open_agent_conversation(uuid);
drop table public.chat_channels;
