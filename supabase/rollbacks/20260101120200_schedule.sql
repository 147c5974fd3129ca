-- The extensions stay: others may use them.

do $$
begin
  if to_regprocedure('private.tick_and_wake()') is not null then
    perform cron.unschedule('ensemble_tick');
  end if;
end;
$$;

drop function if exists private.tick_and_wake();
