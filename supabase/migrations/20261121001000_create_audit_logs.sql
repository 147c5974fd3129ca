-- Audit logs: who did what to which row of an organization, when and from where.
-- Written by triggers and by private.record_audit_event(), read by those who hold audit.read,
-- changed by nobody. Writers pay for every index here, so there are two.

create table public.audit_logs (
  id bigint generated always as identity,
  organization_id uuid not null,
  actor_type text not null,
  actor_id uuid,
  action text not null,
  resource_type text not null,
  resource_id text,
  old_values jsonb,
  new_values jsonb,
  severity text not null default 'info',
  ip_address inet,
  user_agent text,
  correlation_id text,
  created_at timestamptz not null default now(),

  constraint audit_logs_pkey primary key (organization_id, created_at, id),
  constraint audit_logs_actor_type_check check (
    actor_type in ('user', 'agent', 'service', 'system')
  ),
  constraint audit_logs_action_check check (action ~ '^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$'),
  constraint audit_logs_severity_check check (
    severity in ('debug', 'info', 'warning', 'error', 'critical')
  )
) partition by range (created_at);

comment on table public.audit_logs is
  'Who did what in an organization. Append-only, by month.';
comment on column public.audit_logs.organization_id is
  'Without a foreign key, whose check every audited write would pay for. Rows go with their '
  'organization by a trigger.';
comment on column public.audit_logs.actor_type is
  'user: a person with a token. agent: the service in the name of an agent. service: the secret '
  'key. system: the database itself.';
comment on column public.audit_logs.actor_id is
  'The user or the agent; null for service and system. Stays when they are deleted.';
comment on column public.audit_logs.action is
  'What happened, as noun and participle: agent.created, secret.read.';
comment on column public.audit_logs.resource_type is 'The table of the row, or what was acted on.';
comment on column public.audit_logs.resource_id is 'The key of the row in that table.';
comment on column public.audit_logs.old_values is
  'The row before it was deleted; of an update, the columns that changed. Secrets are redacted.';
comment on column public.audit_logs.new_values is
  'The row as created; of an update, the columns that changed; of other events, their details.';
comment on column public.audit_logs.ip_address is
  'As the request says in x-forwarded-for. A hint, not a proof.';

create index audit_logs_resource_idx
  on public.audit_logs (organization_id, resource_type, resource_id, created_at desc);

-- What is not sealed yet. Written with each row and emptied by the sealing, so it has no key: an
-- index would be paid by every writer, and the sealing takes rows as they come.
create table private.audit_unsealed (
  audit_log_id bigint not null,
  organization_id uuid not null,
  created_at timestamptz not null
);

comment on table private.audit_unsealed is 'Rows of audit_logs that no seal covers yet.';

-- Only the parent is in the API's schema, so its policy is the only way to a row.
-- A row always finds a place, even when no month was made ahead for it.
create table private.audit_logs_default partition of public.audit_logs default;

comment on table private.audit_logs_default is
  'Audit logs of months without a partition of their own; empty as long as the engine turns.';

-- Gone is an organization without a row, and an archived month is kept in Storage. Whoever
-- archives months replaces this.
create function private.audit_month_is_archived(p_organization_id uuid, p_created_at timestamptz)
returns boolean
language sql
stable
security invoker
set search_path = ''
as $$
  select false;
$$;

comment on function private.audit_month_is_archived(uuid, timestamptz) is
  'Whether an organization''s audit logs of that month are archived, so that rows may go.';

create function private.keep_audit_logs()
returns trigger
language plpgsql
volatile
security definer -- looks for organizations that the caller may not read
set search_path = ''
as $$
begin
  if tg_op = 'DELETE' then
    if not exists (
      select from public.organizations where organizations.id = old.organization_id
    ) or private.audit_month_is_archived(old.organization_id, old.created_at) then
      return old;
    end if;
  end if;

  raise sqlstate 'PT403' using
    message = 'Audit logs are append-only',
    detail = 'audit_append_only',
    hint = 'They go with their organization, or when their month was archived.';
end;
$$;

