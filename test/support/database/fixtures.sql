-- One row of every exposed table, for tests that speak about all of them. Whoever adds a table adds
-- its row here: the cross-organization matrix fails for a table that has none.

create or replace function tests.create_fixtures(p_organization_id uuid, p_name text)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  v_user_id constant uuid := tests.user_id(p_name);
  v_role_id uuid;
  v_agent_id uuid;
  v_team_id uuid;
  v_other_team_id uuid;
  v_workspace_id uuid;
  v_channel_id uuid;
  v_task_id uuid;
  v_step_id uuid;
  v_run_id uuid;
  v_run_step_id uuid;
  v_secret_id uuid;
  v_connection_id constant uuid := gen_random_uuid();
  v_mcp_connection_id uuid;
  v_media_id constant uuid := gen_random_uuid();
begin
  -- Shared catalogues, profiles, preferences, memberships and quotas came with migrations and sign-up.
  insert into public.roles (organization_id, name, display_name)
  values (p_organization_id, 'auditor', 'Auditor')
  returning id into v_role_id;

  insert into public.role_permissions (role_id, permission_key, organization_id)
  values (v_role_id, 'audit.read', p_organization_id);

  insert into public.organization_invitations
    (organization_id, email, role_id, invited_by_user_id)
  values (p_organization_id, 'newcomer@example.test', v_role_id, v_user_id);

  -- Open to the whole organization, so that what keeps strangers out is the organization alone.
  insert into public.agents (organization_id, user_id, name, instructions, visibility)
  values (p_organization_id, v_user_id, 'Scribe', 'You write summaries.', 'organization')
  returning id into v_agent_id;

  insert into public.teams (organization_id, name, owner_user_id)
  values (p_organization_id, 'Writers', v_user_id)
  returning id into v_team_id;

  insert into public.team_members (organization_id, team_id, agent_id)
  values (p_organization_id, v_team_id, v_agent_id);

  insert into public.teams (organization_id, name, owner_user_id)
  values (p_organization_id, 'Editors', v_user_id)
  returning id into v_other_team_id;

  insert into public.team_connections
    (organization_id, from_team_id, to_team_id, connection_type, created_by_user_id)
  values (p_organization_id, v_team_id, v_other_team_id, 'reports_to', v_user_id);

  insert into public.workspaces (organization_id, name, owner_user_id, is_public)
  values (p_organization_id, 'Newsroom', v_user_id, true)
  returning id into v_workspace_id;

  insert into public.team_canvas_layouts (organization_id, user_id, workspace_id)
  values (p_organization_id, v_user_id, v_workspace_id);

  insert into public.workspace_members (organization_id, workspace_id, agent_id)
  values (p_organization_id, v_workspace_id, v_agent_id);

  insert into public.chat_channels (organization_id, workspace_id, name, created_by_user_id)
  values (p_organization_id, v_workspace_id, 'desk', v_user_id)
  returning id into v_channel_id;

  insert into public.chat_messages (organization_id, workspace_id, channel_id, user_id, content)
  values (p_organization_id, v_workspace_id, v_channel_id, v_user_id, 'Good morning.');

  insert into public.agent_tasks
    (organization_id, user_id, agent_id, name, instructions, cron_expression, target_conversation_id)
  values
    (
      p_organization_id, v_user_id, v_agent_id, 'Morning summary',
      'Summarize what happened overnight.', '0 9 * * *', v_channel_id
    )
  returning id into v_task_id;

  insert into public.task_steps (organization_id, task_id, step_order, step_name, instructions)
  values (p_organization_id, v_task_id, 1, 'Collect', 'Collect what happened overnight.')
  returning id into v_step_id;

  insert into public.agent_task_runs (organization_id, task_id, agent_id, user_id, trigger)
  values (p_organization_id, v_task_id, v_agent_id, v_user_id, 'manual')
  returning id into v_run_id;

  insert into public.agent_task_run_steps
    (organization_id, run_id, task_step_id, step_order, step_name, instructions)
  values
    (p_organization_id, v_run_id, v_step_id, 1, 'Collect', 'Collect what happened overnight.')
  returning id into v_run_step_id;

  insert into public.ai_agent_tasks
    (organization_id, agent_id, user_id, channel_id, run_step_id, provider, model, usage_month)
  values
    (
      p_organization_id, v_agent_id, v_user_id, v_channel_id, v_run_step_id, 'openai', 'gpt-4o',
      date_trunc('month', now())::date
    );

  insert into public.organization_transfers
    (organization_id, kind, status, completed_at, requested_by_user_id)
  values (p_organization_id, 'export', 'completed', now(), v_user_id);

  insert into public.personal_data_exports (user_id, status, completed_at)
  values (v_user_id, 'completed', now());

  insert into public.organization_usage_days (organization_id, day, request_count)
  values (p_organization_id, current_date, 1);

  insert into public.organization_secrets (organization_id, name, created_by_user_id)
  values (p_organization_id, 'mailer', v_user_id)
  returning id into v_secret_id;

  insert into private.organization_secret_values (secret_id, vault_secret_id)
  values (
    v_secret_id,
    vault.create_secret(
      'sk-mailer', format('organizations/%s/secrets/%s', p_organization_id, v_secret_id)
    )
  );

  insert into public.agent_mcp_connections
    (organization_id, agent_id, connection_name, server_url, created_by_user_id)
  values (p_organization_id, v_agent_id, 'library', 'https://tools.example.test/mcp', v_user_id)
  returning id into v_mcp_connection_id;

  insert into public.mcp_tools_cache
    (
      organization_id, agent_id, connection_id, tool_name, tool_schema, openai_schema, schema_hash
    )
  values (
    p_organization_id, v_agent_id, v_mcp_connection_id, 'search', '{"type": "object"}',
    '{"type": "function", "function": {"name": "library__search", "parameters": {"type": "object"}}}',
    repeat('0', 64)
  );

  insert into public.media_library
    (id, organization_id, user_id, file_name, file_type, file_size)
  values (v_media_id, p_organization_id, v_user_id, 'handbook.pdf', 'application/pdf', 1000);

  update public.media_library
  set generation = 1, chunk_count = 1, processing_status = 'completed', uploaded_at = now()
  where media_library.id = v_media_id;

  insert into public.media_chunks
    (media_id, generation, chunk_index, content, char_start, char_end, tokens, content_hash)
  values (v_media_id, 1, 0, 'The office opens at nine.', 0, 25, 6, repeat('0', 64));

  insert into public.media_processing_logs (media_id, generation, processing_step, status)
  values (v_media_id, 1, 'publish', 'completed');

  insert into public.agent_media_assignments (organization_id, agent_id, media_id)
  values (p_organization_id, v_agent_id, v_media_id);

  insert into public.integration_capabilities
    (integration_id, capability_key, display_label, description, effect, input_schema)
  select
    service_providers.id, 'fixture_send', 'Send', 'Sends mail.', 'write', '{"type": "object"}'
  from public.service_providers
  where service_providers.name = 'gmail'
  on conflict (capability_key) do nothing;

  insert into public.user_integration_credentials
    (
      id, organization_id, user_id, service_provider_id, credential_type, vault_access_token_id,
      connection_name, visibility, scopes_granted
    )
  select
    v_connection_id, p_organization_id, v_user_id, service_providers.id, 'oauth',
    vault.create_secret(
      'ya29.fixture',
      format('organizations/%s/connections/%s/access_token', p_organization_id, v_connection_id)
    ),
    'Mail of the desk', 'organization', '["openid", "email"]'
  from public.service_providers
  where service_providers.name = 'gmail';

  insert into public.external_connections
    (organization_id, workspace_id, connection_id, name, created_by_user_id)
  values (p_organization_id, v_workspace_id, v_connection_id, 'Inbox', v_user_id);

  insert into public.agent_integration_permissions
    (organization_id, agent_id, connection_id, permission_level, granted_by_user_id)
  values (p_organization_id, v_agent_id, v_connection_id, 'read_only', v_user_id);

  insert into public.tool_execution_logs
    (
      organization_id, agent_id, user_id, connection_id, capability_key, tool_name, run_step_id,
      channel_id, status, completed_at
    )
  values (
    p_organization_id, v_agent_id, v_user_id, v_connection_id, 'gmail_search_email',
    'gmail_search_email', v_run_step_id, v_channel_id, 'completed', now()
  );

  insert into public.agent_memories (organization_id, agent_id, workspace_id, content)
  values (p_organization_id, v_agent_id, v_workspace_id, 'The desk closes at six.');

  with datastore as (
    insert into public.datastores (organization_id, name, type, created_by_user_id)
    values (p_organization_id, 'Built in', 'postgres', v_user_id)
    returning datastores.id
  )
  insert into public.agent_datastores (organization_id, agent_id, datastore_id)
  select p_organization_id, v_agent_id, datastore.id from datastore;

  -- The audit trail, with a seal.
  perform private.record_audit_event(p_organization_id, 'thing.seen', 'things', v_user_id::text);
  perform private.seal_audit_logs();

  insert into public.audit_archives
    (
      organization_id, month, part, path, sha256, byte_count, row_count, seal_count,
      first_sequence, last_sequence, first_row_at, last_row_at
    )
  values (
    p_organization_id, '2024-02-01', 1, p_organization_id || '/2024-02.ndjson.gz', repeat('0', 64),
    20, 0, 0, 1, 1, '2024-02-01', '2024-02-02'
  );
