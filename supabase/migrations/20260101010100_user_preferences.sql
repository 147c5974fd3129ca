-- User preferences: settings of one person, seen by nobody else.
-- Signing up makes the row; 20260101020000_organizations.sql adds the organization one works in.

create table public.user_preferences (
  user_id uuid primary key references public.profiles (id) on delete cascade,
  theme text not null default 'light',
  timezone text not null default 'UTC',
  notification_settings jsonb not null default '{}',
  ui_preferences jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint user_preferences_theme_check check (theme in ('light', 'dark', 'system')),
  constraint user_preferences_notification_settings_check check (
    jsonb_typeof(notification_settings) = 'object'
  ),
  constraint user_preferences_ui_preferences_check check (jsonb_typeof(ui_preferences) = 'object')
);

comment on table public.user_preferences is 'The settings of one person, seen by nobody else.';
comment on column public.user_preferences.timezone is 'An IANA time zone, such as Europe/Berlin.';

-- A trigger, not a check: the list of time zones changes under a row that was right when written.
create function private.check_timezone()
returns trigger
language plpgsql
volatile
security definer -- writers need no right to the helper
set search_path = ''
as $$
begin
  perform private.assert_timezone(new.timezone);
  return new;
end;
$$;

comment on function private.check_timezone() is
  'Trigger: refuses a row whose timezone is not an IANA time zone with PT400 timezone_unknown.';

create trigger _100_check_timezone
  before insert or update of timezone on public.user_preferences
  for each row
  when (new.timezone <> 'UTC')
  execute function private.check_timezone();

create trigger _900_touch_updated_at
  before update on public.user_preferences
  for each row
  execute function private.touch_updated_at();

alter table public.user_preferences enable row level security;

create policy select_self on public.user_preferences
  for select
  to authenticated
  using (user_id = (select auth.uid()));

create policy update_self on public.user_preferences
  for update
  to authenticated
  using (user_id = (select auth.uid()))
  with check (user_id = (select auth.uid()));

grant select on public.user_preferences to authenticated;
grant update (theme, timezone, notification_settings, ui_preferences)
  on public.user_preferences to authenticated;
grant select, insert, update, delete on public.user_preferences to service_role;
-- No insert and no delete for people: preferences come and go with their user.
