import { z } from "zod";
import { timestamp, uuid } from "./scalars.ts";

const permissionKeys = z.array(z.string().min(1));
const email = z.string().min(3).max(320);
/** How long an invitation holds. */
const expiresInDays = z.int().min(1).max(90);

/** `invite_member` (permission `members.invite`): answers the invitation with its token, once. */
export const inviteMemberInput = z.object({
  p_organization_id: uuid,
  p_email: email,
  p_role_id: uuid,
  p_expires_in_days: expiresInDays.optional(),
});
export type InviteMemberInput = z.infer<typeof inviteMemberInput>;

/** `revoke_invitation` and `resend_invitation` (permission `members.invite`). */
export const invitationInput = z.object({ p_invitation_id: uuid });
export type InvitationInput = z.infer<typeof invitationInput>;

/** `accept_invitation` and `decline_invitation`: exactly one of the two. */
export const answerInvitationInput = z.object({
  p_token: z.string().nullish(),
  p_invitation_id: uuid.nullish(),
});
export type AnswerInvitationInput = z.infer<typeof answerInvitationInput>;

/** An invitation as `invite_member` and `resend_invitation` describe it. */
export const invitation = z.object({
  id: uuid,
  organization_id: uuid,
  organization_name: z.string(),
  /** The invited address, lowercase. */
  email: z.string(),
  role_id: uuid,
  /** The role as people read it. */
  role_name: z.string(),
  status: z.enum(["pending", "accepted", "declined", "revoked", "expired"]),
  invited_by_user_id: uuid.nullable(),
  invited_by_name: z.string().nullable(),
  expires_at: timestamp,
  sent_at: timestamp,
  created_at: timestamp,
});
export type Invitation = z.infer<typeof invitation>;

/** The same with the token of its link, which is shown once. */
export const invitationWithToken = invitation.extend({ token: z.string().min(1) });
export type InvitationWithToken = z.infer<typeof invitationWithToken>;

const delivery = {
  /** Where the link leads: a page at one of the origins of INVITATION_URL. */
  redirect_to: z.string().max(2000).nullish(),
  /** The language of the mail, as a BCP 47 tag; English where we do not speak it. */
  locale: z.string().max(35).nullish(),
};

/** Body of `invitation-email`: a new invitation, or one to send again. */
export const invitationEmailBody = z.union([
  z.strictObject({
    organization_id: uuid,
    email,
    role_id: uuid,
    expires_in_days: expiresInDays.optional(),
    ...delivery,
  }),
  z.strictObject({ invitation_id: uuid, ...delivery }),
]);
export type InvitationEmailBody = z.infer<typeof invitationEmailBody>;

/** What `invitation-email` answers: a mail went out, or here is the link to pass on. */
export const invitationEmailResult = z.discriminatedUnion("sent", [
  z.object({ invitation, sent: z.literal(true), link: z.null() }),
  z.object({ invitation, sent: z.literal(false), link: z.url() }),
]);
export type InvitationEmailResult = z.infer<typeof invitationEmailResult>;

/** `set_member_role` (permission `members.manage`). */
export const setMemberRoleInput = z.object({
  p_organization_id: uuid,
  p_user_id: uuid,
  p_role_id: uuid,
});
export type SetMemberRoleInput = z.infer<typeof setMemberRoleInput>;

/** `set_member_permissions` (permission `members.manage`): deny wins. */
export const setMemberPermissionsInput = z.object({
  p_organization_id: uuid,
  p_user_id: uuid,
  p_grant: permissionKeys,
  p_deny: permissionKeys,
});
export type SetMemberPermissionsInput = z.infer<typeof setMemberPermissionsInput>;

/**
 * `suspend_member`, `reactivate_member`, `remove_member` (permission `members.manage`) and
 * `transfer_ownership` (owners).
 */
export const memberInput = z.object({ p_organization_id: uuid, p_user_id: uuid });
export type MemberInput = z.infer<typeof memberInput>;

/** `leave_organization`. */
export const leaveOrganizationInput = z.object({ p_organization_id: uuid });
export type LeaveOrganizationInput = z.infer<typeof leaveOrganizationInput>;

/** `create_role` (permission `roles.manage`): no more than the caller holds. */
export const createRoleInput = z.object({
  p_organization_id: uuid,
  p_name: z.string().regex(/^[a-z][a-z0-9_-]{0,49}$/),
  p_display_name: z.string().min(1).max(100),
  p_permissions: permissionKeys,
  p_description: z.string().max(1000).nullish(),
});
export type CreateRoleInput = z.infer<typeof createRoleInput>;

/** `set_role_permissions` (permission `roles.manage`): answers the keys, sorted. */
export const setRolePermissionsInput = z.object({ p_role_id: uuid, p_permissions: permissionKeys });
export type SetRolePermissionsInput = z.infer<typeof setRolePermissionsInput>;

/** `delete_role` (permission `roles.manage`): the replacement takes over members. */
export const deleteRoleInput = z.object({
  p_role_id: uuid,
  p_replacement_role_id: uuid.nullish(),
});
export type DeleteRoleInput = z.infer<typeof deleteRoleInput>;
