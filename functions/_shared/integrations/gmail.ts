import { z } from "zod";
import { fromBase64Url, toBase64Url } from "./base64url.ts";
import { type CapabilityContext, defineCapability } from "./capability.ts";
import { composeMessage } from "./compose-message.ts";
import { decodeEntities, htmlText } from "./html-text.ts";
import { inParallel } from "./in-parallel.ts";
import { mailFields, withoutRepetition } from "./mail-input.ts";
import { bearerApi, type ProviderApi, pathOf } from "./provider-api.ts";
import { ProviderError } from "./provider-error.ts";
import { decodeText } from "./text-file.ts";
import { offsetInput, textPage } from "./text-page.ts";

// Gmail API v1: https://developers.google.com/workspace/gmail/api/reference/rest

/** Messages of a search whose headers are fetched at a time: each costs 5 of 250 units a second. */
const PARALLEL = 5;
/** Texts larger than this are not fetched, in bytes. */
const MOST_TEXT_BYTES = 1_000_000;

const header = z.object({ name: z.string(), value: z.string() });

interface Part {
  mimeType?: string | undefined;
  filename?: string | undefined;
  headers?: z.infer<typeof header>[] | undefined;
  body?: {
    attachmentId?: string | undefined;
    size?: number | undefined;
    data?: string | undefined;
  };
  parts?: Part[] | undefined;
}

const part: z.ZodType<Part> = z.lazy(() =>
  z.object({
    mimeType: z.string().optional(),
    filename: z.string().optional(),
    headers: z.array(header).optional(),
    body: z
      .object({
        attachmentId: z.string().optional(),
        size: z.number().optional(),
        data: z.string().optional(),
      })
      .optional(),
    parts: z.array(part).optional(),
  }),
) as z.ZodType<Part>;

const message = z.object({
  id: z.string(),
  threadId: z.string(),
  labelIds: z.array(z.string()).default([]),
  snippet: z.string().default(""),
  payload: part.optional(),
});

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

function headerOf(payload: Part | undefined, name: string): string | null {
  return payload?.headers?.find((each) => each.name.toLowerCase() === name)?.value ?? null;
}

function* leaves(payload: Part): Generator<Part> {
  // What has a name is attached, also where it is a mail with parts of its own.
  if (payload.parts?.length && !payload.filename) {
    for (const each of payload.parts) {
      yield* leaves(each);
    }
  } else {
    yield payload;
  }
}

/** The plain text where there is one, else the text of the HTML. */
async function bodyOf(api: ProviderApi, id: string, parts: readonly Part[]): Promise<string> {
  const inline = parts.filter(({ filename }) => !filename);
  const plain = inline.filter(({ mimeType }) => mimeType === "text/plain");
  const chosen =
    plain.length > 0 ? plain : inline.filter(({ mimeType }) => mimeType === "text/html");
  const texts = await inParallel(chosen, PARALLEL, async (each) => {
    const text = await textOf(api, id, each);
    return each.mimeType === "text/html" ? htmlText(text) : text;
  });
  return texts.join("\n\n").trim();
}

/** Large parts have an identifier instead of their data. */
async function textOf(api: ProviderApi, id: string, { body, headers }: Part): Promise<string> {
  let data = body?.data;
  if (data === undefined && body?.attachmentId && (body.size ?? 0) <= MOST_TEXT_BYTES) {
    const attachment = await api.json(z.object({ data: z.string() }), {
      path: pathOf`gmail/v1/users/me/messages/${id}/attachments/${body.attachmentId}`,
    });
    data = attachment.data;
  }
  const type = headers?.find(({ name }) => name.toLowerCase() === "content-type")?.value ?? "";
  const charset = /charset="?([\w:.-]+)/i.exec(type)?.[1];
  return decodeText(fromBase64Url(data ?? ""), charset);
}
