-- Authorizing tool calls: the one question that is asked before each call of a capability, and
-- written down with its answer. Nothing is remembered between calls, so what was revoked,
-- disconnected or expired a moment ago counts.

create type private.tool_call_verdict as (
  reason text,
  message text,
  hint text,
  permission_id uuid,
  capability_id uuid,
  organization_id uuid,
  is_personal boolean
);

-- Why an agent may not do something with a connection in the name of a user; the reason is null
-- when it may. One statement of a few look-ups by key: it runs before every call.
create function private.judge_tool_call(
  p_agent_id uuid,
  p_connection_id uuid,
  p_capability_key text,
  p_user_id uuid
)
returns private.tool_call_verdict
language plpgsql
stable
security definer -- asked by the service about rows of everybody
set search_path = ''
as $$
declare
  v_facts record;
  v_verdict private.tool_call_verdict;
  v_missing text[];
begin
  select
    agents.organization_id,
    agents.is_active and agents.status in ('active', 'error') as agent_is_on,
    user_integration_credentials.id as connection_id,
    user_integration_credentials.organization_id as connection_organization_id,
    user_integration_credentials.user_id as connection_user_id,
    user_integration_credentials.visibility::text as visibility,
    user_integration_credentials.connection_status::text as connection_status,
    user_integration_credentials.token_expires_at <= now()
      and user_integration_credentials.vault_refresh_token_id is null as is_stale,
    coalesce(user_integration_credentials.scopes_granted, '[]') as scopes_granted,
    service_providers.id as provider_id,
    service_providers.display_name as provider,
    service_providers.is_active as provider_is_active,
    service_providers.configuration_metadata -> 'implied_scopes' as implied_scopes,
    integration_capabilities.id as capability_id,
    integration_capabilities.integration_id as capability_provider_id,
    integration_capabilities.effect,
    integration_capabilities.required_scopes,
    permission.id as permission_id,
    permission.is_active as permission_is_active,
    permission.expires_at as permission_expires_at,
    permission.permission_level,
    permission.allowed_scopes,
    organization_members.status as member_status,
    organization_members.permissions as held,
    owner.status as owner_status
  into v_facts
  from (values (true)) as one (row)
  left join public.agents on agents.id = p_agent_id
  left join public.user_integration_credentials
    on user_integration_credentials.id = p_connection_id
  left join public.service_providers
    on service_providers.id = user_integration_credentials.service_provider_id
  left join public.integration_capabilities
    on integration_capabilities.capability_key = p_capability_key
  left join public.agent_integration_permissions as permission
    on permission.agent_id = p_agent_id
    and permission.connection_id = p_connection_id
  left join public.organization_members
    on organization_members.organization_id = agents.organization_id
    and organization_members.user_id = p_user_id
  left join public.organization_members as owner
    on owner.organization_id = user_integration_credentials.organization_id
    and owner.user_id = user_integration_credentials.user_id;

  v_verdict.organization_id := v_facts.organization_id;
  v_verdict.permission_id := v_facts.permission_id;
  v_verdict.capability_id := v_facts.capability_id;
  v_verdict.is_personal := v_facts.visibility is distinct from 'organization';

  v_missing := array(
    select jsonb_array_elements_text(v_facts.required_scopes)
    except
    select unnest(private.scopes_with_implied(v_facts.scopes_granted, v_facts.implied_scopes))
  );

  case
    when v_facts.organization_id is null then
      v_verdict.reason := 'agent_not_found';
      v_verdict.message := 'There is no such agent.';
    when not v_facts.agent_is_on then
      v_verdict.reason := 'agent_inactive';
      v_verdict.message := 'The agent is switched off.';
    when v_facts.connection_id is null then
      v_verdict.reason := 'connection_not_found';
      v_verdict.message := 'There is no such connection any more.';
    -- Whoever asks learns nothing else of what belongs to another organization.
    when v_facts.connection_organization_id <> v_facts.organization_id then
      v_verdict.reason := 'connection_foreign';
      v_verdict.message := 'The connection does not belong to the organization of the agent.';
    when v_facts.capability_id is null then
      v_verdict.reason := 'capability_unknown';
      v_verdict.message := 'There is no such tool.';
    when v_facts.capability_provider_id <> v_facts.provider_id then
      v_verdict.reason := 'capability_of_other_provider';
      v_verdict.message := format('That tool is none of %s.', v_facts.provider);
    when not v_facts.provider_is_active then
      v_verdict.reason := 'provider_inactive';
      v_verdict.message := format('%s is switched off here.', v_facts.provider);
    when p_user_id is not null and not coalesce(
      v_facts.member_status = 'active' and 'tools.execute' = any (v_facts.held), false
    ) then
      v_verdict.reason := 'user_not_allowed';
      v_verdict.message := 'The person you work for may not let agents call tools.';
    when v_verdict.is_personal and p_user_id is distinct from v_facts.connection_user_id then
      v_verdict.reason := 'connection_personal';
      v_verdict.message := 'The connection is personal: only work for its owner may use it.';
    when v_facts.owner_status is distinct from 'active' then
      v_verdict.reason := 'owner_inactive';
      v_verdict.message := 'The owner of the connection is suspended.';
    when v_facts.permission_id is null then
      v_verdict.reason := 'not_granted';
      v_verdict.message := 'You were not given this connection.';
    when not v_facts.permission_is_active then
      v_verdict.reason := 'grant_revoked';
      v_verdict.message := 'The permission to use this connection was taken back.';
    when v_facts.permission_expires_at <= clock_timestamp() then
      v_verdict.reason := 'grant_expired';
      v_verdict.message := 'The permission to use this connection has expired.';
    when v_facts.connection_status <> 'active' then
      v_verdict.reason := 'connection_' || v_facts.connection_status;
      v_verdict.message := case v_facts.connection_status
        when 'expired' then format('The connection to %s has expired.', v_facts.provider)
        when 'error' then format('The connection to %s does not work.', v_facts.provider)
        when 'unconfirmed' then
          format('The connection to %s is not confirmed by its owner.', v_facts.provider)
        else format('The connection to %s was %s.', v_facts.provider, v_facts.connection_status)
      end;
    when v_facts.is_stale then
      v_verdict.reason := 'connection_expired';
      v_verdict.message := format('The connection to %s has expired.', v_facts.provider);
    when v_facts.permission_level = 'read_only' and v_facts.effect <> 'read' then
      v_verdict.reason := 'read_only';
      v_verdict.message := format('You may only read at %s, not write.', v_facts.provider);
    when v_missing <> '{}' then
      v_verdict.reason := 'connection_scope_missing';
      v_verdict.message := format(
        'The connection to %s lacks %s.', v_facts.provider, array_to_string(v_missing, ', ')
      );
    when v_facts.permission_level <> 'full' then
      v_missing := array(
        select jsonb_array_elements_text(v_facts.required_scopes)
        except
        select unnest(private.scopes_with_implied(v_facts.allowed_scopes, v_facts.implied_scopes))
      );
      if v_missing <> '{}' then
        v_verdict.reason := 'scope_missing';
        v_verdict.message := format(
          'You were given the connection to %s without %s.',
          v_facts.provider,
          array_to_string(v_missing, ', ')
        );
      end if;
    else
      null;
  end case;

  v_verdict.hint := case
    when v_verdict.reason is null then null
    when v_verdict.reason = 'connection_scope_missing' or v_verdict.reason ~ '^connection_e'
      then 'Do not try again; ask the owner of the connection to connect the account anew.'
    when v_verdict.reason in ('not_granted', 'grant_revoked', 'grant_expired', 'read_only')
      or v_verdict.reason = 'scope_missing'
      then 'Do not try again; ask whoever manages the connection for the permission.'
    else 'Do not try again; say that it could not be done, and why.'
  end;
  return v_verdict;
