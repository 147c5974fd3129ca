import { describe, expect, it } from "vitest";
import { decodeText, mayBeText } from "../../../functions/_shared/integrations/text-file.ts";

const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

describe("bytes as text", () => {
  it.each([
    ["UTF-8", new TextEncoder().encode("Grüße 👋"), undefined, "Grüße 👋"],
    ["UTF-8 that is said to be something else", bytes("Gr\xc3\xbc"), "iso-8859-1", "Grü"],
    ["UTF-8 with a mark", bytes("\xef\xbb\xbfHello"), undefined, "Hello"],
    ["UTF-16", bytes("\xff\xfeH\0i\0"), undefined, "Hi"],
    ["UTF-16 the other way", bytes("\xfe\xff\0H\0i"), undefined, "Hi"],
    ["the charset that is named", bytes("Za\xbf\xf3\xb3\xe6"), "iso-8859-2", "Zażółć"],
    ["Japanese with escapes", bytes("\x1b$B$3$s\x1b(B"), "ISO-2022-JP", "こん"],
    ["Japanese that is UTF-8 after all", bytes("\xe3\x81\x93"), "ISO-2022-JP", "こ"],
    ["a charset that nobody knows", bytes("caf\xe9"), "x-nothing", "café"],
    ["no charset", bytes("caf\xe9"), undefined, "café"],
    ["nothing", bytes(""), undefined, ""],
  ])("in %s", (_, given, charset, text) => {
    expect(decodeText(given, charset)).toBe(text);
  });
});

describe("what may be text", () => {
  it.each([
    "text/plain",
    "text/csv; charset=utf-8",
    "application/json",
    "application/ld+json",
    "application/xml",
    "application/x-yaml",
    "application/javascript",
    "image/svg+xml",
    "application/octet-stream",
    null,
  ])("%s may be", (type) => {
    expect(mayBeText(type)).toBe(true);
  });

  it.each([
    "image/png",
    "application/pdf",
    "application/zip",
    "video/mp4",
    "application/x-sharpie",
  ])("%s may not be", (type) => {
    expect(mayBeText(type)).toBe(false);
  });
});
