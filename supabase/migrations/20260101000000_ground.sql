-- Ground: the schemas, what new objects grant to whom (nothing), and the triggers every table
-- shares.
--
-- Supabase grants everything that appears in public to its API roles. Here a grant is a decision,
-- so the defaults are taken back once, and every table and function names its own.

create schema if not exists extensions;
create schema private;
create schema agent_data;

comment on schema private is 'Helpers, guards and the job queue. Never exposed by the API.';
comment on schema agent_data is 'Tables that agents bring along. Exposed by the API.';

alter default privileges in schema public
  revoke all on tables from anon, authenticated, service_role;
alter default privileges in schema public
  revoke all on sequences from anon, authenticated, service_role;
alter default privileges in schema public
  revoke all on functions from anon, authenticated, service_role;

-- Execute for public is built in, not a grant on a schema, so it can only be taken back everywhere.
-- Extensions get it back: theirs are written to be called by anyone.
alter default privileges revoke execute on functions from public;
alter default privileges in schema extensions grant execute on functions to public;

-- Policies and invoker functions call helpers in private, so callers need to find them.
grant usage on schema private to anon, authenticated, service_role;
grant usage on schema agent_data to authenticated, service_role;

-- Keeps updated_at. Whoever writes a row cannot choose the time.
create function private.touch_updated_at()
returns trigger
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  new.updated_at := now();
  return new;
end;
$$;

comment on function private.touch_updated_at() is
  'Trigger _900_touch_updated_at: sets updated_at to the time of the transaction.';

-- Fills organization_id of a child from its parent: inherit_organization('public.teams',
-- 'team_id'). An unknown parent leaves it null, which policies refuse as they refuse a foreign one,
-- so the two cannot be told apart. A composite foreign key holds the child to that organization.
create function private.inherit_organization()
returns trigger
language plpgsql
volatile
security definer -- the writer may not see the parent; the policies judge the filled row
set search_path = ''
as $$
begin
  execute format(
    'select parent.organization_id from %s as parent where parent.id = ($1).%I',
    tg_argv[0]::regclass,
    tg_argv[1]
  )
  into new.organization_id
  using new;

  return new;
end;
$$;

comment on function private.inherit_organization() is
  'Trigger _050_inherit_organization(parent table, foreign key column): fills a missing '
  'organization_id from the parent row.';