end;
$$;

comment on function private.judge_tool_call(uuid, uuid, text, uuid) is
  'Whether an agent may now call a capability with a connection for a user: reason is null when it '
  'may. Without a user only connections of the organization may be used.';

create function private.authorize_tool_call(
  p_agent_id uuid,
  p_connection_id uuid,
  p_capability_key text,
  p_user_id uuid
)
returns jsonb
language plpgsql
volatile
security definer -- only service_role may execute this; it writes to the audit log
set search_path = ''
as $$
declare
  v_verdict constant private.tool_call_verdict := private.judge_tool_call(
    p_agent_id, p_connection_id, p_capability_key, p_user_id
  );
  v_is_allowed constant boolean := v_verdict.reason is null;
begin
  perform private.record_audit_event(
    coalesce(
      v_verdict.organization_id,
      -- Somebody uses an agent that is not there: whose connection it is should know.
      (
        select user_integration_credentials.organization_id
        from public.user_integration_credentials
        where user_integration_credentials.id = p_connection_id
      )
    ),
    case when v_is_allowed then 'tool.allowed' else 'tool.denied' end,
    'integration_capabilities',
    left(p_capability_key, 100),
    jsonb_strip_nulls(
      jsonb_build_object(
        'agent_id', p_agent_id,
        'connection_id', p_connection_id,
        'permission_id', v_verdict.permission_id,
        'user_id', p_user_id,
        'reason', v_verdict.reason
      )
    ),
    case when v_is_allowed then 'info' else 'warning' end
  );

  return jsonb_build_object(
    'allowed', v_is_allowed,
    'reason', v_verdict.reason,
    'message', v_verdict.message,
    'hint', v_verdict.hint,
    'permission_id', v_verdict.permission_id,
    'capability_id', v_verdict.capability_id,
    'organization_id', v_verdict.organization_id
  );
