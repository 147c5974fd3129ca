-- Profiles: what people in a shared organization see of each other.
-- Signing up makes the row (20260101020500_sign_up.sql); deleting the user removes it.
-- Columns elsewhere that name a person point here, so a client can embed the name and the picture.

create table public.profiles (
  id uuid primary key references auth.users (id) on delete cascade,
  full_name text,
  avatar_url text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint profiles_full_name_check check (char_length(full_name) between 1 and 200),
  -- It ends up in an img element, so no other scheme.
  constraint profiles_avatar_url_check check (
    avatar_url ~* '^https?://' and char_length(avatar_url) <= 2048
  )
);

comment on table public.profiles is 'A person, as others in their organizations see them.';
comment on column public.profiles.id is 'The id of the user in auth.users.';

create trigger _900_touch_updated_at
  before update on public.profiles
  for each row
  execute function private.touch_updated_at();

alter table public.profiles enable row level security;

create policy update_self on public.profiles
  for update
  to authenticated
  using (id = (select auth.uid()))
  with check (id = (select auth.uid()));
-- select_fellow, which reads memberships, is in 20260101020300_organization_members.sql.

grant select on public.profiles to authenticated;
grant update (full_name, avatar_url) on public.profiles to authenticated;
grant select, insert, update, delete on public.profiles to service_role;
-- No insert and no delete for people: a profile comes and goes with its user.
