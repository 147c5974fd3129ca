-- Searching audit logs: filters, words and pages. Writers pay nothing for it: what a row is found
-- by is written down when the row is sealed, and what is not sealed yet is read as it is.

-- Words and filters alike are lexemes of one document, so one index answers every combination of
-- them, within the organization.
create table private.audit_documents (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  created_at timestamptz not null,
  audit_log_id bigint not null,
  document tsvector not null,

  constraint audit_documents_pkey primary key (organization_id, created_at, audit_log_id)
);

comment on table private.audit_documents is 'What sealed audit logs are found by.';

create index audit_documents_document_idx on private.audit_documents using gin (document);

-- The lexeme of a filter. A digest, because values may be longer than a lexeme and hold anything;
-- of 64 bits, because the index keeps eight for each row.
create function private.audit_facet(p_field text, p_value text)
returns text
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  return left(md5(p_field || '=' || p_value), 16);
end;
$$;

-- The words of old or new values: keys, texts and numbers. What is very long is cut, so that no
-- value is too long to be sealed.
create function private.audit_words(p_values jsonb)
returns tsvector
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  return case
    when p_values is null then ''
    when char_length(p_values::text) > 50000 then to_tsvector('simple', left(p_values::text, 50000))
    else jsonb_to_tsvector('simple', p_values, '["key", "string", "numeric"]')
  end;
end;
$$;

create function private.audit_document(p_log public.audit_logs)
returns tsvector
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  return
    array_to_tsvector(array_remove(array[
      private.audit_facet('organization', p_log.organization_id::text),
      private.audit_facet('actor', p_log.actor_id::text),
      private.audit_facet('actor_type', p_log.actor_type),
      private.audit_facet('action', p_log.action),
      private.audit_facet('resource_type', p_log.resource_type),
      private.audit_facet('resource', p_log.resource_id),
      private.audit_facet('severity', p_log.severity),
      private.audit_facet('correlation', p_log.correlation_id)
    ], null))
    || to_tsvector('simple', left(concat_ws(
      ' ', translate(p_log.action, '._', '  '), translate(p_log.resource_type, '_', ' '),
      p_log.resource_id, p_log.correlation_id, p_log.ip_address::text, p_log.user_agent
    ), 50000))
    || private.audit_words(p_log.old_values)
    || private.audit_words(p_log.new_values);
end;
$$;

comment on function private.audit_document(public.audit_logs) is
  'What an audit log is found by: its words, and a lexeme for each value that can be filtered for.';

-- What leaves the queue of the unsealed was sealed.
create function private.index_audit_logs()
returns trigger
language plpgsql
volatile
security definer -- the table is private
set search_path = ''
as $$
begin
  insert into private.audit_documents (organization_id, created_at, audit_log_id, document)
  select
    sealed.organization_id,
    sealed.created_at,
    sealed.audit_log_id,
    log.document
  from sealed
  -- The limit keeps it a look-up by key for each row, however large the logs are.
  cross join lateral (
    select private.audit_document(audit_logs) as document
    from public.audit_logs
    where audit_logs.organization_id = sealed.organization_id
      and audit_logs.created_at = sealed.created_at
      and audit_logs.id = sealed.audit_log_id
    limit 1
  ) as log
  -- Of an organization that goes, rows leave the queue unsealed.
  where exists (select from public.organizations where organizations.id = sealed.organization_id)
  on conflict do nothing;

  return null;
end;
$$;

comment on function private.index_audit_logs() is
  'Trigger: writes down what sealed audit logs are found by.';

create trigger _500_index_audit_logs
  after delete on private.audit_unsealed
  referencing old table as sealed
  for each statement
  execute function private.index_audit_logs();

-- Rows that were sealed before this table.
insert into private.audit_documents (organization_id, created_at, audit_log_id, document)
select
  audit_logs.organization_id,
  audit_logs.created_at,
  audit_logs.id,
  private.audit_document(audit_logs)
from public.audit_logs
where exists (select from public.organizations where organizations.id = audit_logs.organization_id)
  and not exists (
    select
    from private.audit_unsealed
    where audit_unsealed.organization_id = audit_logs.organization_id
      and audit_unsealed.audit_log_id = audit_logs.id
  );

-- Where a page ends: the row's time in microseconds, and its id.
create function private.audit_cursor(p_created_at timestamptz, p_id bigint)
returns text
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  return format('%s_%s', (extract(epoch from p_created_at) * 1000000)::bigint, p_id);
end;
$$;

