-- Invitations: somebody is asked, by their address, to join an organization in a role. Nobody
-- becomes a member without saying yes, and nobody says yes for another: an answer counts only from
-- a user whose confirmed address is the invited one. The token of the link is shown once; only its
-- hash is kept, apart from the invitation, so that no reader of the table comes near it.
--
-- An invitation is the word of whoever made it: at the moment of acceptance the inviter must still
-- be able to give that role. Sending it again makes the sender the inviter.
--
-- A personal organization is not shared: it goes with its user, and takes along whatever others
-- would have put into it.

create table public.organization_invitations (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  email text not null,
  -- What is offered goes with the role; delete_role() can put another in its place.
  role_id uuid not null references public.roles (id) on delete cascade,
  status text not null default 'pending',
  invited_by_user_id uuid references public.profiles (id) on delete set null,
  accepted_by_user_id uuid references public.profiles (id) on delete set null,
  expires_at timestamptz not null default now() + interval '7 days',
  sent_at timestamptz not null default now(),
  responded_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint organization_invitations_status_check check (
    status in ('pending', 'accepted', 'declined', 'revoked', 'expired')
  ),
  -- One address and nothing else, as it stands in a header and in an envelope.
  constraint organization_invitations_email_check check (
    email = lower(email)
    and char_length(email) <= 320
    and email ~ '^[^[:space:][:cntrl:]@<>()\[\]\\,;:"]{1,64}@([a-z0-9-]+\.)+[a-z0-9-]{2,63}$'
  ),
  constraint organization_invitations_responded_at_check check (
    (status in ('accepted', 'declined')) = (responded_at is not null)
  ),
  constraint organization_invitations_accepted_by_user_id_check check (
    status = 'accepted' or accepted_by_user_id is null
  )
);

comment on table public.organization_invitations is
  'Somebody is asked, by their address, to join an organization in a role.';
comment on column public.organization_invitations.email is 'Lowercase, as Auth keeps addresses.';
comment on column public.organization_invitations.status is
  'pending until answered, revoked, or expired; past expires_at a pending one counts as expired.';
comment on column public.organization_invitations.invited_by_user_id is
  'Whose word it is: who made it or sent it again last. Without them it cannot be accepted.';
comment on column public.organization_invitations.sent_at is
  'When its present token was made. The next can be made a minute later.';
comment on column public.organization_invitations.responded_at is
  'When it was accepted or declined.';

create unique index organization_invitations_organization_id_email_key
  on public.organization_invitations (organization_id, email)
  where status = 'pending';
create index organization_invitations_organization_id_created_at_id_idx
  on public.organization_invitations (organization_id, created_at desc, id desc);
create index organization_invitations_email_idx on public.organization_invitations (email);
create index organization_invitations_role_id_idx on public.organization_invitations (role_id);
create index organization_invitations_invited_by_user_id_sent_at_idx
  on public.organization_invitations (invited_by_user_id, sent_at)
  where invited_by_user_id is not null;
create index organization_invitations_accepted_by_user_id_idx
  on public.organization_invitations (accepted_by_user_id)
  where accepted_by_user_id is not null;
create index organization_invitations_expires_at_idx
  on public.organization_invitations (expires_at)
  where status = 'pending';

create table private.invitation_tokens (
  invitation_id uuid primary key
    references public.organization_invitations (id) on delete cascade,
  token_hash bytea not null,

  constraint invitation_tokens_token_hash_key unique (token_hash)
);

comment on table private.invitation_tokens is
  'The hash (SHA-256) of the token in an invitation''s link.';

-- Foreign keys cannot say "of this organization or of the system".
create function private.check_invitation_role()
returns trigger
language plpgsql
volatile
security definer -- reads roles that the writer may not read
set search_path = ''
as $$
begin
  if not exists (
    select
    from public.roles
    where roles.id = new.role_id
      and (roles.organization_id is null or roles.organization_id = new.organization_id)
  ) then
    raise sqlstate 'PT404' using
      message = 'No such role in this organization',
      detail = 'role_not_found',
      hint = 'Take the id of a role of the system or of this organization.';
  end if;

  return new;
end;
$$;

comment on function private.check_invitation_role() is
  'Trigger: refuses the role of another organization with PT404 role_not_found.';

