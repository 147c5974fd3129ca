import { describe, expect, it } from "vitest";
import { openCsv } from "../../../functions/_shared/documents/csv.ts";
import type { OpenFormat } from "../../../functions/_shared/documents/document.ts";
import { openEml } from "../../../functions/_shared/documents/eml.ts";
import { openHtml } from "../../../functions/_shared/documents/html.ts";
import { openJson } from "../../../functions/_shared/documents/json.ts";
import { openMarkdown } from "../../../functions/_shared/documents/markdown.ts";
import { requirePartSize } from "../../../functions/_shared/documents/refusals.ts";
import { optionsFor } from "./read-blocks.ts";

describe("a file of a size that would not fit into memory", () => {
  it.each<[string, OpenFormat, number]>([
    ["JSON", openJson, 12],
    ["HTML", openHtml, 16],
    ["an e-mail", openEml, 25],
    ["CSV", openCsv, 32],
    ["Markdown", openMarkdown, 32],
  ])("is refused before it is parsed, with the size that would do: %s", async (_, open, limit) => {
    const opened = open(new Uint8Array(limit * 1024 * 1024 + 1), optionsFor());

    await expect(opened).rejects.toMatchObject({
      code: "document_too_large",
      message: `The file is too large: its format is read up to ${limit} MB. Upload it in smaller parts.`,
    });
  });

  it.each<[string, OpenFormat, string, string]>([
    ["one row of commas alone", openCsv, ",".repeat(300_000), "256 kB in one row"],
    ["an e-mail of line ends alone", openEml, "\n".repeat(400_001), "400,000 lines"],
  ])("is refused for what it would come to: %s", async (_, open, text, limit) => {
    const opened = open(new TextEncoder().encode(text), optionsFor());

    await expect(opened).rejects.toThrow(limit);
  });

  it("is refused for the size of a part that is packed small", () => {
    expect(() => requirePartSize(new Uint8Array(17 * 1024 * 1024))).toThrow(
      "16 MB of unpacked text",
    );
  });
});