end;
$$;

-- And a row of the private tables that hold something of an organization.
create or replace function tests.create_private_fixtures(p_organization_id uuid)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  v_secret_id uuid;
begin
  insert into private.jobs (queue, kind, organization_id, payload)
  values (
    'tasks', 'test', p_organization_id, jsonb_build_object('organization_id', p_organization_id)
  );

  select public.create_vault_secret(
    'sk-test', format('organizations/%s/model_provider', p_organization_id)
  )::uuid
  into v_secret_id;

  insert into private.model_providers (organization_id, provider, model, vault_secret_id)
  values (p_organization_id, 'anthropic', 'claude-sonnet-4-5', v_secret_id);

  insert into private.oauth_states
    (
      state_hash, user_id, organization_id, service_provider_id, connection_id,
      vault_code_verifier_id, expires_at
    )
  select
    sha256(user_integration_credentials.id::text::bytea), user_integration_credentials.user_id,
    p_organization_id, user_integration_credentials.service_provider_id,
    user_integration_credentials.id,
    vault.create_secret('verifier', format('organizations/%s/oauth_state', p_organization_id)),
    now() + interval '10 minutes'
  from public.user_integration_credentials
  where user_integration_credentials.organization_id = p_organization_id
  limit 1;

  insert into private.token_refreshes (connection_id)
  select user_integration_credentials.id
  from public.user_integration_credentials
  where user_integration_credentials.organization_id = p_organization_id
  limit 1;

  insert into private.request_tallies (organization_id) values (p_organization_id);
  -- Limits bring counters along.
  update public.organization_quotas
  set requests_per_minute_limit = 1000, rows_limit = 1000000
  where organization_quotas.organization_id = p_organization_id;
end;
$$;
