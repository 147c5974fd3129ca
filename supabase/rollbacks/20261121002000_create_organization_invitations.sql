-- Takes back 20261121002000_create_organization_invitations.sql.

-- Cascade takes the trigger on auth.users along: to drop that by name one must own the table, which
-- migrations do not.
drop function private.forget_invitations() cascade;
delete from private.tick_parts where tick_parts.name = 'invitations_expired';
drop function private.expire_invitations();
drop function public.my_invitations();
drop function private.my_invitations();
drop function public.decline_invitation(text, uuid);
drop function private.decline_invitation(text, uuid);
drop function public.accept_invitation(text, uuid);
drop function private.accept_invitation(text, uuid);
drop function private.require_own_invitation(text, uuid);
drop function public.resend_invitation(uuid);
drop function private.resend_invitation(uuid);
drop function public.revoke_invitation(uuid);
drop function private.revoke_invitation(uuid);
drop function private.require_managed_invitation(uuid);
drop function public.invite_member(uuid, text, uuid, integer);
drop function private.invite_member(uuid, text, uuid, integer);
drop function private.require_invitable(uuid, text, uuid);
drop function private.make_invitation_token(uuid);
drop function private.describe_invitation(public.organization_invitations);
drop function private.verified_email();
drop function private.require_role(uuid, uuid);
drop function private.require_ceiling(uuid, text[]);
drop function private.require_permission(uuid, text);
drop table private.invitation_tokens;
drop table public.organization_invitations;
drop function private.check_invitation_role();