comment on function private.keep_audit_logs() is
  'Trigger: refuses to change or remove audit logs with PT403 audit_append_only, whoever asks.';

create trigger _100_keep
  before update or delete on public.audit_logs
  for each row
  execute function private.keep_audit_logs();

create trigger _110_keep_all
  before truncate on public.audit_logs
  for each statement
  execute function private.keep_audit_logs();

create trigger _110_keep_all
  before truncate on private.audit_logs_default
  for each statement
  execute function private.keep_audit_logs();

-- The partitions of the current and the following months. One is made beside the table and then
-- attached, which stops no writer.
create function private.create_audit_partitions()
returns integer
language plpgsql
volatile
security definer -- the engine owns no tables
set search_path = ''
as $$
declare
  v_month timestamp;
  v_name text;
  v_made integer := 0;
begin
  for v_month in
    select generate_series(
      date_trunc('month', now() at time zone 'UTC'),
      date_trunc('month', now() at time zone 'UTC') + interval '3 months',
      interval '1 month'
    )
  loop
    v_name := format('audit_logs_%s', to_char(v_month, 'YYYYMM'));
    if to_regclass(format('private.%I', v_name)) is not null then
      continue;
    end if;

    execute format(
      'create table private.%I (like public.audit_logs including defaults including constraints)',
      v_name
    );
    execute format(
      'comment on table private.%I is %L',
      v_name,
      format('Audit logs of %s (UTC).', to_char(v_month, 'YYYY-MM'))
    );
    execute format(
      'create trigger _110_keep_all before truncate on private.%I '
      'for each statement execute function private.keep_audit_logs()',
      v_name
    );
    execute format(
      'alter table public.audit_logs attach partition private.%I for values from (%L) to (%L)',
      v_name,
      v_month at time zone 'UTC',
      (v_month + interval '1 month') at time zone 'UTC'
    );
    v_made := v_made + 1;
  end loop;

  return v_made;
end;
$$;

comment on function private.create_audit_partitions() is
  'Makes the partitions of audit_logs ahead; returns how many were missing.';

select private.create_audit_partitions();

insert into private.tick_parts (name, place, function_name)
values ('audit_partitions_made', 100, 'create_audit_partitions');

-- Names of things that hold credentials. A reference to one (api_key_ref) is none.
create function private.credential_key_pattern()
returns text
language sql
immutable
security invoker
set search_path = ''
as $$
  select '(secret|token|passw(or)?d|passphrase|api_?key|access_?key|authorization|credential'
    || '|private_?key|vault|cookie|_hash$|^hash$)(?!.*_ref$)';
$$;

comment on function private.credential_key_pattern() is
  'Matches, without case, keys of documents whose strings are credentials.';

-- Shapes that known issuers give their tokens.
create function private.credential_text_pattern()
returns text
language sql
immutable
security invoker
set search_path = ''
as $$
  select '\m(sk|pk|rk|whsec|sb_secret|sbp|ghp|gho|ghu|ghs|ghr|github_pat|glpat|xox[abeoprs]|npm|hf'
    || '|dop_v1|shpat|sq0[a-z]{3}|gsk|pplx|pcsk|ya29)[-_.][A-Za-z0-9_-]{16,}'
    || '|\m(AKIA|ASIA)[A-Z0-9]{16}\M|\mAIza[A-Za-z0-9_-]{35}'
    || '|\meyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*'
    || '|-----BEGIN [A-Z ]*PRIVATE KEY-----.*'
    || '|\m[Bb]earer +[A-Za-z0-9._~+/-]{16,}=*'
    || '|(?<=://[^/\s:@]{0,80}:)[^/\s:@]+(?=@)';
$$;

comment on function private.credential_text_pattern() is
  'Matches, with case, credentials of known shapes within a text.';

