import {
  type InvitationEmailBody,
  type InvitationEmailResult,
  invitationWithToken,
} from "../../types/schemas.ts";
import type { Rpc } from "../_shared/database/rpc.ts";
import { describeError } from "../_shared/errors/describe-error.ts";
import { HttpError } from "../_shared/errors/http-error.ts";
import type { Log } from "../_shared/log.ts";
import type { SendMail } from "../_shared/mail/mail.ts";
import { invitationLink, invitationPage } from "./invitation-link.ts";
import { invitationMail } from "./invitation-mail.ts";

/** What sending an invitation takes; tests give their own. */
export interface InvitationEmailTools {
  /** Acts as the user: whom they may invite, the database decides. */
  rpc: Rpc;
  /** Null where no mail server is configured: the link is then for the inviter to pass on. */
  sendMail: SendMail | null;
  env: Record<string, string | undefined>;
  log: Log;
}

/**
 * Makes an invitation, or gives one a new link, and sends it.
 *
 * When the mail fails the invitation stays: the error carries it and its link in `details`, so that
 * the inviter can pass the link on or send it again a minute later.
 */
export async function handleInvitationEmail(
  body: InvitationEmailBody,
  { rpc, sendMail, env, log }: InvitationEmailTools,
): Promise<InvitationEmailResult> {
  // First, for an invitation that leads nowhere should not be made.
  const page = invitationPage(env, body.redirect_to);
  const { token, ...invitation } = invitationWithToken.parse(await invite(body, rpc));
  const link = invitationLink(page, token);
  const facts = { invitation: invitation.id, organization: invitation.organization_id };

  if (!sendMail) {
    log("info", "an invitation was made without a mail", facts);
    return { invitation, sent: false, link };
  }
  try {
    await sendMail(invitationMail(invitation, link, body.locale));
  } catch (error) {
    if (!(error instanceof HttpError)) {
      throw error;
    }
    log("warn", "the mail of an invitation failed", { ...facts, error: describeError(error) });
    throw new HttpError(
      error.status,
      error.code,
      `The invitation was made, but its mail was not sent. ${error.message}`,
      { details: { invitation, link }, hint: error.hint, cause: error },
    );
  }
  log("info", "an invitation was sent", facts);
  return { invitation, sent: true, link: null };
}

function invite(body: InvitationEmailBody, rpc: Rpc): Promise<unknown> {
  if ("invitation_id" in body) {
    return rpc("resend_invitation", { p_invitation_id: body.invitation_id });
  }
  return rpc("invite_member", {
    p_organization_id: body.organization_id,
    p_email: body.email,
    p_role_id: body.role_id,
    ...(body.expires_in_days ? { p_expires_in_days: body.expires_in_days } : {}),
  });
}
