drop function public.load_import(bigint, bigint);
drop function public.stage_import_lines(bigint, bigint, text, text);
drop function public.stage_import(bigint, bigint, jsonb);
drop function public.import_organization(text, text, text);
drop function private.import_organization(text, text, text);
drop function private.load_import(bigint, bigint);
drop function private.remove_archive(text, text);
drop function private.invite_imported_people(uuid, uuid, uuid[], jsonb);
drop function private.load_organization(public.organization_transfers, uuid);
drop function private.load_tables(uuid, regclass[], uuid, uuid, uuid[]);
drop function private.import_query(uuid, regclass, regclass[], integer);
drop function private.stage_import_lines(bigint, bigint, text, text);
drop function private.stage_import(bigint, bigint, jsonb);
drop function private.importable_tables();
drop function private.hold_import(bigint, bigint);
drop function private.raise_import_ids_taken(text);
drop function private.raise_archive_invalid(text);

create or replace function private.place_message()
returns trigger
language plpgsql
volatile
security definer -- the writer may not see the channel; the policies judge the filled row
set search_path = ''
as $$
begin
  select chat_channels.workspace_id, chat_channels.organization_id
  into new.workspace_id, new.organization_id
  from public.chat_channels
  where chat_channels.id = new.channel_id;

  if new.user_id is null and new.agent_id is null then
    new.user_id := auth.uid();

    if new.user_id is null then
      raise sqlstate 'PT400' using
        message = 'A message needs an author',
        detail = 'message_author_missing',
        hint = 'Set user_id or agent_id.';
    end if;
  end if;

  return new;
end;
$$;

delete from private.transfer_rules where prepare_function is not null;
drop function private.open_imported_workspace(jsonb, uuid[]);
drop function private.stop_imported_call(jsonb, uuid[]);
drop function private.stop_imported_run_step(jsonb, uuid[]);
drop function private.stop_imported_step(jsonb, uuid[]);
drop function private.stop_imported_run(jsonb, uuid[]);
drop function private.pause_imported_task(jsonb, uuid[]);
