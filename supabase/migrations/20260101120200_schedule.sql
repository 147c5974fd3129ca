-- The schedule: on Supabase, pg_cron turns the engine every 10 seconds, and pg_net wakes the
-- functions that have work. Where either is missing (the embedded stack, a bare Postgres), nothing
-- is made here, and a ticker outside does the same through the function task-scheduler.
--
-- The functions are reached by two secrets of Vault, which the operator sets once (see the README):
-- project_url (https://<ref>.supabase.co) and secret_key (sb_secret_…). Until then the engine
-- turns, and nobody is woken.

do $schedule$
begin
  if (
    select count(*)
    from pg_catalog.pg_available_extensions
    where pg_available_extensions.name in ('pg_cron', 'pg_net')
  ) < 2 then
    return;
  end if;

  create extension if not exists pg_cron with schema pg_catalog;
  create extension if not exists pg_net with schema extensions;

  -- Made here and not above: without pg_net, its body names a function that does not exist.
  execute $function$
    create function private.tick_and_wake()
    returns jsonb
    language plpgsql
    volatile
    security definer -- Vault, the queue and pg_net are closed to API roles
    set search_path = ''
    as $$
    declare
      v_tick constant jsonb := private.tick();
      v_url text;
      v_key text;
    begin
      select decrypted_secrets.decrypted_secret into v_url
      from vault.decrypted_secrets
      where decrypted_secrets.name = 'project_url';

      select decrypted_secrets.decrypted_secret into v_key
      from vault.decrypted_secrets
      where decrypted_secrets.name = 'secret_key';

      if v_url is not null and v_key is not null then
        -- Sent after commit, so a woken function finds the work it was woken for.
        perform net.http_post(
          url => rtrim(v_url, '/') || '/functions/v1/' || woken.function_name,
          body => '{}',
          headers => jsonb_build_object('Content-Type', 'application/json', 'apikey', v_key),
          timeout_milliseconds => 5000
        )
        from jsonb_array_elements_text(v_tick -> 'functions') as woken (function_name);
      end if;
      return v_tick;
    end;
    $$
  $function$;

  perform cron.schedule('ensemble_tick', '10 seconds', 'select private.tick_and_wake()');
end;
$schedule$;
