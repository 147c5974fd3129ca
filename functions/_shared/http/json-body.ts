import type { z } from "zod";
import { HttpError } from "../errors/http-error.ts";

/** Most bytes of a body unless told otherwise: the longest message, escaped, fits. */
const BODY_LIMIT_BYTES = 1_000_000;

/** The one character that Postgres keeps in no text. Within JSON it can only stand like this. */
const ESCAPED_NUL = /(?<!\\)(?:\\\\)*\\u0000/;

/**
 * Reads a JSON body and parses it with its schema. An empty body counts as `{}`.
 *
 * Errors: 413 `body_too_large`, 400 `invalid_json`, 400 `invalid_body` with a list of
 * `{ path, message }` as details.
 */
export async function jsonBody<T extends z.ZodType>(
  request: Request,
  schema: T,
  limitBytes: number = BODY_LIMIT_BYTES,
): Promise<z.output<T>> {
  const text = await limitedText(request, limitBytes);
  const parsed = schema.safeParse(text.trim() === "" ? {} : parseJson(text));

  if (!parsed.success) {
    const details = parsed.error.issues.map(({ path, message }) => ({
      path: path.join("."),
      message,
    }));
    const first = details[0];
    throw new HttpError(
      400,
      "invalid_body",
      first ? `The body is not valid: ${first.path || "body"}: ${first.message}` : "Invalid body",
      { details },
    );
  }
  return parsed.data;
}

function parseJson(text: string): unknown {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    throw new HttpError(400, "invalid_json", "The body is not JSON.", { cause });
  }
  if (ESCAPED_NUL.test(text)) {
    const message = "The body is not valid: it holds the character U+0000.";
    throw new HttpError(400, "invalid_body", message, { hint: "Leave it out of all texts." });
  }
  return body;
}

async function limitedText(request: Request, limitBytes: number): Promise<string> {
  if (!request.body) {
    return "";
  }
  const tooLarge = () =>
    new HttpError(413, "body_too_large", `The body is larger than ${limitBytes} bytes.`);
  if (Number(request.headers.get("content-length") ?? 0) > limitBytes) {
    throw tooLarge();
  }

  const reader = request.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) {
      return text + decoder.decode();
    }
    bytes += value.byteLength;
    if (bytes > limitBytes) {
      await reader.cancel();
      throw tooLarge();
    }
    text += decoder.decode(value, { stream: true });
  }
}
