-- design: no configuration holds a plain credential. Each jsonb column that is named like one refuses
-- them, or is listed here with its reason.
begin;
select plan(6);

create function tests.violations() returns setof text language sql stable as $$
  with listed (column_title) as (
    values
      ('public.chat_messages.metadata'), -- what people say and how it came about; no setting
      ('public.media_chunks.metadata'), -- what files say, with columns called anything; no setting
      ('public.industry_templates.settings') -- a catalogue that migrations alone write
  )
  select our_columns.title || ' takes plain credentials'
  from tests.our_columns
  where our_columns.type_name = 'jsonb'
    and our_columns.column_name ~ (
      '(^|_)(config|configuration|settings|preferences|options|parameters|params|headers|env'
      || '|environment|variables|metadata|connection|endpoint|endpoints|auth|defaults)(_|$)'
    )
    and our_columns.title not in (select listed.column_title from listed)
    and not exists (
      select
      from private.guarded_columns() as guarded
      where guarded.table_id = our_columns.table_oid
        and guarded.column_name = our_columns.column_name
    )
$$;

select is_empty('select tests.violations()', 'configurations refuse plain credentials');

create table public.planted (
  id uuid primary key,
  config jsonb not null default '{}',
  api_auth_config jsonb not null default '{}',
  ui_settings jsonb,
  configured_at timestamptz,
  payload jsonb
);
select ok('public.planted.config takes plain credentials' in (select tests.violations()), 'a configuration is reported');
select ok('public.planted.api_auth_config takes plain credentials' in (select tests.violations()), 'also one with a longer name');

select private.guard_configuration('public.planted', 'config', 'ui_settings');
select ok('public.planted.config takes plain credentials' not in (select tests.violations()), 'a guarded one is fine');
select ok('public.planted.api_auth_config takes plain credentials' in (select tests.violations()), 'one beside it is not');
select ok(not exists (select from tests.violations() as v where v ~ 'planted\.(configured_at|payload|ui_settings)'), 'other columns are fine');

select * from finish();
rollback;