create trigger _100_check_role
  before insert or update of organization_id, role_id on public.organization_invitations
  for each row
  execute function private.check_invitation_role();

create trigger _900_touch_updated_at
  before update on public.organization_invitations
  for each row
  execute function private.touch_updated_at();

select private.enable_audit('public.organization_invitations');

alter table public.organization_invitations enable row level security;

-- Not for everyone who sees members: an address belongs to someone who has not agreed to anything.
-- The invited ask my_invitations().
create policy select_inviter on public.organization_invitations
  for select
  to authenticated
  using (organization_id = any ((select private.organizations_with('members.invite'))::uuid[]));

grant select on public.organization_invitations to authenticated;
grant select, insert, update, delete on public.organization_invitations to service_role;
-- No write for people: an invitation is made with its token, and moves by the functions below.

-- What every definer function here asks first. A stranger and a member without the permission get
-- the same answer, also for an organization that is not there.
create function private.require_permission(p_organization_id uuid, p_permission text)
returns void
language plpgsql
stable
security definer -- memberships are read past their own policies
set search_path = ''
as $$
begin
  if not p_permission = any (private.permissions_in(p_organization_id)) then
    raise sqlstate 'PT403' using
      message = 'You may not do that in this organization',
      detail = 'permission_denied',
      hint = format('It takes the permission %s.', p_permission);
  end if;
end;
$$;

comment on function private.require_permission(uuid, text) is
  'Raises PT403 permission_denied unless the caller is an active member who holds the permission.';

-- The ceiling: no one lends or touches more than they hold. The guard triggers say the same to
-- those who write the tables directly.
create function private.require_ceiling(p_organization_id uuid, p_permissions text[])
returns void
language plpgsql
stable
security definer -- memberships are read past their own policies
set search_path = ''
as $$
begin
  if not p_permissions <@ private.permissions_in(p_organization_id) then
    raise sqlstate 'PT403' using
      message = 'That goes beyond the permissions you hold',
      detail = 'exceeds_own_permissions',
      hint = 'Ask someone who holds all of the permissions concerned.';
  end if;
end;
$$;

comment on function private.require_ceiling(uuid, text[]) is
  'Raises PT403 exceeds_own_permissions unless the caller holds all of these permissions.';

-- Held until the end of the transaction. Roles are locked before the rows that point to them,
-- everywhere, so that nobody waits in a circle.
create function private.require_role(p_organization_id uuid, p_role_id uuid)
returns public.roles
language plpgsql
volatile
security definer -- reads roles that the caller may not read
set search_path = ''
as $$
declare
  v_role public.roles;
begin
  select roles.*
  into v_role
  from public.roles
  where roles.id = p_role_id
    and (roles.organization_id is null or roles.organization_id = p_organization_id)
  for share;

  if v_role.id is null then
    raise sqlstate 'PT404' using
      message = 'No such role in this organization',
      detail = 'role_not_found',
      hint = 'Take the id of a role of the system or of this organization.';
  end if;

  return v_role;
end;
$$;

comment on function private.require_role(uuid, uuid) is
  'The role, locked against change, if the organization can give it; else PT404 role_not_found.';

-- The address of the caller, as far as they proved that it is theirs. Where a project has turned
-- Auth's confirmations off, every address counts as proven.
create function private.verified_email()
returns text
language plpgsql
stable
security definer -- API roles cannot read auth.users
set search_path = ''
as $$
begin
  return (
    select lower(users.email)
    from auth.users
    where users.id = auth.uid()
      and users.email_confirmed_at is not null
  );
end;
$$;

comment on function private.verified_email() is
  'The confirmed address of the caller, lowercase, or null.';

-- What is shown of an invitation to those it concerns, with the names that a mail needs.
create function private.describe_invitation(p_invitation public.organization_invitations)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select jsonb_build_object(
    'id', p_invitation.id,
    'organization_id', p_invitation.organization_id,
    'organization_name', (
      select organizations.name
      from public.organizations
      where organizations.id = p_invitation.organization_id
    ),
    'email', p_invitation.email,
    'role_id', p_invitation.role_id,
    'role_name', (
      select roles.display_name from public.roles where roles.id = p_invitation.role_id
    ),
    'status', p_invitation.status,
    'invited_by_user_id', p_invitation.invited_by_user_id,
    'invited_by_name', (
      select profiles.full_name
      from public.profiles
      where profiles.id = p_invitation.invited_by_user_id
    ),
    'expires_at', p_invitation.expires_at,
    'sent_at', p_invitation.sent_at,
    'created_at', p_invitation.created_at
  );
