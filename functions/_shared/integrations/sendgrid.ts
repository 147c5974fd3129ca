import { defineCapability } from "./capability.ts";
import { credentialText } from "./credential-text.ts";
import { mailInput, withoutRepetition } from "./mail-input.ts";
import { providerApi } from "./provider-api.ts";
import { regionalUrl } from "./regional-url.ts";

// SendGrid v3: https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send

const send = defineCapability({
  key: "sendgrid_send_email",
  input: mailInput,
  async execute(mail, context) {
    const { to, cc, bcc } = withoutRepetition(mail);
    const key = credentialText(context, "SendGrid", "api_key");
    const name = context.credential?.from_name;
    const api = providerApi(
      "SendGrid",
      { ...context, baseUrl: regionalUrl(context) },
      { authorization: `Bearer ${key}` },
    );
    const response = await api.send({
      method: "POST",
      path: "mail/send",
      json: {
        personalizations: [
          {
            to: addresses(to),
            // Empty lists are refused.
            ...(cc.length > 0 ? { cc: addresses(cc) } : {}),
            ...(bcc.length > 0 ? { bcc: addresses(bcc) } : {}),
          },
        ],
        from: {
          email: credentialText(context, "SendGrid", "from_email"),
          ...(name ? { name } : {}),
        },
        ...(mail.reply_to ? { reply_to: { email: mail.reply_to } } : {}),
        subject: mail.subject,
        // The plain text has to come first.
        content: [
          { type: "text/plain", value: mail.body },
          ...(mail.html ? [{ type: "text/html", value: mail.html }] : []),
        ],
      },
    });
    return {
      sent: true,
      id: response.headers.get("x-message-id"),
      recipients: to.length + cc.length + bcc.length,
    };
  },
});

/** What agents can do with SendGrid. */
export const sendgridCapabilities = [send];

function addresses(list: readonly string[]) {
  return list.map((email) => ({ email }));
}
