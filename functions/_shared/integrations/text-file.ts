import { ProviderError } from "./provider-error.ts";

/** Largest file that is read, in bytes. */
export const MOST_FILE_BYTES = 2_000_000;

/** Types beyond text/* whose content is text. */
const TEXTUAL =
  /^(text\/|application\/((.+\+)?(json|xml|yaml)|x-ndjson|jsonl|(x-)?(javascript|typescript|sh|sql|yaml|toml|tex|latex|httpd-php)|sql|toml|rtf|graphql)\b|message\/rfc822|image\/svg\+xml)/i;

/** Characters that no text has. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\x00-\x08\x0e-\x1a\x1c-\x1f]/;

/** Whether files of a media type may be text. Unknown types may be: their bytes decide. */
export function mayBeText(mimeType: string | null | undefined): boolean {
  return !mimeType || mimeType === "application/octet-stream" || TEXTUAL.test(mimeType);
}

/** Refuses what is too large to read. */
export function refuseLargeFile(name: string, bytes: number): void {
  if (bytes > MOST_FILE_BYTES) {
    throw new ProviderError(
      "provider_unsupported",
      `"${name}" has ${megabytes(bytes)} MB; files of over ${megabytes(MOST_FILE_BYTES)} MB are not read.`,
      { hint: "Ask for a smaller file." },
    );
  }
}

/** Refuses what is no text. `kind` is how the provider names what it is. */
export function notText(name: string, kind: string): ProviderError {
  return new ProviderError("provider_unsupported", `"${name}" is no text but ${kind}.`, {
    hint: "Only text can be read: documents, sheets and slides of Google, and text files.",
  });
}

/** The text of a file's bytes. Throws when it is too large, or not text after all. */
export async function readTextFile(name: string, response: Response): Promise<string> {
  const declared = Number(response.headers.get("content-length"));
  if (declared > MOST_FILE_BYTES) {
    await response.body?.cancel();
    refuseLargeFile(name, declared);
  }
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += piece.length;
    refuseLargeFile(name, length);
    pieces.push(piece);
  }
  const bytes = new Uint8Array(length);
  let place = 0;
  for (const piece of pieces) {
    bytes.set(piece, place);
    place += piece.length;
  }
  const text = decodeText(bytes);
  if (CONTROLS.test(text)) {
    throw notText(name, "binary data");
  }
  return text;
}

/**
 * Bytes as text: by their byte order mark, as UTF-8, or by the charset that was named for them,
 * which may be wrong. What is ASCII with escapes would pass for UTF-8, so it goes first.
 */
export function decodeText(bytes: Uint8Array, charset = ""): string {
  const [first, second] = bytes;
  const wide =
    first === 0xff && second === 0xfe
      ? "utf-16le"
      : first === 0xfe && second === 0xff
        ? "utf-16be"
        : null;
  const escaping = /^iso-2022-/i.test(charset) ? [charset] : [];
  for (const label of [...(wide ? [wide] : escaping), "utf-8", charset]) {
    try {
      return new TextDecoder(label, { fatal: true }).decode(bytes);
    } catch {
      // Not in this charset, or in one that nobody knows.
    }
  }
  return new TextDecoder("windows-1252").decode(bytes);
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1);
}