$$;

-- 256 random bits as base64url. Whatever token the invitation had is worth nothing from now on.
create function private.make_invitation_token(p_invitation_id uuid)
returns text
language plpgsql
volatile
security definer -- nobody is granted to write tokens
set search_path = ''
as $$
declare
  v_token constant text := translate(
    rtrim(encode(extensions.gen_random_bytes(32), 'base64'), '='), '+/', '-_'
  );
begin
  insert into private.invitation_tokens (invitation_id, token_hash)
  values (p_invitation_id, sha256(convert_to(v_token, 'UTF8')))
  on conflict (invitation_id) do update
  set token_hash = excluded.token_hash;

  return v_token;
end;
$$;

comment on function private.make_invitation_token(uuid) is
  'Gives an invitation a new token and returns it, the only time it is seen.';

-- Whether the caller may ask this address into this role, now.
create function private.require_invitable(p_organization_id uuid, p_email text, p_role_id uuid)
returns void
language plpgsql
volatile
security definer -- reads roles, memberships and addresses that the caller may not read
set search_path = ''
as $$
declare
  v_recent_count integer;
  v_oldest timestamptz;
begin
  perform private.require_permission(p_organization_id, 'members.invite');

  if exists (
    select
    from public.organizations
    where organizations.id = p_organization_id
      and organizations.is_personal
  ) then
    raise sqlstate 'PT409' using
      message = 'Nobody can be invited into a personal organization',
      detail = 'personal_organization',
      hint = 'Create an organization to share.';
  end if;

  perform private.require_role(p_organization_id, p_role_id);
  perform private.require_ceiling(p_organization_id, private.permissions_of_role(p_role_id));

  -- Tells of members alone, whom the caller sees anyway; whether a stranger has an account is
  -- nowhere told.
  if exists (
    select
    from public.organization_members
    join auth.users on users.id = organization_members.user_id
    where organization_members.organization_id = p_organization_id
      and lower(users.email) = p_email
  ) then
    raise sqlstate 'PT409' using
      message = 'That person belongs to the organization already',
      detail = 'already_member',
      hint = 'Change their role, or make them active again if they are suspended.';
  end if;

  -- A mail to strangers, with a name in it that the sender chose, is what spammers look for.
  select count(*), min(recent.sent_at)
  into v_recent_count, v_oldest
  from (
    select organization_invitations.sent_at
    from public.organization_invitations
    where organization_invitations.invited_by_user_id = auth.uid()
      and organization_invitations.sent_at > now() - interval '1 hour'
    order by organization_invitations.sent_at desc
    limit 100
  ) as recent;

  if v_recent_count >= 100 then
    raise sqlstate 'PT429' using
      message = 'You sent 100 invitations within an hour',
      detail = 'too_many_invitations',
      hint = format(
        'Try again in %s seconds.',
        ceil(extract(epoch from v_oldest + interval '1 hour' - now()))
      );
  end if;
end;
$$;

comment on function private.require_invitable(uuid, text, uuid) is
  'Raises permission_denied, personal_organization, role_not_found, exceeds_own_permissions, '
  'already_member or too_many_invitations.';

create function private.invite_member(
  p_organization_id uuid,
  p_email text,
  p_role_id uuid,
  p_expires_in_days integer
)
returns jsonb
language plpgsql
volatile
security definer -- nobody is granted to insert invitations
set search_path = ''
as $$
declare
  v_email constant text := coalesce(lower(btrim(p_email)), '');
  v_invitation public.organization_invitations;
  v_constraint text;
begin
  perform private.require_invitable(p_organization_id, v_email, p_role_id);

  if p_expires_in_days between 1 and 90 is not true then
    raise sqlstate 'PT400' using
      message = 'An invitation holds for 1 to 90 days',
      detail = 'invitation_expiry_invalid',
      hint = 'Leave p_expires_in_days out for 7 days.';
  end if;

  update public.organization_invitations
  set status = 'expired'
  where organization_invitations.organization_id = p_organization_id
    and organization_invitations.email = v_email
    and organization_invitations.status = 'pending'
    and organization_invitations.expires_at <= now();

  insert into public.organization_invitations
    (organization_id, email, role_id, invited_by_user_id, expires_at)
  values (
    p_organization_id,
    v_email,
    p_role_id,
    auth.uid(),
    now() + make_interval(days => p_expires_in_days)
  )
  returning * into v_invitation;

  return private.describe_invitation(v_invitation)
    || jsonb_build_object('token', private.make_invitation_token(v_invitation.id));
