-- Audit logs: who did what to which row of an organization, when and from where.
-- Written by triggers and by private.record_audit_event(), read by those who hold audit.read,
-- changed by nobody. Writers pay for every index and constraint, so there is but the key.

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

  constraint audit_logs_pkey primary key (organization_id, created_at, id)
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
comment on column public.audit_logs.severity is 'debug, info, warning, error or critical.';
comment on column public.audit_logs.ip_address is
  'As the request says in x-forwarded-for. A hint, not a proof.';

-- What is not sealed yet: written with each row, and emptied by the sealing.
create table private.audit_unsealed (
  audit_log_id bigint primary key,
  organization_id uuid not null,
  created_at timestamptz not null
);

comment on table private.audit_unsealed is 'Rows of audit_logs that no seal covers yet.';

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

-- Makes a partition beside the table and attaches it, which stops no writer. Only the parent is in
-- the API's schema, so its policy is the only way to a row.
create function private.create_audit_partition(p_name text, p_comment text, p_bounds text)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  execute format(
    'create table private.%I (like public.audit_logs including defaults including constraints)',
    p_name
  );
  execute format('comment on table private.%I is %L', p_name, p_comment);
  execute format(
    'create trigger _110_keep_all before truncate on private.%I '
    'for each statement execute function private.keep_audit_logs()',
    p_name
  );
  execute format(
    'alter table public.audit_logs attach partition private.%I %s', p_name, p_bounds
  );
end;
$$;

comment on function private.create_audit_partition(text, text, text) is
  'Makes one partition of audit_logs.';

-- A row always finds a place, even when no month was made for it.
create function private.create_default_audit_partition()
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  perform private.create_audit_partition(
    'audit_logs_default',
    'Audit logs of months without a partition of their own; empty as long as the engine turns.',
    'default'
  );
end;
$$;

comment on function private.create_default_audit_partition() is
  'Makes the partition for what has no other.';

-- The partitions of the current and the following months. Rows that came before their month was
-- made are brought home.
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
  v_has_strays boolean;
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

    v_has_strays := exists (
      select
      from private.audit_logs_default
      where audit_logs_default.created_at >= v_month at time zone 'UTC'
        and audit_logs_default.created_at < (v_month + interval '1 month') at time zone 'UTC'
    );

    if v_has_strays then
      alter table public.audit_logs detach partition private.audit_logs_default;
      execute format(
        'alter table private.audit_logs_default rename to %I', v_name || '_strays'
      );
      execute format(
        'alter table private.%I rename constraint audit_logs_default_pkey to %I',
        v_name || '_strays',
        v_name || '_strays_pkey'
      );
      perform private.create_default_audit_partition();
    end if;

    perform private.create_audit_partition(
      v_name,
      format('Audit logs of %s (UTC).', to_char(v_month, 'YYYY-MM')),
      format(
        'for values from (%L) to (%L)',
        v_month at time zone 'UTC',
        (v_month + interval '1 month') at time zone 'UTC'
      )
    );

    if v_has_strays then
      execute format(
        'insert into public.audit_logs overriding system value select * from private.%I',
        v_name || '_strays'
      );
      execute format('drop table private.%I', v_name || '_strays');
    end if;

    v_made := v_made + 1;
  end loop;

  return v_made;
end;
$$;

comment on function private.create_audit_partitions() is
  'Makes the partitions of audit_logs ahead; returns how many were missing.';

select private.create_default_audit_partition();
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
  select 'secret|token|passw(or)?d|passphrase|(api|access|private|signing|encryption)[-_]?key'
    || '|authorization|credential|vault|cookie|(^|_)hash$';
$$;

comment on function private.credential_key_pattern() is
  'Matches, without case, names of columns and keys of documents whose texts are credentials. '
  'Names that end in _ref are references, and none.';

-- Shapes that known issuers give their tokens.
create function private.credential_text_pattern()
returns text
language sql
immutable
security invoker
set search_path = ''
as $$
  select '\m(sk|pk|rk|whsec|sb_secret|sbp|ghp|gho|ghu|ghs|ghr|github_pat|glpat|xox[abeoprs]|npm|hf'
    || '|dop_v1|shpat|gsk|pplx|pcsk|ya29)[-_.][A-Za-z0-9_-]{16,}'
    || '|\m(AKIA|ASIA)[A-Z0-9]{16}|\mAIza[A-Za-z0-9_-]{35}'
    || '|\meyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(\.[A-Za-z0-9_-]*)?'
    || '|-----BEGIN [A-Z ]*PRIVATE KEY-----.*'
    || '|\m[Bb]earer +[A-Za-z0-9._~+/-]{20,}=*';