create function private.redact_credentials(p_document jsonb, p_keys text[] default '{}')
returns jsonb
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  case jsonb_typeof(p_document)
    when 'object' then
      return (
        select coalesce(
          jsonb_object_agg(
            entry.key,
            case
              when jsonb_typeof(entry.value) = 'null' then entry.value
              when entry.key = any (p_keys) then '"[redacted]"'::jsonb
              when entry.key ~* private.credential_key_pattern()
                and jsonb_typeof(entry.value) not in ('number', 'boolean')
              then '"[redacted]"'::jsonb
              else private.redact_credentials(entry.value)
            end
          ),
          '{}'
        )
        from jsonb_each(p_document) as entry
      );
    when 'array' then
      return (
        select coalesce(
          jsonb_agg(private.redact_credentials(element.value) order by element.place),
          '[]'
        )
        from jsonb_array_elements(p_document) with ordinality as element (value, place)
      );
    when 'string' then
      return to_jsonb(
        regexp_replace(
          p_document #>> '{}', private.credential_text_pattern(), '[redacted]', 'g'
        )
      );
    else
      return p_document;
  end case;
end;
$$;

comment on function private.redact_credentials(jsonb, text[]) is
  'A document with credentials replaced by "[redacted]": under the given keys of the top, under '
  'keys that name a credential anywhere, and where a text holds one of a known shape.';

create type private.audit_context as (
  actor_type text,
  actor_id uuid,
  ip_address inet,
  user_agent text,
  correlation_id text
);

-- Who acts, and from where. An agent is believed only from the secret key: people hold no way to
-- write in the name of another.
create function private.audit_context()
returns private.audit_context
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_claims constant jsonb := nullif(current_setting('request.jwt.claims', true), '');
  v_headers constant jsonb := nullif(current_setting('request.headers', true), '');
  v_context private.audit_context;
  v_address text;
begin
  v_context.actor_id := auth.uid();

  if v_context.actor_id is not null then
    v_context.actor_type := 'user';
  elsif v_claims ->> 'role' = 'service_role' then
    v_context.actor_type := 'service';
    if v_headers ->> 'x-agent-id' ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then
      v_context.actor_type := 'agent';
      v_context.actor_id := v_headers ->> 'x-agent-id';
    end if;
  else
    v_context.actor_type := 'system';
  end if;

  if v_headers is not null then
    v_address := btrim(split_part(v_headers ->> 'x-forwarded-for', ',', 1));
    if pg_input_is_valid(v_address, 'inet') then
      v_context.ip_address := v_address;
    end if;
    v_context.user_agent := left(v_headers ->> 'user-agent', 500);
    if v_headers ->> 'x-correlation-id' ~ '^[A-Za-z0-9._-]{1,128}$' then
      v_context.correlation_id := v_headers ->> 'x-correlation-id';
    end if;
  end if;

  return v_context;
end;
$$;

comment on function private.audit_context() is
  'Who acts in this statement and from where, by the request''s claims and headers.';

-- The trigger behind enable_audit(), once per statement. Its arguments: the noun of the action, the
-- column of the organization, the columns of the key, and those whose values are never shown.
create function private.audit_statement()
returns trigger
language plpgsql
volatile
security definer -- nobody is granted to insert audit logs
set search_path = ''
as $$
declare
  v_context constant private.audit_context := private.audit_context();
  v_keys constant text[] := string_to_array(tg_argv[2], ',');
  v_redact constant text[] := string_to_array(tg_argv[3], ',');
