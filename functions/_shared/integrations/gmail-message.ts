import { z } from "zod";
import { fromBase64Url } from "./base64url.ts";
import { htmlText } from "./html-text.ts";
import { inParallel } from "./in-parallel.ts";
import { type ProviderApi, pathOf } from "./provider-api.ts";
import { decodeText } from "./text-file.ts";

/** Parts of a message that are fetched at a time. */
const PARALLEL = 5;
/** Texts larger than this are not fetched, in bytes. */
const MOST_TEXT_BYTES = 1_000_000;

const header = z.object({ name: z.string(), value: z.string() });

/** A part of a message; those that have parts have no text of their own. */
export interface Part {
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

/** A message, with its payload where the format asked for has one. */
export const message = z.object({
  id: z.string(),
  threadId: z.string(),
  labelIds: z.array(z.string()).default([]),
  snippet: z.string().default(""),
  payload: part.optional(),
});

/** The value of a header, whose name is given in small letters; null without it. */
export function headerOf(payload: Part | undefined, name: string): string | null {
  return payload?.headers?.find((each) => each.name.toLowerCase() === name)?.value ?? null;
}

/** The parts without parts, in their order. */
export function* leaves(payload: Part): Generator<Part> {
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
export async function bodyOf(
  api: ProviderApi,
  id: string,
  parts: readonly Part[],
): Promise<string> {
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
