drop function public.open_agent_conversation(uuid);
drop function private.open_agent_conversation(uuid);
drop table public.chat_channels;
drop function private.channels_with(text);