end;
$$;

-- The tools of an agent in work for a user: of each connection that was lent to it, what it may
-- call with it now.
create function private.list_agent_capabilities(p_agent_id uuid, p_user_id uuid)
returns table (
  connection_id uuid,
  connection_name text,
  provider_name text,
  provider_display_name text,
  capability_key text,
  display_label text,
  description text,
  effect text,
  input_schema jsonb
)
language plpgsql
stable
security definer -- asked by the service about rows of everybody
set search_path = ''
as $$
begin
  return query
  select
    user_integration_credentials.id,
    user_integration_credentials.connection_name,
    service_providers.name,
    service_providers.display_name,
    integration_capabilities.capability_key,
    integration_capabilities.display_label,
    integration_capabilities.description,
    integration_capabilities.effect,
    integration_capabilities.input_schema
  from public.agent_integration_permissions as permission
  join public.user_integration_credentials
    on user_integration_credentials.id = permission.connection_id
  join public.service_providers
    on service_providers.id = user_integration_credentials.service_provider_id
  join public.integration_capabilities
    on integration_capabilities.integration_id = service_providers.id
  where permission.agent_id = p_agent_id
    and permission.is_active
    and (
      private.judge_tool_call(
        p_agent_id,
        permission.connection_id,
        integration_capabilities.capability_key,
        p_user_id
      )
    ).reason is null
  order by
    service_providers.display_name,
    permission.created_at,
    permission.id,
    integration_capabilities.display_order,
    integration_capabilities.capability_key;
end;
$$;

-- Opens a row of the log. A call with a connection is judged again: between the answer of
-- authorize_tool_call() and this, the permission may have been taken back.
create function private.begin_tool_call(
  p_agent_id uuid,
  p_tool_name text,
  p_input jsonb,
  p_connection_id uuid,
  p_capability_key text,
  p_mcp_connection_id uuid,
  p_run_step_id uuid,
  p_channel_id uuid,
  p_user_id uuid,
  p_refusal text
)
returns uuid
language plpgsql
volatile
security definer -- nobody is granted to write the log
set search_path = ''
as $$
declare
  v_organization_id constant uuid := (
    select agents.organization_id from public.agents where agents.id = p_agent_id
  );
  v_is_connection constant boolean := p_connection_id is not null;
  v_verdict private.tool_call_verdict;
  v_id uuid;
