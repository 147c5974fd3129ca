/** invitation-email: a user invites somebody; they get a mail, or the inviter gets the link. */
import { invitationEmailBody } from "../../types/schemas.ts";
import { clientRpc } from "../_shared/database/client-rpc.ts";
import { denoPlatform } from "../_shared/http/deno-platform.ts";
import { jsonBody } from "../_shared/http/json-body.ts";
import { serve } from "../_shared/http/serve.ts";
import { smtpMailer } from "../_shared/mail/smtp-mailer.ts";
import { smtpSettings } from "../_shared/mail/smtp-settings.ts";
import { handleInvitationEmail } from "./handler.ts";

export default {
  fetch: serve(
    { name: "invitation-email", auth: "user" },
    denoPlatform(),
    async (request, call) => {
      const body = await jsonBody(request, invitationEmailBody, 10_000);
      const settings = smtpSettings(call.platform.env);

      return Response.json(
        await handleInvitationEmail(body, {
          rpc: clientRpc(call.client, "user"),
          sendMail: settings && smtpMailer(settings),
          env: call.platform.env,
          log: call.log,
        }),
      );
    },
  ),
};