exception
  when unique_violation then
    raise sqlstate 'PT409' using
      message = 'That address is invited already',
      detail = 'already_invited',
      hint = 'Send the invitation again by resend_invitation(), or revoke it first.';
  when check_violation then
    get stacked diagnostics v_constraint = constraint_name;
    if v_constraint = 'organization_invitations_email_check' then
      raise sqlstate 'PT400' using
        message = 'That is no address to write to',
        detail = 'email_invalid',
        hint = 'Pass one address alone, such as ada@example.com.';
    end if;
    raise;
end;
$$;

create function public.invite_member(
  p_organization_id uuid,
  p_email text,
  p_role_id uuid,
  p_expires_in_days integer default 7
)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.invite_member(p_organization_id, p_email, p_role_id, p_expires_in_days);
$$;

comment on function public.invite_member(uuid, text, uuid, integer) is
  'Invites an address into a role, and returns the invitation with the token of its link, which is '
  'shown this once. Needs members.invite. Errors: permission_denied, personal_organization, '
  'role_not_found, exceeds_own_permissions, already_member, already_invited, email_invalid, '
  'invitation_expiry_invalid, too_many_invitations.';

-- An invitation of an organization in which the caller invites, locked with its role.
create function private.require_managed_invitation(p_invitation_id uuid)
returns public.organization_invitations
language plpgsql
volatile
security definer -- locks rows that nobody is granted to update
set search_path = ''
as $$
declare
  v_invitation public.organization_invitations;
begin
  perform
  from public.roles
  where roles.id = (
    select organization_invitations.role_id
    from public.organization_invitations
    where organization_invitations.id = p_invitation_id
  )
  for share;

  select organization_invitations.*
  into v_invitation
  from public.organization_invitations
  where organization_invitations.id = p_invitation_id
    and organization_invitations.organization_id
      = any (private.organizations_with('members.invite'))
  for update;

  if v_invitation.id is null then
    raise sqlstate 'PT404' using
      message = 'No invitation with that id in an organization where you invite',
      detail = 'invitation_not_found',
      hint = 'Select from organization_invitations to see them.';
  end if;

  perform private.require_ceiling(
    v_invitation.organization_id,
    private.permissions_of_role(v_invitation.role_id)
  );
  return v_invitation;
end;
$$;

comment on function private.require_managed_invitation(uuid) is
  'The invitation, locked; else PT404 invitation_not_found, PT403 exceeds_own_permissions.';

create function private.revoke_invitation(p_invitation_id uuid)
returns public.organization_invitations
language plpgsql
volatile
security definer -- nobody is granted to update invitations
set search_path = ''
as $$
declare
  v_invitation public.organization_invitations
    := private.require_managed_invitation(p_invitation_id);
begin
  if v_invitation.status <> 'pending' then
    raise sqlstate 'PT409' using
      message = format('That invitation is %s', v_invitation.status),
      detail = 'invitation_not_pending',
      hint = 'Only an invitation that waits for an answer can be revoked.';
  end if;

  update public.organization_invitations
  set status = 'revoked'
  where organization_invitations.id = p_invitation_id
  returning * into v_invitation;

  return v_invitation;
end;
$$;

create function public.revoke_invitation(p_invitation_id uuid)
returns public.organization_invitations
language sql
volatile
security invoker
set search_path = ''
as $$
  select * from private.revoke_invitation(p_invitation_id);
$$;

comment on function public.revoke_invitation(uuid) is
  'Takes back an invitation that waits for an answer. Needs members.invite. Errors: '
  'invitation_not_found, exceeds_own_permissions, invitation_not_pending.';

create function private.resend_invitation(p_invitation_id uuid)
returns jsonb
language plpgsql
volatile
security definer -- nobody is granted to update invitations
set search_path = ''
as $$
declare
  v_invitation public.organization_invitations
    := private.require_managed_invitation(p_invitation_id);