$$;

comment on function private.credential_text_pattern() is
  'Matches, with case, credentials of known shapes within a text.';

-- What a text has when there may be a credential in it: quick to look for, and often wrong. Tables
-- without documents have no keys to look at, and the names of columns are judged beforehand.
create function private.suspicion_pattern(p_has_documents boolean)
returns text
language sql
immutable
security invoker
set search_path = ''
as $$
  select case when p_has_documents then '(?i)secret|token|pass|key|auth|cred|vault|' else '' end
    || case when p_has_documents then 'cookie|hash|' else '' end
    || '[sprg]k[-_]|gh[a-z]_|github_|glpat-|xox|A[KS]IA|AIza|eyJ|BEGIN|earer |npm_|hf_|whsec'
    || '|sbp_|sb_secret|dop_v|shpat|pplx|pcsk|ya29|://[^ /]*@';
$$;

comment on function private.suspicion_pattern(boolean) is
  'Matches whatever credential_text_pattern() matches, and with documents also whatever '
  'credential_key_pattern() does, and more; faster.';

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
              when entry.key = any (p_keys) then '"[redacted]"'
              when jsonb_typeof(entry.value) in ('number', 'boolean') then entry.value
              when entry.key ~* private.credential_key_pattern() and entry.key !~* '_ref$'
                then '"[redacted]"'
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
      -- The password within an address, then whole credentials.
      return to_jsonb(
        regexp_replace(
          regexp_replace(
            p_document #>> '{}', '(://[^/\s:@]*:)[^/\s@]+@', '\1[redacted]@', 'g'
          ),
          private.credential_text_pattern(),
          '[redacted]',
          'g'
        )
      );
    else
      return p_document;
  end case;
end;
$$;

comment on function private.redact_credentials(jsonb, text[]) is
  'A document with credentials replaced by "[redacted]": all under the given keys of the top, '
  'texts and documents under keys that name a credential anywhere, and what has a known shape in '
  'a text.';

create type private.audit_context as (
  actor_type text,
  actor_id uuid,
  ip_address inet,
  user_agent text,
  correlation_id text
);

-- Who acts, and from where. An agent is believed only from the secret key: people hold no way to
-- write in the name of another. Few expressions, for each costs every audited statement.
create function private.audit_context()
returns private.audit_context
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_claims constant jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb;
  v_headers constant jsonb := nullif(current_setting('request.headers', true), '')::jsonb;
  v_is_service constant boolean := v_claims ->> 'role' = 'service_role';
  v_address constant text := split_part(v_headers ->> 'x-forwarded-for', ',', 1);
begin
  return row(
    case
      when v_is_service and pg_input_is_valid(v_headers ->> 'x-agent-id', 'uuid') then 'agent'
      when v_is_service then 'service'
      when v_claims ->> 'sub' is not null then 'user'
      else 'system'
    end,
    case
      when not v_is_service then v_claims ->> 'sub'
      when pg_input_is_valid(v_headers ->> 'x-agent-id', 'uuid') then v_headers ->> 'x-agent-id'
    end::uuid,
    case when pg_input_is_valid(v_address, 'inet') then v_address end::inet,
    left(v_headers ->> 'user-agent', 500),
    left(v_headers ->> 'x-correlation-id', 128)
  );
end;
$$;

comment on function private.audit_context() is
  'Who acts in this statement and from where, by the request''s claims and headers.';

-- The triggers behind enable_audit(), once per statement. Their arguments: the noun of the action,
-- the column of the organization, the columns whose values are never shown, what makes a text
-- suspect, the columns whose change alone is not worth a row, and the columns of the key.
--
-- To look for credentials in each of many rows would cost more than all the rest, so they are
-- searched together, in a hundred long texts. Only what is suspect is redacted with care.

create function private.audit_insert()
returns trigger
language plpgsql
volatile
security definer -- nobody is granted to insert audit logs
set search_path = ''
as $$
declare
  v_context constant private.audit_context := private.audit_context();
  -- Null is unknown yet: a single row is judged when it is written.
  v_is_suspect boolean := nullif(tg_argv[2] <> '{}', false);