begin
  case tg_op
    when 'INSERT' then
      with written as (
        insert into public.audit_logs
          (
            organization_id, actor_type, actor_id, action, resource_type, resource_id, new_values,
            ip_address, user_agent, correlation_id
          )
        select
          (row_of.document ->> tg_argv[1])::uuid,
          v_context.actor_type,
          v_context.actor_id,
          tg_argv[0] || '.created',
          tg_table_name,
          (
            select string_agg(row_of.document ->> keys.name, ':' order by keys.place)
            from unnest(v_keys) with ordinality as keys (name, place)
          ),
          private.redact_credentials(row_of.document, v_redact),
          v_context.ip_address,
          v_context.user_agent,
          v_context.correlation_id
        from new_rows
        cross join lateral (select to_jsonb(new_rows)) as row_of (document)
        where row_of.document ->> tg_argv[1] is not null
        returning audit_logs.id, audit_logs.organization_id, audit_logs.created_at
      )
      insert into private.audit_unsealed (audit_log_id, organization_id, created_at)
      select written.id, written.organization_id, written.created_at
      from written;

    when 'DELETE' then
      -- Of an organization that goes nothing stays, so that its rows' going is not written down.
      with written as (
        insert into public.audit_logs
          (
            organization_id, actor_type, actor_id, action, resource_type, resource_id, old_values,
            ip_address, user_agent, correlation_id
          )
        select
          (row_of.document ->> tg_argv[1])::uuid,
          v_context.actor_type,
          v_context.actor_id,
          tg_argv[0] || '.deleted',
          tg_table_name,
          (
            select string_agg(row_of.document ->> keys.name, ':' order by keys.place)
            from unnest(v_keys) with ordinality as keys (name, place)
          ),
          private.redact_credentials(row_of.document, v_redact),
          v_context.ip_address,
          v_context.user_agent,
          v_context.correlation_id
        from old_rows
        cross join lateral (select to_jsonb(old_rows)) as row_of (document)
        where exists (
          select
          from public.organizations
          where organizations.id = (row_of.document ->> tg_argv[1])::uuid
        )
        returning audit_logs.id, audit_logs.organization_id, audit_logs.created_at
      )
      insert into private.audit_unsealed (audit_log_id, organization_id, created_at)
      select written.id, written.organization_id, written.created_at
      from written;

    when 'UPDATE' then
      -- Both tables hold the rows in the order they were written in.
      with written as (
        insert into public.audit_logs
          (
            organization_id, actor_type, actor_id, action, resource_type, resource_id, old_values,
            new_values, ip_address, user_agent, correlation_id
          )
        select
          (pair.new_document ->> tg_argv[1])::uuid,
          v_context.actor_type,
          v_context.actor_id,
          tg_argv[0] || '.updated',
          tg_table_name,
          (
            select string_agg(pair.new_document ->> keys.name, ':' order by keys.place)
            from unnest(v_keys) with ordinality as keys (name, place)
          ),
          private.redact_credentials(difference.old_values, v_redact),
          private.redact_credentials(difference.new_values, v_redact),
          v_context.ip_address,
          v_context.user_agent,
          v_context.correlation_id
        from (
          select before.document as old_document, after.document as new_document
          from (
            select row_number() over () as place, to_jsonb(old_rows) as document from old_rows
          ) as before
          join (
            select row_number() over () as place, to_jsonb(new_rows) as document from new_rows
          ) as after on after.place = before.place
        ) as pair
        cross join lateral (
          select
            jsonb_object_agg(entry.key, pair.old_document -> entry.key) as old_values,
            jsonb_object_agg(entry.key, entry.value) as new_values
          from jsonb_each(pair.new_document) as entry
          where entry.key <> 'updated_at'
            and entry.value is distinct from pair.old_document -> entry.key
        ) as difference
        where difference.new_values is not null
          and pair.new_document ->> tg_argv[1] is not null
        returning audit_logs.id, audit_logs.organization_id, audit_logs.created_at
      )
      insert into private.audit_unsealed (audit_log_id, organization_id, created_at)
      select written.id, written.organization_id, written.created_at
      from written;
  end case;

  return null;
end;
$$;

comment on function private.audit_statement() is
  'Trigger _800_audit_*: writes the rows of a statement to audit_logs.';

-- Has a table's changes written down. Called where the table is made.
create function private.enable_audit(
  p_table regclass,
  p_key text default 'id',
  p_redact text[] default '{}'
)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  v_name constant text := (
    select pg_class.relname from pg_catalog.pg_class where pg_class.oid = p_table
  );
  v_is_organization constant boolean := p_table = 'public.organizations'::regclass;
  v_arguments constant text := format(
    '%L, %L, %L, %L',
    regexp_replace(regexp_replace(v_name, 'ies$', 'y'), 's$', ''),
    case when v_is_organization then 'id' else 'organization_id' end,
    p_key,
    array_to_string(p_redact, ',')
  );
