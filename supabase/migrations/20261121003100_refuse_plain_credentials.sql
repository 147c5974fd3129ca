-- Plain credentials are refused where configurations are kept: they would be read by everyone who
-- may see the row, and travel with exports and logs. A configuration names a secret instead:
-- {"api_key_ref": "<name or id>"}.

-- What a plain credential looks like, in regular expressions that JavaScript and JSON Schema read
-- alike: types/schemas/configuration/rules.ts holds the same texts with a word on each.
create function private.credential_pattern(p_name text)
returns text
language sql
immutable
security invoker
set search_path = ''
as $$
  select case p_name
    when 'strong_name' then
      '((api|access|private|secret|signing|encryption|decryption|subscription)_?keys?'
      || '|(^|_)(master|account|service|service_?role|shared|auth|admin|hmac'
      || '|openai|anthropic|mistral|gemini|groq|cohere|deepl|stripe|sendgrid|mailgun|resend'
      || '|postmark|twilio|supabase|pinecone|azure|aws|github|gitlab|slack|telegram|google'
      || '|algolia|airtable|notion)_?keys?'
      || '|secret|passwords?|passwd|passphrase|credentials?|(^|_)(pwd|passcode|bearer|mnemonic)'
      || '|seed_?phrase|^(x_|proxy_?)?authorization|^token'
      || '|(access|refresh|auth|api|bearer|bot|session|security|oauth|personal|private)_?tokens?'
      || '|(^|_)(id|app|secret|service|user|webhook|deploy)_?tokens?'
      || '|(smtp|imap|mail|email|db|database|redis|mysql|postgres|ftp|ssh|admin|root|user|auth)'
      || '_?pass)$'
    when 'weak_name' then '_token$'
    when 'harmless_name' then
      '^((show|hide|has|is|use|uses|allow|require|requires|required|enable|disable|ask|prompt|needs'
      || '|forgot|reset|change|no|with|without|include|mask|max|min|num|page|next|previous|prev'
      || '|continuation|sync|stop|start|end|pad|eos|bos|unk|sep|cls|special|cancellation)_'
      || '|.*(client|request|action|purchase|idempotency)_?tokens?$)'
    when 'reference_name' then '_ref$'
    when 'reference' then '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$'
    when 'harmless_value' then
      '^\s*$|^(string|text|varchar|null|none|undefined|basic|bearer|digest|oauth2?|jwt|hmac'
      || '|api[_-]?key|required|optional|include|same-origin|omit)$'
      || '|^((bearer|basic|token)\s+)?(\$\{[A-Za-z0-9_. -]+\}|\{\{[A-Za-z0-9_. -]+\}\}'
      || '|<[A-Za-z _-]+>|\[redacted\]|\*+)$'
      || '|^arn:aws[A-Za-z-]*:[A-Za-z0-9:/_.-]+$|^(~|\.{1,2})?(/[A-Za-z0-9_.-]+){2,}$'
    when 'weak_value' then '^(?=[^0-9]*[0-9])[^\s<>()|{}\[\]]{12,}$'
    when 'shape' then
      '(?<![A-Za-z0-9_-])('
      || 'sk-(proj|ant|or|svcacct|admin|live|test)-[A-Za-z0-9_-]{8,}'
      || '|sk-(?=[A-Za-z]*[0-9])[A-Za-z0-9]{12,}'
      || '|[sr]k_(live|test)_[A-Za-z0-9]{8,}|whsec_[A-Za-z0-9+/]{16,}'
      || '|gh[pousr]_[A-Za-z0-9]{10,}|github_pat_[A-Za-z0-9_]{10,}'
      || '|gl(pat|rt|cbt|dt|ptt|ft|soat)-[A-Za-z0-9_-]{10,}'
      || '|(xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,}'
      || '|(AKIA|ASIA)[0-9A-Z]{16}(?![0-9A-Za-z])'
      || '|AIza[0-9A-Za-z_-]{30,}|(ya29\.|GOCSPX-|1//0)[0-9A-Za-z_-]{20,}'
      || '|(sb_secret_|sbp_)[A-Za-z0-9_-]{8,}'
      || '|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}'
      || '|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|hvs\.[A-Za-z0-9_-]{20,}'
      || '|(npm|hf|gsk|r8|lin_api|ntn|dop_v1)_[A-Za-z0-9]{20,}'
      || '|(pcsk|dckr_pat|glsa)_[A-Za-z0-9_-]{20,}'
      || '|(xai|pplx|nvapi|tvly|xkeysib|PMAK)-[A-Za-z0-9_-]{20,}'
      || '|shp(at|ca|pa|ss)_[A-Fa-f0-9]{20,}'
      || '|(SK|key-|dapi)[0-9a-f]{32}(?![0-9A-Za-z])'
      || '|[0-9]{8,10}:[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])'
      || ')'
      || '|-----BEGIN [A-Z0-9 ]*PRIVATE KEY'
      || '|https://hooks\.slack\.com/services/T[A-Z0-9]+/B[A-Z0-9]+/[A-Za-z0-9]{8,}'
      || '|https://discord(app)?\.com/api/webhooks/[0-9]+/[A-Za-z0-9_-]{8,}'
      || '|[Bb]earer\s+(?=[A-Za-z._~+/-]*[0-9])[A-Za-z0-9._~+/-]{16,}'
      || '|[Bb]asic\s+(?=[A-Za-z/+]*[0-9=])(?=[a-z0-9/+]*[A-Z])[A-Za-z0-9+/]{16,}'
      || '|[A-Za-z][A-Za-z0-9+.-]*://[^/\s:@?#]*:(?![$<{\[*%])[^/\s@?#]+@'
      || '|[?&](api[_-]?key|access[_-]?token|auth[_-]?token|client[_-]?secret|password|secret'
      || '|token|sig)=(?![$<{\[*%:])[^&\s#]{8,}'
    when 'connection_place' then
      '(^|[;\s])(server|host|data source|endpoint|accountname|user id|uid|dbname)\s*='
    when 'connection_password' then
      '(^|[;\s])(password|passwd|pwd|accountkey|sharedaccesskey)\s*=\s*[^\s;&:$<{\[?%*''"]'
  end;