begin
  perform from new_rows offset 1;
  if found and v_is_suspect is null then
    select bool_or(chunk.content ~ tg_argv[3])
    into v_is_suspect
    from (
      select string_agg(new_rows::text, ' ') as content
      from new_rows
      group by (random() * 100)::integer
    ) as chunk;
  end if;

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
      concat_ws(
        ':',
        row_of.document ->> tg_argv[5],
        row_of.document ->> tg_argv[6],
        row_of.document ->> tg_argv[7]
      ),
      case
        when coalesce(v_is_suspect, row_of.content ~ tg_argv[3])
          then private.redact_credentials(row_of.document, tg_argv[2]::text[])
        else row_of.document
      end,
      v_context.ip_address,
      v_context.user_agent,
      v_context.correlation_id
    from (
      select
        to_jsonb(new_rows) as document,
        case when v_is_suspect is null then new_rows::text end as content
      from new_rows
      offset 0
    ) as row_of
    where row_of.document ->> tg_argv[1] is not null
    returning audit_logs.id, audit_logs.organization_id, audit_logs.created_at
  )
  insert into private.audit_unsealed (audit_log_id, organization_id, created_at)
  select written.id, written.organization_id, written.created_at
  from written;

  return null;
end;
$$;

comment on function private.audit_insert() is
  'Trigger _800_audit_insert: writes the rows of a statement to audit_logs.';

-- Its plan is kept from statements of one row for those of many, so it must not loop within a loop,
-- and compiling it would take longer than 10,000 rows do.
create function private.audit_update()
returns trigger
language plpgsql
volatile
security definer -- nobody is granted to insert audit logs
set search_path = ''
set enable_nestloop = 'off'
set jit = 'off'
as $$
declare
  v_context constant private.audit_context := private.audit_context();
  -- Null is unknown yet: a single row is judged when it is written.
  v_is_suspect boolean := nullif(tg_argv[2] <> '{}', false);
  v_ignored constant text[] := tg_argv[4];
  v_old jsonb;
  v_new jsonb;
begin
  perform from new_rows offset 1;

  if not found then
    select to_jsonb(old_rows) - v_ignored, to_jsonb(new_rows) - v_ignored
    into v_old, v_new
    from old_rows
    cross join new_rows;

    with written as (
      insert into public.audit_logs
        (
          organization_id, actor_type, actor_id, action, resource_type, resource_id, old_values,
          new_values, ip_address, user_agent, correlation_id
        )
      select
        (v_new ->> tg_argv[1])::uuid,
        v_context.actor_type,
        v_context.actor_id,
        tg_argv[0] || '.updated',
        tg_table_name,
        concat_ws(':', v_new ->> tg_argv[5], v_new ->> tg_argv[6], v_new ->> tg_argv[7]),
        case
          when verdict.is_suspect
            then private.redact_credentials(changed.old_values, tg_argv[2]::text[])
          else changed.old_values
        end,
        case
          when verdict.is_suspect
            then private.redact_credentials(changed.new_values, tg_argv[2]::text[])
          else changed.new_values
        end,
        v_context.ip_address,
        v_context.user_agent,
        v_context.correlation_id
      from (
        select
          jsonb_object_agg(entry.key, v_old -> entry.key) as old_values,
          jsonb_object_agg(entry.key, entry.value) as new_values
        from jsonb_each(v_new) as entry
        where entry.value is distinct from v_old -> entry.key
        offset 0
      ) as changed
      cross join lateral (
        select coalesce(
          v_is_suspect,
          changed.old_values::text || changed.new_values::text ~ tg_argv[3]
        ) as is_suspect
        offset 0
      ) as verdict
      where changed.new_values is not null
        and v_new ->> tg_argv[1] is not null
      returning audit_logs.id, audit_logs.organization_id, audit_logs.created_at
    )
    insert into private.audit_unsealed (audit_log_id, organization_id, created_at)
    select written.id, written.organization_id, written.created_at
    from written;

    return null;
  end if;

  -- Both tables hold the rows in the order in which they were written.
  with difference as materialized (
    select
      after.document ->> tg_argv[1] as organization_id,
      concat_ws(
        ':',
        after.document ->> tg_argv[5],
        after.document ->> tg_argv[6],
        after.document ->> tg_argv[7]
      ) as resource_id,
      changed.old_values,
      changed.new_values
    from (
      select row_number() over () as place, to_jsonb(old_rows) - v_ignored as document
      from old_rows
    ) as before
    join (
      select row_number() over () as place, to_jsonb(new_rows) - v_ignored as document
      from new_rows
    ) as after on after.place = before.place
    cross join lateral (
      select
        jsonb_object_agg(entry.key, before.document -> entry.key) as old_values,
        jsonb_object_agg(entry.key, entry.value) as new_values
      from jsonb_each(after.document) as entry
      where entry.value is distinct from before.document -> entry.key
    ) as changed
    where changed.new_values is not null
      and after.document ->> tg_argv[1] is not null
  ), verdict as materialized (
    select coalesce(v_is_suspect, bool_or(chunk.content ~ tg_argv[3])) as is_suspect
    from (
      select
        string_agg(difference.old_values::text || difference.new_values::text, ' ') as content
      from difference
      group by (random() * 100)::integer
    ) as chunk
  ), written as (
    insert into public.audit_logs
      (
        organization_id, actor_type, actor_id, action, resource_type, resource_id, old_values,
        new_values, ip_address, user_agent, correlation_id
      )
    select
      difference.organization_id::uuid,
      v_context.actor_type,
      v_context.actor_id,
      tg_argv[0] || '.updated',
      tg_table_name,
      difference.resource_id,
      case
        when verdict.is_suspect
          then private.redact_credentials(difference.old_values, tg_argv[2]::text[])
        else difference.old_values
      end,
      case
        when verdict.is_suspect
          then private.redact_credentials(difference.new_values, tg_argv[2]::text[])
        else difference.new_values
      end,
      v_context.ip_address,
      v_context.user_agent,
      v_context.correlation_id
    from difference, verdict
    returning audit_logs.id, audit_logs.organization_id, audit_logs.created_at
  )
  insert into private.audit_unsealed (audit_log_id, organization_id, created_at)
  select written.id, written.organization_id, written.created_at
  from written;

  return null;
