import { z } from "zod";
import { plainLine } from "../mail/plain-line.ts";
import { defineCapability } from "./capability.ts";
import { credentialText } from "./credential-text.ts";
import { mailInput, withoutRepetition } from "./mail-input.ts";
import { pathOf, providerApi } from "./provider-api.ts";
import { regionalUrl } from "./regional-url.ts";

// Mailgun v3: https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/messages

const send = defineCapability({
  key: "mailgun_send_email",
  input: mailInput,
  async execute(mail, context) {
    const { to, cc, bcc } = withoutRepetition(mail);
    const text = (name: string) => credentialText(context, "Mailgun", name);
    const body = new FormData();
    body.append("from", sender(text("from_email"), context.credential?.from_name));
    for (const [name, list] of Object.entries({ to, cc, bcc })) {
      for (const address of list) {
        body.append(name, address);
      }
    }
    body.append("subject", mail.subject);
    body.append("text", mail.body);
    if (mail.html) {
      body.append("html", mail.html);
    }
    if (mail.reply_to) {
      body.append("h:Reply-To", mail.reply_to);
    }
    const api = providerApi(
      "Mailgun",
      { ...context, baseUrl: regionalUrl(context) },
      { authorization: `Basic ${btoa(`api:${text("api_key")}`)}` },
    );
    const sent = await api.json(z.object({ id: z.string() }), {
      method: "POST",
      path: pathOf`v3/${text("domain")}/messages`,
      body,
    });
    return { sent: true, id: sent.id, recipients: to.length + cc.length + bcc.length };
  },
});

/** What agents can do with Mailgun. */
export const mailgunCapabilities = [send];

/** A From header: the name as a quoted string (RFC 5322, section 3.2.4), so that it stays a name. */
function sender(address: string, name: unknown): string {
  if (typeof name !== "string" || name === "") {
    return address;
  }
  return `"${plainLine(name, 200).replaceAll(/["\\]/g, "\\$&")}" <${address}>`;
}
