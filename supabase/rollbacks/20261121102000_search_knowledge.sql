drop function public.agent_knowledge(uuid, jsonb, uuid);
drop function private.agent_knowledge(uuid, jsonb, uuid);
drop function public.search_knowledge(uuid, text, integer, jsonb, real[], text, jsonb, uuid);
drop function private.search_knowledge(uuid, text, integer, jsonb, real[], text, jsonb, uuid);
drop function private.candidate_ids(jsonb);
drop function private.query_embedding(real[], text);
drop function private.highlight(text, regconfig, tsquery);
drop function private.similar_words(uuid[], integer[], text, regconfig[]);
drop function private.chunks_by_text(
  uuid[], integer[], bigint, tsquery[], tsquery, tsquery, integer
);
drop function private.knowledge_query(text, regconfig[]);
drop function private.any_language(regconfig[], text);
drop function private.word_query(text);
drop function private.nearest_chunks(
  uuid[], integer[], bigint, extensions.vector, smallint, integer, integer
);
drop function private.searched_media(uuid, uuid, jsonb);
