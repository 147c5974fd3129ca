import { credentialShape } from "../../types/schemas.ts";

/**
 * In a line of JSON a token may follow an escape: the n of \n is no letter of it. And no scheme of a
 * URL is long: without that, a long word would be read again from each of its letters.
 */
const afterEscapes = credentialShape
  .replace("(?<![A-Za-z0-9_-])", "(?:(?<![A-Za-z0-9_-])|(?<=\\\\[bfnrt]))")
  .replace("[A-Za-z0-9+.-]*://", "[A-Za-z0-9+.-]{0,30}://");

const knownShapes = [
  /-----BEGIN [A-Z0-9 ]*PRIVATE KEY[\s\S]*?(-----END [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----|$)/g,
  /\bsb_secret_[\w-]+/g,
  /\bsk-[\w*-]{6,}/g,
  /\beyJ[\w-]+\.[\w-]+\.[\w-]+/g,
  /\b(Bearer\s+)[\w.~+/=-]{8,}/gi,
  new RegExp(afterEscapes, "g"),
];

/** Takes secrets out of a text: those given, and whatever looks like a key or a token. */
export function redact(text: string, secrets: readonly (string | null | undefined)[] = []): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret && secret.length >= 4) {
      clean = clean.replaceAll(secret, "[redacted]");
    }
  }
  for (const shape of knownShapes) {
    clean = clean.replace(shape, "[redacted]");
  }
  return clean;
}
