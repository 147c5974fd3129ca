delete from private.tick_parts
where tick_parts.name in ('media_embeddings_enqueued', 'embedding_model_watched');
drop function public.publish_media_embeddings(bigint, bigint);
drop function public.save_media_embeddings(bigint, bigint, text, jsonb, integer);
drop function public.read_media_chunks(bigint, bigint, integer);
drop function public.register_embedding_model(text, integer);
drop function private.watch_embedding_model();
drop function private.enqueue_media_embeddings();
drop function private.publish_media_embeddings(bigint, bigint);
drop function private.save_media_embeddings(bigint, bigint, text, jsonb, integer);
drop function private.read_media_chunks(bigint, bigint, integer);
drop function private.register_embedding_model(text, integer);
