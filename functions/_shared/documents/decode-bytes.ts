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
  const nearly = nearlyUtf8(bytes);
  if (nearly !== null) {
    return nearly;
  }
  for (const label of hasFewLetters(bytes) ? [] : guesses(bytes)) {
    const text = strictly(label, bytes);
    if (text !== null && !hasControls(text)) {
      return text;
    }
  }
  return windows1252(bytes);
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

/** A byte that was lost, or a letter cut at the end, does not make another encoding of UTF-8. */
function nearlyUtf8(bytes: Uint8Array): string | null {
  const text = new TextDecoder("utf-8").decode(bytes);
  const lost = text.match(/\ufffd/g)?.length ?? 0;
  const letters = text.match(/[^\0-\x7f\ufffd]/gu)?.length ?? 0;
  return lost * 20 < letters ? text : null;
}

/** Whether hardly any byte is beyond ASCII: too few for statistics, and a script has many. */
function hasFewLetters(bytes: Uint8Array): boolean {
  const sample = bytes.subarray(0, SAMPLE_BYTES);
  let beyond = 0;
  for (const byte of sample) {
    beyond += byte >> 7;
  }
  return beyond * 300 < sample.length;
}

function guesses(bytes: Uint8Array): string[] {
  return analyse(bytes.subarray(0, SAMPLE_BYTES)).map(({ name }) => LABELS[name] ?? name);
}

function strictly(label: string, bytes: Uint8Array): string | null {
  if (/^(windows-1252|iso-8859-1|latin-?1)$/i.test(label)) {
    return windows1252(bytes);
  }
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes);
  } catch {
    return null; // not in this encoding, or in one that nobody knows
  }
}

/** What windows-1252 has from 0x80 on where ISO-8859-1 has controls. */
const BEYOND_LATIN = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ";

/** Node 20 takes windows-1252 for ISO-8859-1. */
function windows1252(bytes: Uint8Array): string {
  return new TextDecoder("windows-1252")
    .decode(bytes)
    .replace(/[\x80-\x9f]/g, (letter) => BEYOND_LATIN[letter.charCodeAt(0) - 0x80] ?? letter);
}

function hasEscapes(bytes: Uint8Array): boolean {
  return bytes.subarray(0, SAMPLE_BYTES).includes(0x1b);
}

/** ISO-8859-1 and its like have controls where windows-1252 has quotation marks. */
function hasControls(text: string): boolean {
  return /[\x80-\x84\x86-\x9f]/.test(text);
}