begin
  if v_invitation.status not in ('pending', 'expired') then
    raise sqlstate 'PT409' using
      message = format('That invitation is %s', v_invitation.status),
      detail = 'invitation_not_pending',
      hint = 'Invite the person anew by invite_member().';
  end if;

  if v_invitation.sent_at > now() - interval '1 minute' then
    raise sqlstate 'PT429' using
      message = 'That invitation was sent within the last minute',
      detail = 'resend_too_soon',
      hint = format(
        'Try again in %s seconds.',
        ceil(extract(epoch from v_invitation.sent_at + interval '1 minute' - now()))
      );
  end if;

  perform private.require_invitable(
    v_invitation.organization_id,
    v_invitation.email,
    v_invitation.role_id
  );

  -- It holds as long as it held the last time.
  update public.organization_invitations
  set
    status = 'pending',
    invited_by_user_id = auth.uid(),
    sent_at = now(),
    expires_at = now() + (organization_invitations.expires_at - organization_invitations.sent_at)
  where organization_invitations.id = p_invitation_id
  returning * into v_invitation;

  return private.describe_invitation(v_invitation)
    || jsonb_build_object('token', private.make_invitation_token(v_invitation.id));
exception
  when unique_violation then
    raise sqlstate 'PT409' using
      message = 'That address has another invitation since',
      detail = 'already_invited',
      hint = 'Send that one again.';
end;
$$;

create function public.resend_invitation(p_invitation_id uuid)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.resend_invitation(p_invitation_id);
$$;

comment on function public.resend_invitation(uuid) is
  'Gives an invitation that is pending or expired a new token and as much time as it had, in the '
  'name of the caller; the former token is void. Returns what invite_member() does. Needs '
  'members.invite. Errors: invitation_not_found, exceeds_own_permissions, invitation_not_pending, '
  'resend_too_soon, and those of invite_member().';

-- The invitation that the caller answers, locked with its role. Whoever is not the one invited gets
-- one answer for all: a token that never was, that was used, and that is somebody else's.
create function private.require_own_invitation(p_token text, p_invitation_id uuid)
returns public.organization_invitations
language plpgsql
volatile
security definer -- looks for tokens and for invitations that the caller may not read
set search_path = ''
as $$
declare
  v_email constant text := private.verified_email();
  v_token_hash constant bytea := sha256(convert_to(p_token, 'UTF8'));
  v_role_id uuid;
  v_invitation public.organization_invitations;
begin
  if num_nonnulls(p_token, p_invitation_id) <> 1 then
    raise sqlstate 'PT400' using
      message = 'An invitation is named by its token or by its id',
      detail = 'invitation_unnamed',
      hint = 'Pass either p_token or p_invitation_id.';
  end if;

  if v_email is null then
    raise sqlstate 'PT403' using
      message = 'Your address is not confirmed',
      detail = 'email_not_verified',
      hint = 'Follow the link in the mail that you got when you signed up, then come back.';
  end if;

  loop
    select organization_invitations.role_id
    into v_role_id
    from public.organization_invitations
    where organization_invitations.email = v_email
      and organization_invitations.id = coalesce(
        p_invitation_id,
        (
          select invitation_tokens.invitation_id
          from private.invitation_tokens
          where invitation_tokens.token_hash = v_token_hash
        )
      );
    exit when not found;

    perform from public.roles where roles.id = v_role_id for share;

    -- Once more, for it may have been answered, sent again, or given another role meanwhile.
    select organization_invitations.*
    into v_invitation
    from public.organization_invitations
    where organization_invitations.email = v_email
      and organization_invitations.id = coalesce(
        p_invitation_id,
        (
          select invitation_tokens.invitation_id
          from private.invitation_tokens
          where invitation_tokens.token_hash = v_token_hash
        )
      )
    for update;
    exit when v_invitation.id is null or v_invitation.role_id = v_role_id;
  end loop;

  -- The lock may have been waited for while the token was replaced.
  if v_invitation.id is null
    or p_token is not null and not exists (
      select
      from private.invitation_tokens
      where invitation_tokens.invitation_id = v_invitation.id
        and invitation_tokens.token_hash = v_token_hash
    )
  then
    raise sqlstate 'PT404' using
      message = 'There is no such invitation for you',
      detail = 'invitation_not_found',
      hint = 'Sign in with the address that the invitation was sent to, and use the newest link.';
  end if;

  -- From here on it is the invited who asks.
  if v_invitation.status = 'revoked' then
    raise sqlstate 'PT410' using
      message = 'That invitation was taken back',
      detail = 'invitation_revoked',
      hint = 'Ask for a new one.';
  elsif v_invitation.status in ('accepted', 'declined') then
    raise sqlstate 'PT410' using
      message = 'That invitation was answered before',
      detail = 'invitation_answered',
      hint = 'Select from organizations to see those you belong to, or ask for a new invitation.';
  elsif v_invitation.status = 'expired' or v_invitation.expires_at <= now() then
    raise sqlstate 'PT410' using
      message = 'That invitation has expired',
      detail = 'invitation_expired',
      hint = 'Ask for it to be sent again.';
  end if;

  return v_invitation;