begin
  perform private.disable_audit(p_table);

  execute format(
    'create trigger _800_audit_insert after insert on %s referencing new table as new_rows '
    'for each statement execute function private.audit_statement(%s)',
    p_table,
    v_arguments
  );
  execute format(
    'create trigger _800_audit_update after update on %s '
    'referencing old table as old_rows new table as new_rows '
    'for each statement execute function private.audit_statement(%s)',
    p_table,
    v_arguments
  );

  -- The logs of an organization go with it, so nobody could read that it went.
  if not v_is_organization then
    execute format(
      'create trigger _800_audit_delete after delete on %s referencing old table as old_rows '
      'for each statement execute function private.audit_statement(%s)',
      p_table,
      v_arguments
    );
  end if;
end;
$$;

comment on function private.enable_audit(regclass, text, text[]) is
  'Has every insert, update and delete of a table written to audit_logs. p_key: the columns of its '
  'key, with commas between. p_redact: columns whose values are never shown. Calling it again '
  'changes them.';

create function private.disable_audit(p_table regclass)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  v_trigger text;
begin
  for v_trigger in
    select pg_trigger.tgname
    from pg_catalog.pg_trigger
    where pg_trigger.tgrelid = p_table
      and pg_trigger.tgfoid = 'private.audit_statement()'::regprocedure
  loop
    execute format('drop trigger %I on %s', v_trigger, p_table);
  end loop;
end;
$$;

comment on function private.disable_audit(regclass) is
  'Takes enable_audit() back: what happens to the table is no longer written down.';

-- For what is no change of a row: a secret read, an organization entered, a permission denied. An
-- organization that goes meanwhile takes the event along, so the event holds its row.
create function private.record_audit_event(
  p_organization_id uuid,
  p_action text,
  p_resource_type text,
  p_resource_id text default null,
  p_details jsonb default null,
  p_severity text default 'info'
)
returns void
language plpgsql
volatile
security definer -- nobody is granted to insert audit logs
set search_path = ''
as $$
declare
  v_context constant private.audit_context := private.audit_context();
begin
  perform
  from public.organizations
  where organizations.id = p_organization_id
  for key share;

  if not found then
    return;
  end if;

  with written as (
    insert into public.audit_logs
      (
        organization_id, actor_type, actor_id, action, resource_type, resource_id, new_values,
        severity, ip_address, user_agent, correlation_id
      )
    values (
      p_organization_id,
      v_context.actor_type,
      v_context.actor_id,
      p_action,
      p_resource_type,
      p_resource_id,
      private.redact_credentials(p_details),
      p_severity,
      v_context.ip_address,
      v_context.user_agent,
      v_context.correlation_id
    )
    returning audit_logs.id, audit_logs.organization_id, audit_logs.created_at
  )
  insert into private.audit_unsealed (audit_log_id, organization_id, created_at)
  select written.id, written.organization_id, written.created_at
  from written;
end;
$$;

comment on function private.record_audit_event(uuid, text, text, text, jsonb, text) is
  'Writes an event that is no change of a row to audit_logs; details become new_values, redacted. '
  'Does nothing for an organization that does not exist.';

-- An organization takes its logs along: at once, and again at the end of the transaction for what
-- others wrote while its rows went.
create function private.remove_audit_logs()
returns trigger
language plpgsql
volatile
security definer -- nobody is granted to delete audit logs
set search_path = ''
as $$
begin
  delete from private.audit_unsealed where audit_unsealed.organization_id = old.id;
  delete from public.audit_logs where audit_logs.organization_id = old.id;
  return null;
end;
$$;

comment on function private.remove_audit_logs() is
  'Trigger: deletes the audit logs of an organization that was deleted.';

create trigger _910_remove_audit_logs
  after delete on public.organizations
  for each row
  execute function private.remove_audit_logs();

create constraint trigger _920_remove_late_audit_logs
  after delete on public.organizations
  deferrable initially deferred
  for each row
  execute function private.remove_audit_logs();

alter table public.audit_logs enable row level security;

create policy select_auditor on public.audit_logs
  for select
  to authenticated
  using (organization_id = any ((select private.organizations_with('audit.read'))::uuid[]));

grant select on public.audit_logs to authenticated, service_role;
-- No insert, update or delete for anyone: triggers and private.record_audit_event() write.
