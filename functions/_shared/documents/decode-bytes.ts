import { analyse } from "chardet";

/** As much as the encoding is judged by. */
const SAMPLE_BYTES = 64 * 1024;

/** What chardet calls otherwise than TextDecoder does. */
const LABELS: Record<string, string> = {
  "ISO-8859-8-I": "iso-8859-8-i",
  ASCII: "utf-8",
};

/**
 * Bytes as text, whatever their encoding: by the byte order mark; as UTF-8, when they are valid; as
 * what the document itself declares, when it can be that; else as what their statistics say.
 * Line ends become "\n".
 */
export function decodeBytes(bytes: Uint8Array, declared = ""): string {
  return decode(bytes, declared).replace(/\r\n?/g, "\n");
}

function decode(bytes: Uint8Array, declared: string): string {
  const marked = byMark(bytes) ?? wideWithoutMark(bytes);
  if (marked) {
    return new TextDecoder(marked).decode(bytes);
  }
  // ASCII with escapes would pass for UTF-8.
  const escaping = hasEscapes(bytes)
    ? guesses(bytes).filter((label) => /^iso-2022/i.test(label))
    : [];
  for (const label of [...escaping, "utf-8", declared]) {
    const text = strictly(label, bytes);
    if (text !== null) {
      return text;
    }
  }
  for (const label of guesses(bytes)) {
    const text = strictly(label, bytes);
    if (text !== null && !hasControls(text)) {
      return text;
    }
  }
  return new TextDecoder("windows-1252").decode(bytes);
}

function byMark([first, second, third]: Uint8Array): string | null {
  if (first === 0xef && second === 0xbb && third === 0xbf) {
    return "utf-8";
  }
  if (first === 0xff && second === 0xfe) {
    return "utf-16le";
  }
  return first === 0xfe && second === 0xff ? "utf-16be" : null;
}

/** In UTF-16 of most languages' punctuation and digits, every other byte of many pairs is zero. */
function wideWithoutMark(bytes: Uint8Array): string | null {
  const length = Math.min(bytes.length, SAMPLE_BYTES) & ~1;
  const zeros: [number, number] = [0, 0];
  for (let place = 0; place < length; place += 1) {
    if (bytes[place] === 0) {
      zeros[(place & 1) as 0 | 1] += 1;
    }
  }
  const [even, odd] = zeros;
  if (Math.max(even, odd) < length / 20 || Math.min(even, odd) > Math.max(even, odd) / 10) {
    return null;
  }
  return odd > even ? "utf-16le" : "utf-16be";
}

function guesses(bytes: Uint8Array): string[] {
  return analyse(bytes.subarray(0, SAMPLE_BYTES)).map(({ name }) => LABELS[name] ?? name);
}

function strictly(label: string, bytes: Uint8Array): string | null {
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes);
  } catch {
    return null; // not in this encoding, or in one that nobody knows
  }
}

function hasEscapes(bytes: Uint8Array): boolean {
  return bytes.subarray(0, SAMPLE_BYTES).includes(0x1b);
}

/** ISO-8859-1 and its like have controls where windows-1252 has quotation marks. */
function hasControls(text: string): boolean {
  return /[\x80-\x84\x86-\x9f]/.test(text);
}