$$;

comment on function private.credential_pattern(text) is
  'One of the regular expressions by which plain credentials are told.';

-- Whether a name matches a pattern, in snake_case or, for APIKey and DBpass, without regard to
-- capitals. Prose is no name.
create function private.is_named_like(p_name text, p_pattern text)
returns boolean
language plpgsql
immutable
security invoker
set search_path = ''
as $$
declare
  v_name constant text := regexp_replace(p_name, '[_.$@:/-]+', '_', 'g');
begin
  return lower(v_name) ~ p_pattern
    or v_name ~ '[A-Z]'
    and lower(
      regexp_replace(
        regexp_replace(v_name, '([a-z0-9])([A-Z])', '\1_\2', 'g'),
        '([A-Z])([A-Z][a-z])', '\1_\2', 'g'
      )
    ) ~ p_pattern;
end;
$$;

comment on function private.is_named_like(text, text) is
  'Whether the name of a setting matches a pattern for snake_case, however it is written.';

-- strong: a text under the name is a credential; weak: when it also looks like one; reference: it
-- must be a name or an id. Null for all other names.
create function private.credential_suspicion(p_name text)
returns text
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  return case
    -- Most names by far: each of the patterns below holds one of these words.
    when p_name ~* 'key|secret|pass|pwd|token|bearer|credential|mnemonic|phrase|authorization'
      is not true
    then null
    when p_name !~ '^[A-Za-z0-9_.$@:/-]{1,100}$' then null
    when private.is_named_like(p_name, private.credential_pattern('harmless_name')) then null
    when private.is_named_like(p_name, private.credential_pattern('reference_name')) then
      case
        when private.is_named_like(
          p_name,
          rtrim(private.credential_pattern('strong_name'), '$')
            || private.credential_pattern('reference_name')
        )
        then 'reference'
      end
    when private.is_named_like(p_name, private.credential_pattern('strong_name')) then 'strong'
    when private.is_named_like(p_name, private.credential_pattern('weak_name')) then 'weak'
  end;
end;
$$;

comment on function private.credential_suspicion(text) is
  'How far a name makes the text under it a credential: strong, weak, reference or null.';

create function private.is_plain_credential(p_text text, p_suspicion text)
returns boolean
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  -- Whatever has a shape holds a long word or an address. To ask for that first is cheaper by far.
  if p_text ~ '[A-Za-z0-9._~+/-]{10}|://|[?&]'
      and p_text ~ private.credential_pattern('shape')
    or p_text ~* private.credential_pattern('connection_password')
      and p_text ~* private.credential_pattern('connection_place')
  then
    return true;
  end if;

  if p_suspicion is null or p_text ~* private.credential_pattern('harmless_value') then
    return false;
  end if;

  return case p_suspicion
    when 'strong' then true
    when 'weak' then p_text ~ private.credential_pattern('weak_value')
    when 'reference' then p_text !~ private.credential_pattern('reference')
  end;
end;
$$;

comment on function private.is_plain_credential(text, text) is
  'Whether a text is a credential, given what its name makes of it.';

create function private.text_at(p_object jsonb, p_key text)
returns text
language sql
immutable
security invoker
set search_path = ''
as $$
  select case when jsonb_typeof(p_object -> p_key) = 'string' then p_object ->> p_key end;
$$;

