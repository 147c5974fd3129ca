drop function public.post_agent_message(uuid, uuid, text, text, jsonb);
drop table public.chat_messages;
drop function private.place_message();
drop type public.message_type;