begin
  if v_organization_id is null then
    raise sqlstate 'PT404' using
      message = 'No agent with that id',
      detail = 'agent_not_found',
      hint = 'Pass the id of an agent as p_agent_id.';
  elsif coalesce(p_tool_name, '') = ''
    or v_is_connection and (p_capability_key is null or p_mcp_connection_id is not null)
  then
    raise sqlstate 'PT400' using
      message = 'A tool call has a name, and is of a connection''s capability or of an MCP server',
      detail = 'tool_call_invalid',
      hint = 'Pass p_connection_id with p_capability_key, or p_mcp_connection_id.';
  end if;

  if v_is_connection then
    v_verdict := private.judge_tool_call(
      p_agent_id, p_connection_id, p_capability_key, p_user_id
    );
    if p_refusal is null and v_verdict.reason is not null then
      raise sqlstate 'PT403' using
        message = v_verdict.message,
        detail = v_verdict.reason,
        hint = v_verdict.hint;
    end if;
  end if;

  -- What was deleted meanwhile, or belongs to another organization, stays out.
  insert into public.tool_execution_logs
    (
      organization_id, agent_id, user_id, connection_id, mcp_connection_id, capability_key,
      tool_name, run_step_id, channel_id, is_personal, status, input, error, correlation_id,
      duration_ms, completed_at
    )
  values (
    v_organization_id,
    p_agent_id,
    (select profiles.id from public.profiles where profiles.id = p_user_id),
    (
      select user_integration_credentials.id
      from public.user_integration_credentials
      where user_integration_credentials.id = p_connection_id
        and user_integration_credentials.organization_id = v_organization_id
    ),
    p_mcp_connection_id,
    left(p_capability_key, 100),
    left(p_tool_name, 200),
    (
      select agent_task_run_steps.id
      from public.agent_task_run_steps
      where agent_task_run_steps.id = p_run_step_id
        and agent_task_run_steps.organization_id = v_organization_id
    ),
    (
      select chat_channels.id
      from public.chat_channels
      where chat_channels.id = p_channel_id
        and chat_channels.organization_id = v_organization_id
    ),
    v_is_connection and v_verdict.is_personal,
    case when p_refusal is null then 'running' else 'denied' end,
    private.loggable_document(p_input),
    private.loggable_error(p_refusal),
    private.request_correlation_id(),
    case when p_refusal is not null then 0 end,
    case when p_refusal is not null then clock_timestamp() end
  )
  returning tool_execution_logs.id into v_id;

  return v_id;
end;
$$;

-- Closes a row of the log; again changes nothing, so a worker may repeat itself. How long it took
-- is measured here, where nobody can say otherwise.
create function private.finish_tool_call(
  p_id uuid,
  p_status text,
  p_output jsonb,
  p_error text
)
returns void
language plpgsql
volatile
security definer -- nobody is granted to write the log
set search_path = ''
as $$
declare
  v_now constant timestamptz := clock_timestamp();
begin
  if p_status is null or p_status not in ('completed', 'failed', 'denied', 'cancelled') then
    raise sqlstate 'PT400' using
      message = 'A tool call ends as completed, failed, denied or cancelled',
      detail = 'tool_call_invalid',
      hint = 'Pass one of the four as p_status.';
  end if;

  update public.tool_execution_logs
  set
    status = p_status,
    output = private.loggable_document(p_output),
    error = private.loggable_error(p_error),
    duration_ms = greatest(
      0, extract(epoch from v_now - tool_execution_logs.created_at) * 1000
    )::integer,
    completed_at = v_now
  where tool_execution_logs.id = p_id
    and tool_execution_logs.status = 'running';

  if not found and not exists (
    select from public.tool_execution_logs where tool_execution_logs.id = p_id
  ) then
    raise sqlstate 'PT404' using
      message = 'No tool call with that id',
      detail = 'tool_call_not_found',
      hint = 'Pass what begin_tool_call() returned.';
  end if;
end;
$$;

