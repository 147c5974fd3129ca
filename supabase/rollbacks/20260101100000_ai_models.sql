drop function private.find_ai_model(text, text);
drop table public.ai_models;
