create or replace function private.snapshot_organization(
  p_transfer_id uuid,
  p_organization_id uuid,
  p_user_id uuid
)
returns void
language plpgsql
volatile
security definer -- reads all of an organization, for whom start_transfer() has checked
set search_path = ''
as $$
declare
  v_tables constant regclass[] := array(
    select tables.table_id
    from private.tenant_tables() as tables
    left join private.transfer_rules on transfer_rules.table_name = tables.table_name
    where transfer_rules.is_exported is not false
  );
  v_hidden constant jsonb := private.follow_workspaces(
    v_tables,
    'source.organization_id = $2 and source.is_personal '
    'and source.owner_user_id is distinct from $3'
  );
begin
  perform private.take_snapshot(
    p_transfer_id,
    'public.organizations'::regclass || v_tables,
    array(
      select private.transfer_query('public.organizations', 'source.id = $2')
      union all
      select private.transfer_query(
        tables.table_id,
        concat_ws(
          ' and ',
          'source.organization_id = $2',
          '(' || (v_hidden -> 'goes' ->> tables.table_id::oid::text) || ') is not true'
        ),
        coalesce(v_hidden -> 'emptied' -> tables.table_id::oid::text, '{}')
      )
      from unnest(v_tables) as tables (table_id)
    ),
    v_hidden ->> 'with',
    p_organization_id,
    p_user_id
  );
end;
$$;

delete from private.transfer_rules where table_name = 'agent_memories';
alter table private.transfer_rules drop column organization_filter;
drop table public.agent_memories;
drop function private.confirm_fact();
drop function private.clean_fact(text);
alter table public.chat_messages drop constraint chat_messages_id_organization_id_key;