create function private.search_audit_logs(
  p_organization_id uuid,
  p_query text default null,
  p_actor_id uuid default null,
  p_actor_type text default null,
  p_action text default null,
  p_resource_type text default null,
  p_resource_id text default null,
  p_severity text default null,
  p_correlation_id text default null,
  p_from timestamptz default null,
  p_to timestamptz default null,
  p_limit integer default 50,
  p_cursor text default null
)
returns table (
  id bigint,
  organization_id uuid,
  actor_type text,
  actor_id uuid,
  action text,
  resource_type text,
  resource_id text,
  old_values jsonb,
  new_values jsonb,
  severity text,
  ip_address inet,
  user_agent text,
  correlation_id text,
  created_at timestamptz,
  cursor text
)
language plpgsql
stable
security definer -- what rows are found by is private; the permission is checked first
set search_path = ''
as $$
declare
  v_place constant text[] := regexp_match(p_cursor, '^(-?\d{1,18})_(\d{1,18})$');
  v_from constant timestamptz := coalesce(p_from, '-infinity');
  v_to timestamptz := coalesce(p_to, 'infinity');
  v_id bigint := 0;
  v_facets text[];
  v_facet text;
  v_query tsquery;
begin
  perform private.require_audit_permission(p_organization_id, array['audit.read']);

  if p_limit is null or p_limit not between 1 and 1000 then
    raise sqlstate 'PT400' using
      message = 'Cannot answer that many audit logs at once',
      detail = 'limit_invalid',
      hint = 'Ask for 1 to 1000, and for the next page with the cursor of the last row.';
  end if;

  if p_cursor is not null then
    if v_place is null then
      raise sqlstate 'PT400' using
        message = 'Cannot read on from that cursor',
        detail = 'cursor_invalid',
        hint = 'Give the cursor of a row that this search answered before.';
    end if;
    -- What follows is older, or as old with a smaller id.
    if timestamptz 'epoch' + v_place[1]::bigint * interval '1 microsecond' < v_to then
      v_to := timestamptz 'epoch' + v_place[1]::bigint * interval '1 microsecond';
      v_id := v_place[2]::bigint;
    end if;
  end if;

  if btrim(p_query) <> '' then
    v_query := websearch_to_tsquery('simple', left(p_query, 1000));
    -- A text without a word is found nowhere.
    if numnode(v_query) = 0 then
      return;
    end if;
  end if;

  v_facets := array_remove(array[
    private.audit_facet('actor', p_actor_id::text),
    private.audit_facet('actor_type', p_actor_type),
    private.audit_facet('action', p_action),
    private.audit_facet('resource_type', p_resource_type),
    private.audit_facet('resource', p_resource_id),
    private.audit_facet('severity', p_severity),
    private.audit_facet('correlation', p_correlation_id)
  ], null);

  -- Executed as texts, so that each search is planned for its own values: a rare word is looked up,
  -- a frequent one is met soon enough on the way back through time.
  if cardinality(v_facets) = 0 and v_query is null then
    return query execute $query$
      select
        audit_logs.id, audit_logs.organization_id, audit_logs.actor_type, audit_logs.actor_id,
        audit_logs.action, audit_logs.resource_type, audit_logs.resource_id, audit_logs.old_values,
        audit_logs.new_values, audit_logs.severity, audit_logs.ip_address, audit_logs.user_agent,
        audit_logs.correlation_id, audit_logs.created_at,
        private.audit_cursor(audit_logs.created_at, audit_logs.id)
      from public.audit_logs
      where audit_logs.organization_id = $1
        and audit_logs.created_at >= $2
        and (audit_logs.created_at, audit_logs.id) < ($3, $4)
      order by audit_logs.created_at desc, audit_logs.id desc
      limit $5
    $query$
    using p_organization_id, v_from, v_to, v_id, p_limit;
    return;
  end if;

  v_facets := v_facets || private.audit_facet('organization', p_organization_id::text);
  for v_facet in select quote_literal(facet.lexeme) from unnest(v_facets) as facet (lexeme) loop
    v_query := coalesce(v_query && v_facet::tsquery, v_facet::tsquery);
  end loop;

  return query execute $query$
    select
      audit_logs.id, audit_logs.organization_id, audit_logs.actor_type, audit_logs.actor_id,
      audit_logs.action, audit_logs.resource_type, audit_logs.resource_id, audit_logs.old_values,
      audit_logs.new_values, audit_logs.severity, audit_logs.ip_address, audit_logs.user_agent,
      audit_logs.correlation_id, audit_logs.created_at,
      private.audit_cursor(audit_logs.created_at, audit_logs.id)
    from (
      (
        select audit_documents.audit_log_id, audit_documents.created_at
        from private.audit_documents
        where audit_documents.organization_id = $1
          and audit_documents.document @@ $6
          and audit_documents.created_at >= $2
          and (audit_documents.created_at, audit_documents.audit_log_id) < ($3, $4)
        order by audit_documents.created_at desc, audit_documents.audit_log_id desc
        limit $5
      )
      union all
      (
        select audit_unsealed.audit_log_id, audit_unsealed.created_at
        from private.audit_unsealed
        cross join lateral (
          select private.audit_document(audit_logs) as document
          from public.audit_logs
          where audit_logs.organization_id = audit_unsealed.organization_id
            and audit_logs.created_at = audit_unsealed.created_at
            and audit_logs.id = audit_unsealed.audit_log_id
          limit 1
        ) as log
        where audit_unsealed.organization_id = $1
          and audit_unsealed.created_at >= $2
          and (audit_unsealed.created_at, audit_unsealed.audit_log_id) < ($3, $4)
          and log.document @@ $6
      )
    ) as found
    join public.audit_logs
      on audit_logs.organization_id = $1
      and audit_logs.created_at = found.created_at
      and audit_logs.id = found.audit_log_id
    order by audit_logs.created_at desc, audit_logs.id desc
    limit $5
  $query$
  using p_organization_id, v_from, v_to, v_id, p_limit, v_query;