end;
$$;

comment on function private.audit_update() is
  'Trigger _800_audit_update: writes what a statement changed to audit_logs.';

create function private.audit_delete()
returns trigger
language plpgsql
volatile
security definer -- nobody is granted to insert audit logs
set search_path = ''
as $$
declare
  v_context constant private.audit_context := private.audit_context();
  -- Null is unknown yet: a single row is judged when it is written.
  v_is_suspect boolean := nullif(tg_argv[2] <> '{}', false);
begin
  perform from old_rows offset 1;
  if found and v_is_suspect is null then
    select bool_or(chunk.content ~ tg_argv[3])
    into v_is_suspect
    from (
      select string_agg(old_rows::text, ' ') as content
      from old_rows
      group by (random() * 100)::integer
    ) as chunk;
  end if;

  -- Of an organization that goes nothing stays, so that its rows' going is not written down.
  with written as (
    insert into public.audit_logs
      (
        organization_id, actor_type, actor_id, action, resource_type, resource_id, old_values,
        ip_address, user_agent, correlation_id
      )
    select
      organizations.id,
      v_context.actor_type,
      v_context.actor_id,
      tg_argv[0] || '.deleted',
      tg_table_name,
      concat_ws(
        ':',
        row_of.document ->> tg_argv[5],
        row_of.document ->> tg_argv[6],
        row_of.document ->> tg_argv[7]
      ),
      case
        when coalesce(v_is_suspect, row_of.content ~ tg_argv[3])
          then private.redact_credentials(row_of.document, tg_argv[2]::text[])
        else row_of.document
      end,
      v_context.ip_address,
      v_context.user_agent,
      v_context.correlation_id
    from (
      select
        to_jsonb(old_rows) as document,
        case when v_is_suspect is null then old_rows::text end as content
      from old_rows
      offset 0
    ) as row_of
    join public.organizations
      on organizations.id = (row_of.document ->> tg_argv[1])::uuid
    returning audit_logs.id, audit_logs.organization_id, audit_logs.created_at
  )
  insert into private.audit_unsealed (audit_log_id, organization_id, created_at)
  select written.id, written.organization_id, written.created_at
  from written;

  return null;
end;
$$;

comment on function private.audit_delete() is
  'Trigger _800_audit_delete: writes the rows that a statement deleted to audit_logs.';