comment on function private.text_at(jsonb, text) is
  'The text under a key of an object; null when there is none or it is no text.';

-- Where a document first holds a plain credential, as settings.mail[0].api_key; null for nowhere.
-- Never says what it is: a name that is a credential itself shows as [redacted], prose as "…".
create function private.find_plain_credential(p_document jsonb, p_path text)
returns text
language sql
immutable
security invoker
set search_path = ''
as $$
  with recursive nodes (path, suspicion, is_bad_name, value) as (
    select p_path, null::text, false, p_document
    union all
    select child.path, child.suspicion, child.is_bad_name, child.value
    from nodes
    cross join lateral (
      select
        nodes.path || '.' || case
          when named.is_bad then '[redacted]'
          when entry.key ~ '^[A-Za-z0-9_.$@:/-]{1,100}$' then entry.key
          else '…'
        end,
        case
          -- {"user": …, "pass": …} is an account.
          when entry.key = 'pass' and nodes.value ?| array['user', 'username', 'login'] then
            'strong'
          -- {"name": "API_KEY", "value": …} and {"password": {"value": …}} mean their value.
          when entry.key = 'value' then (
            select min(heard.suspicion) -- strong before weak
            from (
              values
                (nodes.suspicion),
                (private.credential_suspicion(private.text_at(nodes.value, 'name'))),
                (private.credential_suspicion(private.text_at(nodes.value, 'key'))),
                (private.credential_suspicion(private.text_at(nodes.value, 'header')))
            ) as heard (suspicion)
            where heard.suspicion in ('strong', 'weak')
          )
          else private.credential_suspicion(entry.key)
        end,
        named.is_bad,
        entry.value
      from jsonb_each(
        case when jsonb_typeof(nodes.value) = 'object' then nodes.value else '{}' end
      ) as entry
      cross join lateral (
        select private.is_plain_credential(entry.key, null)
      ) as named (is_bad)
      union all
      select
        format('%s[%s]', nodes.path, element.place - 1),
        nullif(nodes.suspicion, 'reference'),
        false,
        element.value
      from jsonb_array_elements(
        case when jsonb_typeof(nodes.value) = 'array' then nodes.value else '[]' end
      ) with ordinality as element (value, place)
    ) as child (path, suspicion, is_bad_name, value)
  )
  select nodes.path
  from nodes
  where nodes.is_bad_name
    or jsonb_typeof(nodes.value) = 'string'
    and private.is_plain_credential(nodes.value #>> '{}', nodes.suspicion)
  order by nodes.path collate "C"
  limit 1;
$$;

comment on function private.find_plain_credential(jsonb, text) is
  'Where a document first holds a plain credential; null when it holds none.';

-- Trigger of configurations. Its arguments are their columns. What was there before stays: a row
-- written in other columns is not held to a rule that is younger than it.
create function private.refuse_plain_credentials()
returns trigger
language plpgsql
volatile
security definer -- writers are not granted the helpers
set search_path = ''
as $$
declare
  v_new constant jsonb := to_jsonb(new);
  v_old jsonb := '{}';
  v_column text;
  v_path text;
begin
  if tg_op = 'UPDATE' then
    v_old := to_jsonb(old);
  end if;

  foreach v_column in array tg_argv loop
    if v_new -> v_column is distinct from v_old -> v_column then
      v_path := private.find_plain_credential(v_new -> v_column, v_column);
      if v_path is not null then
        raise sqlstate 'PT400' using
          message = format('There is a plain credential in %s', left(v_path, 500)),
          detail = 'plain_credential',
          hint = 'Keep it with create_organization_secret, and name that secret instead: '
            '{"api_key_ref": "<name or id>"}.';
      end if;
    end if;
  end loop;

  return new;
end;
$$;

comment on function private.refuse_plain_credentials() is
  'Trigger _150_refuse_plain_credentials(columns): refuses credentials in configurations with '
  'PT400 plain_credential, naming where.';

-- Has the columns of a table refuse plain credentials. Called where the table is made; calling it
-- again changes the columns. Empty configurations cost nothing.
create function private.guard_configuration(p_table regclass, variadic p_columns text[])
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  execute format(
    'create or replace trigger _150_refuse_plain_credentials before insert or update of %s on %s '
    'for each row when (%s) execute function private.refuse_plain_credentials(%s)',
    (select string_agg(format('%I', guarded.name), ', ') from unnest(p_columns) as guarded (name)),
    p_table,
    (
      select string_agg(format('new.%I <> %L', guarded.name, '{}'), ' or ')
      from unnest(p_columns) as guarded (name)
    ),
    (select string_agg(format('%L', guarded.name), ', ') from unnest(p_columns) as guarded (name))
  );
end;
$$;

comment on function private.guard_configuration(regclass, text[]) is
  'Has jsonb columns of a table refuse plain credentials.';

select
  private.guard_configuration('public.organizations', 'settings'),
  private.guard_configuration('public.agents', 'config'),
  private.guard_configuration('public.workspaces', 'settings'),
  private.guard_configuration(
    'public.user_preferences', 'notification_settings', 'ui_preferences'
  );

-- The columns that are guarded, of every table.
create function private.guarded_columns()
returns table (table_id regclass, column_name text)
language sql
stable
security invoker
set search_path = ''
as $$
  select pg_trigger.tgrelid::regclass, pg_attribute.attname::text
  from pg_catalog.pg_trigger
  join pg_catalog.pg_attribute
    on pg_attribute.attrelid = pg_trigger.tgrelid
    and pg_attribute.attnum = any (pg_trigger.tgattr::smallint[])
  where pg_trigger.tgfoid = 'private.refuse_plain_credentials()'::regprocedure
    and pg_trigger.tgparentid = 0
  order by pg_trigger.tgrelid::regclass::text, pg_attribute.attname;
$$;

comment on function private.guarded_columns() is
  'The columns of configurations that refuse plain credentials.';

-- Where configurations of an organization name a secret, as "agents.config (<id of the row>)", at
-- most five. p_references are what they may name it by.
create function private.places_of_references(p_organization_id uuid, p_references text[])
returns text[]
language plpgsql
stable
security definer -- looks into rows that the caller may not read
set search_path = ''
as $$
declare
  v_guarded record;
  v_organization_column text;
  v_places text[] := array[]::text[];
  v_found text[];
begin
  for v_guarded in
    select
      guarded.table_id,
      guarded.column_name,
      pg_class.relname,
      array_agg(pg_attribute.attname::text) as columns
    from private.guarded_columns() as guarded
    join pg_catalog.pg_class on pg_class.oid = guarded.table_id
    join pg_catalog.pg_attribute on pg_attribute.attrelid = guarded.table_id
    group by guarded.table_id, guarded.column_name, pg_class.relname
    order by pg_class.relname, guarded.column_name
  loop
    v_organization_column := case
      when v_guarded.table_id = 'public.organizations'::regclass then 'id'
      when 'organization_id' = any (v_guarded.columns) then 'organization_id'
    end;
    continue when v_organization_column is null or not 'id' = any (v_guarded.columns);

    execute format(
      $query$
        select array(
          select format('%%s.%%s (%%s)', %L, %L, holder.id)
          from %s as holder
          where holder.%I = $1
            and exists (
              select
              from jsonb_path_query(
                holder.%I,
                '$.** ? (@.type() == "object").keyvalue() ? (@.key like_regex "_ref$").value'
              ) as reference (value)
              where reference.value #>> '{}' = any ($2)
            )
          order by holder.id
          limit 5
        )
      $query$,
      v_guarded.relname,
      v_guarded.column_name,
      v_guarded.table_id,
      v_organization_column,
      v_guarded.column_name
    )
    into v_found
    using p_organization_id, p_references;

    v_places := v_places || v_found;
    exit when cardinality(v_places) >= 5;
  end loop;

  return v_places[1:5];
end;
$$;

comment on function private.places_of_references(uuid, text[]) is
  'Where configurations of an organization name a secret by one of these references.';

-- A configuration that names a secret would break with it. What is written in the same moment as
-- the secret goes may still name it: resolving it then says what is missing.
create function private.keep_secret_in_use()
returns trigger
language plpgsql
volatile
security definer -- looks into configurations that the caller may not read
set search_path = ''
as $$
declare
  v_places text[];
begin
  -- The organization goes, and its configurations with it.
  if not exists (
    select from public.organizations where organizations.id = old.organization_id
  ) then
    return old;
  end if;

  v_places := private.places_of_references(
    old.organization_id,
    case tg_op when 'DELETE' then array[old.name, old.id::text] else array[old.name] end
  );

  if cardinality(v_places) > 0 then
    raise sqlstate 'PT409' using
      message = format(
        'The secret "%s" is in use: %s', old.name, array_to_string(v_places, ', ')
      ),
      detail = 'secret_in_use',
      hint = case tg_op
        when 'DELETE' then 'Let these configurations name another secret first.'
        else 'Let these configurations name it by its id first.'
      end;
  end if;

  return coalesce(new, old);
end;
$$;

comment on function private.keep_secret_in_use() is
  'Trigger: refuses to delete or rename a secret that configurations name, with PT409 '
  'secret_in_use, unless the organization goes too.';

create trigger _300_keep_secret_in_use
  before delete on public.organization_secrets
  for each row
  execute function private.keep_secret_in_use();

create trigger _310_keep_name_in_use
  before update of name on public.organization_secrets
  for each row
  when (old.name <> new.name)
  execute function private.keep_secret_in_use();