create function private.loggable_error(p_error text)
returns text
language sql
immutable
security invoker
set search_path = ''
as $$
  select left(private.redact_credentials(to_jsonb(left(p_error, 10000))) #>> '{}', 2000);
$$;

comment on function private.loggable_error(text) is
  'An error as tool_execution_logs keeps it: redacted, and cut to 2000 characters.';

create function public.authorize_tool_call(
  p_agent_id uuid,
  p_connection_id uuid,
  p_capability_key text,
  p_user_id uuid default null
)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.authorize_tool_call(p_agent_id, p_connection_id, p_capability_key, p_user_id);
$$;

create function public.list_agent_capabilities(p_agent_id uuid, p_user_id uuid default null)
returns table (
  connection_id uuid,
  connection_name text,
  provider_name text,
  provider_display_name text,
  capability_key text,
  display_label text,
  description text,
  effect text,
  input_schema jsonb
)
language sql
stable
security invoker
set search_path = ''
as $$
  select * from private.list_agent_capabilities(p_agent_id, p_user_id);
$$;

create function public.begin_tool_call(
  p_agent_id uuid,
  p_tool_name text,
  p_input jsonb,
  p_connection_id uuid default null,
  p_capability_key text default null,
  p_mcp_connection_id uuid default null,
  p_run_step_id uuid default null,
  p_channel_id uuid default null,
  p_user_id uuid default null,
  p_refusal text default null
)
returns uuid
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.begin_tool_call(
    p_agent_id, p_tool_name, p_input, p_connection_id, p_capability_key, p_mcp_connection_id,
    p_run_step_id, p_channel_id, p_user_id, p_refusal
  );
$$;

create function public.finish_tool_call(
  p_id uuid,
  p_status text,
  p_output jsonb default null,
  p_error text default null
)
returns void
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.finish_tool_call(p_id, p_status, p_output, p_error);
$$;

comment on function public.authorize_tool_call(uuid, uuid, text, uuid) is
  'Whether an agent may now call a capability with a connection, in work for a user: {"allowed", '
  '"reason", "message", "hint", "permission_id", "capability_id", "organization_id"}. Written to '
  'the audit log as tool.allowed or tool.denied. A personal connection is for work for its owner '
  'alone. Service only. Reasons: agent_not_found, agent_inactive, connection_not_found, '
  'connection_foreign, capability_unknown, capability_of_other_provider, provider_inactive, '
  'user_not_allowed, connection_personal, owner_inactive, not_granted, grant_revoked, '
  'grant_expired, connection_unconfirmed, connection_expired, connection_error, '
  'connection_disconnected, connection_revoked, read_only, connection_scope_missing, '
  'scope_missing.';
comment on function public.list_agent_capabilities(uuid, uuid) is
  'What an agent may call now in work for a user, by connection. Service only.';
comment on function public.begin_tool_call(
  uuid, text, jsonb, uuid, text, uuid, uuid, uuid, uuid, text
) is
  'Opens a row of tool_execution_logs; with p_refusal it is closed at once, as denied. Service '
  'only. Errors: agent_not_found, tool_call_invalid, and with a connection the reasons of '
  'authorize_tool_call().';
comment on function public.finish_tool_call(uuid, text, jsonb, text) is
  'Closes a row of tool_execution_logs as completed, failed, denied or cancelled; again changes '
  'nothing. Service only. Errors: tool_call_invalid, tool_call_not_found.';

grant execute on function
  private.authorize_tool_call(uuid, uuid, text, uuid),
  private.list_agent_capabilities(uuid, uuid),
  private.begin_tool_call(uuid, text, jsonb, uuid, text, uuid, uuid, uuid, uuid, text),
  private.finish_tool_call(uuid, text, jsonb, text),
  public.authorize_tool_call(uuid, uuid, text, uuid),
  public.list_agent_capabilities(uuid, uuid),
  public.begin_tool_call(uuid, text, jsonb, uuid, text, uuid, uuid, uuid, uuid, text),
  public.finish_tool_call(uuid, text, jsonb, text)
to service_role;