-- Has a table's changes written down. Called where the table is made.
create function private.enable_audit(
  p_table regclass,
  p_key text default 'id',
  p_redact text[] default '{}',
  p_ignore text[] default '{}'
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
  v_arguments text;
begin
  v_arguments := (
    select format(
      '%L, %L, %L, %L, %L, %s',
      regexp_replace(regexp_replace(v_name, 'ies$', 'y'), 's$', ''),
      case when v_is_organization then 'id' else 'organization_id' end,
      coalesce(
        array_agg(pg_attribute.attname order by pg_attribute.attnum) filter (
          where pg_attribute.attname = any (p_redact)
          or pg_attribute.attname ~* private.credential_key_pattern()
          and pg_attribute.attname !~* '_ref$'
          and pg_type.typcategory not in ('N', 'B', 'D')
        ),
        '{}'
      ),
      private.suspicion_pattern(bool_or(pg_type.typname in ('json', 'jsonb', '_json', '_jsonb'))),
      array['updated_at'] || p_ignore,
      (
        select string_agg(quote_literal(btrim(part.name)), ', ' order by part.place)
        from string_to_table(p_key, ',') with ordinality as part (name, place)
      )
    )
    from pg_catalog.pg_attribute
    join pg_catalog.pg_type on pg_type.oid = pg_attribute.atttypid
    where pg_attribute.attrelid = p_table
      and pg_attribute.attnum > 0
      and not pg_attribute.attisdropped
  );

  perform private.disable_audit(p_table);

  execute format(
    'create trigger _800_audit_insert after insert on %s referencing new table as new_rows '
    'for each statement execute function private.audit_insert(%s)',
    p_table,
    v_arguments
  );
  execute format(
    'create trigger _800_audit_update after update on %s '
    'referencing old table as old_rows new table as new_rows '
    'for each statement execute function private.audit_update(%s)',
    p_table,
    v_arguments
  );

  -- The logs of an organization go with it, so nobody could read that it went.
  if not v_is_organization then
    execute format(
      'create trigger _800_audit_delete after delete on %s referencing old table as old_rows '
      'for each statement execute function private.audit_delete(%s)',
      p_table,
      v_arguments
    );
  end if;
end;
$$;

comment on function private.enable_audit(regclass, text, text[], text[]) is
  'Has every insert, update and delete of a table written to audit_logs. p_key: the columns of its '
  'key, up to three, with commas between. p_redact: columns whose values are never shown. '
  'p_ignore: columns that follow from others or are the engine''s bookkeeping. Calling it again, '
  'also after the table''s columns changed, begins anew.';

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
      and pg_trigger.tgname like '\_800\_audit\_%'
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
  -- Here and not by constraints of the table, which every audited write would pay for.
  if not coalesce(
    p_action ~ '^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$'
    and p_severity in ('debug', 'info', 'warning', 'error', 'critical'),
    false
  ) then
    raise sqlstate 'PT400' using
      message = format('No audit event is %s of severity %s', p_action, p_severity),
      detail = 'audit_event_invalid',
      hint = 'An action is <noun>.<participle>; see audit_logs.severity.';
  end if;

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
  'Does nothing for an organization that does not exist. Errors: audit_event_invalid.';

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

-- What follows from other rows or is the engine's own bookkeeping is left out. Not audited are
-- ledgers, which are their own record: chat_messages, ai_agent_tasks, agent_task_runs and
-- agent_task_run_steps.
select private.enable_audit('public.organizations');
select private.enable_audit('public.roles');
select private.enable_audit('public.role_permissions', 'role_id, permission_key');
select private.enable_audit('public.organization_members', p_ignore => array['permissions']);
select private.enable_audit('public.organization_quotas', 'organization_id');
select private.enable_audit('public.agents');
select private.enable_audit('public.teams');
select private.enable_audit('public.team_members');
select private.enable_audit('public.workspaces');
select private.enable_audit('public.workspace_members');
select private.enable_audit('public.chat_channels');
select private.enable_audit(
  'public.agent_tasks',
  p_ignore => array[
    'is_multi_step', 'step_count', 'next_run_at', 'last_run_at', 'total_executions',
    'skipped_executions'
  ]
);
select private.enable_audit(
  'public.task_steps',
  p_ignore => array[
    'status', 'execution_result', 'execution_started_at', 'execution_completed_at',
    'execution_duration_ms', 'error_message', 'retry_count'
  ]
);
