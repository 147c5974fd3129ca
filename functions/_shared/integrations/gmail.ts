import { z } from "zod";
import { toBase64Url } from "./base64url.ts";
import { type CapabilityContext, defineCapability } from "./capability.ts";
import { composeMessage } from "./compose-message.ts";
import { bodyOf, headerOf, leaves, message, type Part } from "./gmail-message.ts";
import { decodeEntities } from "./html-text.ts";
import { inParallel } from "./in-parallel.ts";
import { mailFields, withoutRepetition } from "./mail-input.ts";
import { bearerApi, type ProviderApi, pathOf } from "./provider-api.ts";
import { ProviderError } from "./provider-error.ts";
import { offsetInput, textPage } from "./text-page.ts";

// Gmail API v1: https://developers.google.com/workspace/gmail/api/reference/rest

/** Messages of a search whose headers are fetched at a time: each costs 5 of 250 units a second. */
const PARALLEL = 5;
const send = defineCapability({
  key: "gmail_send_email",
  input: z.strictObject({
    ...mailFields,
    in_reply_to: z
      .string()
      .max(900)
      .regex(/^<[^\s<>]+>$/)
      .optional()
      .describe("The message_id that this mail answers, as gmail_read_email gives it."),
    thread_id: z
      .string()
      .min(1)
      .max(100)
      .optional()
      .describe("The thread_id of the mail that this one answers; keep its subject."),
  }),
  async execute({ in_reply_to, thread_id, ...mail }, context) {
    const raw = await composeMessage(
      { ...mail, ...withoutRepetition(mail) },
      in_reply_to ? { inReplyTo: in_reply_to } : {},
    );
    const sent = await gmail(context).json(message.pick({ id: true, threadId: true }), {
      method: "POST",
      path: "gmail/v1/users/me/messages/send",
      json: { raw: toBase64Url(raw), ...(thread_id ? { threadId: thread_id } : {}) },
    });
    return { sent: true, id: sent.id, thread_id: sent.threadId };
  },
});

const search = defineCapability({
  key: "gmail_search_email",
  input: z.strictObject({
    query: z
      .string()
      .max(1_000)
      .optional()
      .describe("As in Gmail: from:nora@example.com is:unread newer_than:7d invoice"),
    limit: z.int().min(1).max(50).default(10).describe("How many mails at most."),
    page_token: z
      .string()
      .min(1)
      .max(500)
      .optional()
      .describe("Where to read on, with the same input, as next_page_token said."),
  }),
  async execute({ query, limit, page_token }, context) {
    const api = gmail(context);
    const found = await api.json(
      z.object({
        messages: z.array(z.object({ id: z.string() })).default([]),
        nextPageToken: z.string().optional(),
        resultSizeEstimate: z.number().optional(),
      }),
      {
        path: "gmail/v1/users/me/messages",
        query: { q: query, maxResults: limit, pageToken: page_token },
      },
    );
    const mails = await inParallel(found.messages, PARALLEL, ({ id }) => summary(api, id));
    return {
      mails: mails.filter((mail) => mail !== null),
      estimated_total: found.resultSizeEstimate ?? null,
      next_page_token: found.nextPageToken ?? null,
    };
  },
});

const read = defineCapability({
  key: "gmail_read_email",
  input: z.strictObject({
    id: z.string().min(1).max(100).describe("The mail's id, as gmail_search_email gives it."),
    offset: offsetInput,
  }),
  async execute({ id, offset }, context) {
    const api = gmail(context);
    const mail = await api.json(message, {
      path: pathOf`gmail/v1/users/me/messages/${id}`,
      query: { format: "full" },
    });
    const parts = mail.payload ? [...leaves(mail.payload)] : [];
    const { text, next_offset } = textPage(await bodyOf(api, mail.id, parts), offset);
    return {
      id: mail.id,
      thread_id: mail.threadId,
      message_id: headerOf(mail.payload, "message-id"),
      ...addresses(mail.payload),
      cc: headerOf(mail.payload, "cc"),
      unread: mail.labelIds.includes("UNREAD"),
      body: text,
      next_offset,
      attachments: parts
        .filter(({ filename }) => filename)
        .map(({ filename, mimeType, body }) => ({
          name: filename,
          mime_type: mimeType ?? null,
          size_bytes: body?.size ?? null,
        })),
    };
  },
});

/** What agents can do with Gmail. */
export const gmailCapabilities = [send, search, read];

function gmail(context: CapabilityContext): ProviderApi {
  return bearerApi("Gmail", context);
}

/** What a list shows of a mail; null when it went away in between. */
async function summary(api: ProviderApi, id: string) {
  try {
    const mail = await api.json(message, {
      path: pathOf`gmail/v1/users/me/messages/${id}`,
      query: { format: "metadata", metadataHeaders: ["From", "To", "Subject", "Date"] },
    });
    return {
      id: mail.id,
      thread_id: mail.threadId,
      ...addresses(mail.payload),
      unread: mail.labelIds.includes("UNREAD"),
      snippet: decodeEntities(mail.snippet),
    };
  } catch (error) {
    if (error instanceof ProviderError && error.code === "provider_not_found") {
      return null;
    }
    throw error;
  }
}

function addresses(payload: Part | undefined) {
  return {
    from: headerOf(payload, "from"),
    to: headerOf(payload, "to"),
    subject: headerOf(payload, "subject"),
    date: headerOf(payload, "date"),
  };
}