end;
$$;

comment on function private.require_own_invitation(text, uuid) is
  'The pending invitation of the caller, locked. Raises invitation_unnamed, email_not_verified, '
  'invitation_not_found, invitation_revoked, invitation_answered, invitation_expired.';

create function private.accept_invitation(p_token text, p_invitation_id uuid)
returns public.organization_members
language plpgsql
volatile
security definer -- nobody is granted to insert memberships
set search_path = ''
as $$
declare
  v_invitation constant public.organization_invitations
    := private.require_own_invitation(p_token, p_invitation_id);
  v_member public.organization_members;
begin
  select organization_members.*
  into v_member
  from public.organization_members
  where organization_members.organization_id = v_invitation.organization_id
    and organization_members.user_id = auth.uid()
  for update;

  if v_member.status = 'suspended' then
    raise sqlstate 'PT403' using
      message = 'Your membership is suspended',
      detail = 'member_suspended',
      hint = 'Someone who manages the members can make it active again.';
  elsif v_member.status = 'active' then
    raise sqlstate 'PT409' using
      message = 'You belong to that organization already',
      detail = 'already_member',
      hint = 'An invitation does not change a role; set_member_role() does.';
  end if;

  if not exists (
    select
    from public.organization_members
    where organization_members.organization_id = v_invitation.organization_id
      and organization_members.user_id = v_invitation.invited_by_user_id
      and organization_members.status = 'active'
      and 'members.invite' = any (organization_members.permissions)
      and private.permissions_of_role(v_invitation.role_id) <@ organization_members.permissions
  ) then
    raise sqlstate 'PT409' using
      message = 'Whoever invited you can no longer give you that role',
      detail = 'invitation_void',
      hint = 'Ask someone else in the organization to send the invitation again.';
  end if;

  if v_member.id is null then
    insert into public.organization_members
      (organization_id, user_id, role_id, invited_by_user_id)
    values (
      v_invitation.organization_id,
      auth.uid(),
      v_invitation.role_id,
      v_invitation.invited_by_user_id
    )
    returning * into v_member;
  else
    update public.organization_members
    set
      role_id = v_invitation.role_id,
      custom_permissions = default,
      status = 'active',
      invited_by_user_id = v_invitation.invited_by_user_id
    where organization_members.id = v_member.id
    returning * into v_member;
  end if;

  update public.organization_invitations
  set status = 'accepted', accepted_by_user_id = auth.uid(), responded_at = now()
  where organization_invitations.id = v_invitation.id;

  return v_member;
end;
$$;

create function public.accept_invitation(
  p_token text default null,
  p_invitation_id uuid default null
)
returns public.organization_members
language sql
volatile
security invoker
set search_path = ''
as $$
  select * from private.accept_invitation(p_token, p_invitation_id);
$$;

comment on function public.accept_invitation(text, uuid) is
  'Makes the caller, whose confirmed address is the invited one, a member in the role that was '
  'offered; once. Named by the token of the link or by the id that my_invitations() shows. Errors: '
  'invitation_unnamed, email_not_verified, invitation_not_found, invitation_revoked, '
  'invitation_answered, invitation_expired, invitation_void, member_suspended, already_member.';

create function private.decline_invitation(p_token text, p_invitation_id uuid)
returns void
language plpgsql
volatile
security definer -- nobody is granted to update invitations
set search_path = ''
as $$
declare
  v_invitation constant public.organization_invitations
    := private.require_own_invitation(p_token, p_invitation_id);
