delete from private.tick_parts where tick_parts.name = 'media_failed';
delete from private.queue_workers where queue_workers.queue = 'media';
drop function public.fail_media_processing(bigint, bigint, text, text, text);
drop function public.publish_media_generation(bigint, bigint, integer, text, text);
drop function public.log_media_step(
  bigint, bigint, text, public.processing_log_status, jsonb, integer
);
drop function public.save_media_chunks(bigint, bigint, integer, jsonb, jsonb, integer);
drop function public.start_media_processing(bigint, bigint);
drop function public.reprocess_media(uuid);
drop function private.reprocess_media(uuid);
drop function private.fail_lost_media();
drop function private.fail_media_processing(bigint, bigint, text, text, text);
drop function private.fail_media_generation(private.media_generations, text, text);
drop function private.publish_media_generation(bigint, bigint, integer, text, text);
drop function private.count_media_embeddings(private.media_generations, smallint);
drop function private.hold_embedding_model();
drop function private.log_media_step(
  bigint, bigint, text, public.processing_log_status, jsonb, integer
);
drop function private.save_media_chunks(bigint, bigint, integer, jsonb, jsonb, integer);
drop function private.start_media_processing(bigint, bigint);
drop function private.write_media_log(
  private.media_generations, text, public.processing_log_status, jsonb, integer
);
drop function private.count_media_progress(bigint, private.media_generations, integer);
drop function private.hold_media_work(bigint, bigint);
drop function private.hold_media_generation(bigint, bigint);
drop function private.request_media_indexing(uuid[]);