end;
$$;

-- Whoever takes the audit trail along is written down before the first row goes out. Returns the
-- slug of the organization, for the name of a file.
create function private.begin_audit_export(
  p_organization_id uuid,
  p_format text,
  p_filters jsonb default '{}'
)
returns text
language plpgsql
volatile
security definer -- nobody is granted to insert audit logs
set search_path = ''
as $$
begin
  perform private.require_audit_permission(
    p_organization_id, array['audit.read', 'audit.export']
  );

  if p_format is null or p_format not in ('csv', 'ndjson') then
    raise sqlstate 'PT400' using
      message = 'Cannot export audit logs in that format',
      detail = 'format_invalid',
      hint = 'Choose csv or ndjson.';
  end if;

  if jsonb_typeof(p_filters) is distinct from 'object' or pg_column_size(p_filters) > 10000 then
    raise sqlstate 'PT400' using
      message = 'Cannot export audit logs by these filters',
      detail = 'filters_invalid',
      hint = 'Give the filters of search_audit_logs as an object.';
  end if;

  perform private.record_audit_event(
    p_organization_id,
    'audit.exported',
    'audit_logs',
    null,
    jsonb_build_object('format', p_format, 'filters', p_filters),
    'warning'
  );

  return (
    select organizations.slug from public.organizations where organizations.id = p_organization_id
  );
end;
$$;

create function public.search_audit_logs(
  p_organization_id uuid,
  p_query text default null,
  p_actor_id uuid default null,
  p_actor_type text default null,
  p_action text default null,
  p_resource_type text default null,
  p_resource_id text default null,
  p_severity text default null,
  p_correlation_id text default null,
  p_from timestamptz default null,
  p_to timestamptz default null,
  p_limit integer default 50,
  p_cursor text default null
)
returns table (
  id bigint,
  organization_id uuid,
  actor_type text,
  actor_id uuid,
  action text,
  resource_type text,
  resource_id text,
  old_values jsonb,
  new_values jsonb,
  severity text,
  ip_address inet,
  user_agent text,
  correlation_id text,
  created_at timestamptz,
  cursor text
)
language sql
stable
security invoker
set search_path = ''
as $$
  select *
  from private.search_audit_logs(
    p_organization_id, p_query, p_actor_id, p_actor_type, p_action, p_resource_type, p_resource_id,
    p_severity, p_correlation_id, p_from, p_to, p_limit, p_cursor
  );
$$;

create function public.begin_audit_export(
  p_organization_id uuid,
  p_format text,
  p_filters jsonb default '{}'
)
returns text
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.begin_audit_export(p_organization_id, p_format, p_filters);
$$;

comment on function public.search_audit_logs(
  uuid, text, uuid, text, text, text, text, text, text, timestamptz, timestamptz, integer, text
) is
  'Audit logs of an organization, newest first. p_query: words, "phrases", or, -without. p_from is '
  'included, p_to is not. Each row has a cursor: with the last row''s, the next page is answered. '
  'p_limit: 1-1000. Needs audit.read. Errors: permission_denied, limit_invalid, cursor_invalid.';
comment on function public.begin_audit_export(uuid, text, jsonb) is
  'Writes down that the caller exports audit logs (p_format: csv or ndjson), and returns the slug '
  'of the organization. Needs audit.read and audit.export. Errors: permission_denied, '
  'format_invalid, filters_invalid.';

grant execute on function
  private.search_audit_logs(
    uuid, text, uuid, text, text, text, text, text, text, timestamptz, timestamptz, integer, text
  ),
  private.begin_audit_export(uuid, text, jsonb),
  public.search_audit_logs(
    uuid, text, uuid, text, text, text, text, text, text, timestamptz, timestamptz, integer, text
  ),
  public.begin_audit_export(uuid, text, jsonb)
to authenticated, service_role;