begin
  update public.organization_invitations
  set status = 'declined', responded_at = now()
  where organization_invitations.id = v_invitation.id;
end;
$$;

create function public.decline_invitation(
  p_token text default null,
  p_invitation_id uuid default null
)
returns void
language sql
volatile
security invoker
set search_path = ''
as $$
  select private.decline_invitation(p_token, p_invitation_id);
$$;

comment on function public.decline_invitation(text, uuid) is
  'Says no to an invitation, named as for accept_invitation(). Errors: invitation_unnamed, '
  'email_not_verified, invitation_not_found, invitation_revoked, invitation_answered, '
  'invitation_expired.';

create function private.my_invitations()
returns table (
  id uuid,
  organization_id uuid,
  organization_name text,
  role_id uuid,
  role_name text,
  invited_by_name text,
  email text,
  expires_at timestamptz,
  created_at timestamptz
)
language plpgsql
stable
security definer -- the invited belong to no organization that would let them read this
set search_path = ''
as $$
begin
  return query
  select
    invitation.id,
    invitation.organization_id,
    organizations.name,
    invitation.role_id,
    roles.display_name,
    profiles.full_name,
    invitation.email,
    invitation.expires_at,
    invitation.created_at
  from public.organization_invitations as invitation
  join public.organizations on organizations.id = invitation.organization_id
  join public.roles on roles.id = invitation.role_id
  left join public.profiles on profiles.id = invitation.invited_by_user_id
  where invitation.email = private.verified_email()
    and invitation.status = 'pending'
    and invitation.expires_at > now()
    and not exists (
      select
      from public.organization_members
      where organization_members.organization_id = invitation.organization_id
        and organization_members.user_id = auth.uid()
        and organization_members.status <> 'invited'
    )
  order by invitation.created_at desc, invitation.id;
end;
$$;

create function public.my_invitations()
returns table (
  id uuid,
  organization_id uuid,
  organization_name text,
  role_id uuid,
  role_name text,
  invited_by_name text,
  email text,
  expires_at timestamptz,
  created_at timestamptz
)
language sql
stable
security invoker
set search_path = ''
as $$
  select * from private.my_invitations();
$$;

comment on function public.my_invitations() is
  'The invitations that wait for the caller''s answer, by their confirmed address, newest first. '
  'Nothing for an address that is not confirmed.';

create function private.expire_invitations()
returns integer
language plpgsql
volatile
security definer -- nobody is granted to update invitations
set search_path = ''
as $$
declare
  v_count integer;
begin
  update public.organization_invitations
  set status = 'expired'
  where organization_invitations.id in (
    select due.id
    from public.organization_invitations as due
    where due.status = 'pending'
      and due.expires_at <= now()
    order by due.expires_at
    limit 1000
    for update skip locked
  );
  get diagnostics v_count = row_count;
  return v_count;
end;
$$;

comment on function private.expire_invitations() is
  'Part of the tick: marks invitations whose time is over; returns how many.';

insert into private.tick_parts (name, place, function_name)
values ('invitations_expired', 120, 'expire_invitations');

-- The address of someone who left goes with them. What still waits for an answer was written by the
-- organization and stays: they may sign up anew.
create function private.forget_invitations()
returns trigger
language plpgsql
volatile
security definer -- fired by the Auth service, which owns nothing here
set search_path = ''
as $$
begin
  delete from public.organization_invitations
  where organization_invitations.email = lower(old.email)
    and organization_invitations.status <> 'pending';
  return null;
end;
$$;

comment on function private.forget_invitations() is
  'Trigger on auth.users: removes the closed invitations of an address with its user.';

create trigger _500_forget_invitations
  after delete on auth.users
  for each row
  when (old.email_confirmed_at is not null)
  execute function private.forget_invitations();

grant execute on function
  private.invite_member(uuid, text, uuid, integer),
  private.revoke_invitation(uuid),
  private.resend_invitation(uuid),
  private.accept_invitation(text, uuid),
  private.decline_invitation(text, uuid),
  private.my_invitations(),
  public.invite_member(uuid, text, uuid, integer),
  public.revoke_invitation(uuid),
  public.resend_invitation(uuid),
  public.accept_invitation(text, uuid),
  public.decline_invitation(text, uuid),
  public.my_invitations()
to authenticated;
