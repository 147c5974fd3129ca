import { z } from "zod";
import { type CapabilityContext, defineCapability } from "./capability.ts";
import { graphPageInput, graphPageQuery, graphPageToken } from "./graph-page.ts";
import { mailInput, withoutRepetition } from "./mail-input.ts";
import { bearerApi, type ProviderApi, pathOf } from "./provider-api.ts";
import { offsetInput, textPage } from "./text-page.ts";

// Microsoft Graph 1.0, mail: https://learn.microsoft.com/graph/api/resources/mail-api-overview

/** Identifiers that stay when a mail moves to another folder. */
const LASTING_IDS = 'IdType="ImmutableId"';

const address = z.object({
  emailAddress: z.object({ name: z.string().optional(), address: z.string().optional() }),
});

const listed = z.object({
  id: z.string(),
  conversationId: z.string().nullish(),
  subject: z.string().nullish(),
  from: address.nullish(),
  toRecipients: z.array(address).default([]),
  receivedDateTime: z.string().nullish(),
  isRead: z.boolean().nullish(),
  hasAttachments: z.boolean().nullish(),
  bodyPreview: z.string().nullish(),
});

const LISTED = Object.keys(listed.shape).join(",");

const whole = listed.extend({
  ccRecipients: z.array(address).default([]),
  internetMessageId: z.string().nullish(),
  body: z.object({ contentType: z.string(), content: z.string() }),
  attachments: z
    .array(
      z.object({
        name: z.string().nullish(),
        contentType: z.string().nullish(),
        size: z.number().nullish(),
      }),
    )
    .default([]),
});

const send = defineCapability({
  key: "outlook_send_email",
  input: mailInput,
  async execute(mail, context) {
    const { to, cc, bcc } = withoutRepetition(mail);
    await outlook(context).send({
      method: "POST",
      path: "me/sendMail",
      json: {
        message: {
          subject: mail.subject,
          body: mail.html
            ? { contentType: "HTML", content: mail.html }
            : { contentType: "Text", content: mail.body },
          toRecipients: recipients(to),
          ccRecipients: recipients(cc),
          bccRecipients: recipients(bcc),
          ...(mail.reply_to ? { replyTo: recipients([mail.reply_to]) } : {}),
        },
        saveToSentItems: true,
      },
    });
    // Graph answers 202 without a body: the mail is on its way, its identifier is not known.
    return { sent: true, recipients: to.length + cc.length + bcc.length };
  },
});

const search = defineCapability({
  key: "outlook_search_email",
  input: z.strictObject({
    query: z
      .string()
      .min(1)
      .max(1_000)
      .optional()
      .describe("As in Outlook: from:nora subject:invoice received>=2026-01-31"),
    limit: z.int().min(1).max(50).default(10).describe("How many mails at most."),
    page_token: graphPageInput,
  }),
  async execute({ query, limit, page_token }, context) {
    const found = await outlook(context).json(
      z.object({ value: z.array(listed), "@odata.nextLink": z.string().optional() }),
      {
        path: "me/messages",
        query: {
          $select: LISTED,
          $top: limit,
          // What is searched for comes newest first, and takes no order of ours.
          ...(query ? { $search: quoted(query) } : { $orderby: "receivedDateTime desc" }),
          ...graphPageQuery(page_token),
        },
        headers: { prefer: LASTING_IDS },
      },
    );
    return {
      mails: found.value.map((mail) => ({ ...summary(mail), snippet: mail.bodyPreview ?? "" })),
      next_page_token: graphPageToken(found["@odata.nextLink"]),
    };
  },
});

const read = defineCapability({
  key: "outlook_read_email",
  input: z.strictObject({
    id: z.string().min(1).max(500).describe("The mail's id, as outlook_search_email gives it."),
    offset: offsetInput,
  }),
  async execute({ id, offset }, context) {
    const mail = await outlook(context).json(whole, {
      path: pathOf`me/messages/${id}`,
      query: {
        $select: `${LISTED},ccRecipients,internetMessageId,body`,
        $expand: "attachments($select=name,contentType,size)",
      },
      headers: { prefer: `${LASTING_IDS}, outlook.body-content-type="text"` },
    });
    const { text, next_offset } = textPage(mail.body.content.trim(), offset);
    return {
      ...summary(mail),
      message_id: mail.internetMessageId ?? null,
      cc: mail.ccRecipients.map(written),
      body: text,
      next_offset,
      attachments: mail.attachments.map(({ name, contentType, size }) => ({
        name: name ?? null,
        mime_type: contentType ?? null,
        size_bytes: size ?? null,
      })),
    };
  },
});

/** What agents can do with Outlook. */
export const outlookCapabilities = [send, search, read];

function outlook(context: CapabilityContext): ProviderApi {
  return bearerApi("Outlook", context);
}

function recipients(addresses: readonly string[]) {
  return addresses.map((each) => ({ emailAddress: { address: each } }));
}

function summary(mail: z.infer<typeof listed>) {
  return {
    id: mail.id,
    thread_id: mail.conversationId ?? null,
    from: mail.from ? written(mail.from) : null,
    to: mail.toRecipients.map(written),
    subject: mail.subject ?? null,
    date: mail.receivedDateTime ?? null,
    unread: mail.isRead === false,
    has_attachments: mail.hasAttachments ?? false,
  };
}

function written({ emailAddress }: z.infer<typeof address>): string {
  const { name, address: bare = "" } = emailAddress;
  return name && name !== bare ? `${name} <${bare}>` : bare;
}

/** A search is one quoted string; quotes and backslashes of its own are escaped. */
function quoted(query: string): string {
  return `"${query.replaceAll(/["\\]/g, "\\$&")}"`;
}
