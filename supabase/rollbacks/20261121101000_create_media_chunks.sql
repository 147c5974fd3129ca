-- The extensions stay: whether they were there before cannot be told, and others may use them.
alter publication supabase_realtime drop table public.media_processing_logs;
delete from private.transfer_rules
where transfer_rules.table_name in ('media_chunks', 'media_processing_logs');
drop table public.media_processing_logs;
drop table private.media_generations;
drop table private.media_chunk_embeddings;
drop table private.embedding_models;
drop table public.media_chunks;
drop function private.chunk_words(text, text[], text);
