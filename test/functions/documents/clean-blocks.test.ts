import { expect, it } from "vitest";
import { cleanBlocks } from "../../../functions/_shared/documents/clean-blocks.ts";
import { openDocument } from "../../../functions/_shared/documents/open-document.ts";
import { optionsFor } from "./read-blocks.ts";

it("leaves out of blocks what PostgreSQL does not take and what nobody sees or types", () => {
  const blocks = cleanBlocks([
    { kind: "paragraph", text: "a\u0000b\ud800c\u0007" },
    { kind: "paragraph", text: " o\ufb03ce, soft\u00adened, nai\u0308ve\u200b ", page: 3 },
    { kind: "paragraph", text: "\u00ad \ufeff" },
    { kind: "table_row", text: "1 | 2", columns: ["\ufb01rst", "second "] },
  ]);

  expect(blocks).toEqual([
    { kind: "paragraph", text: "ab\ufffdc" },
    { kind: "paragraph", text: "office, softened, na\u00efve", page: 3 },
    { kind: "table_row", text: "1 | 2", columns: ["first", "second"] },
  ]);
});

it.each([
  ["a page", "text/html", `<title>${"Light \ud83d\udca1 ".repeat(20_000)}</title><p>Lamps.</p>`],
  ["a mail", "message/rfc822", mail("YQBiAWM="), "abc"],
  ["a page without one", "text/html", "<title> </title><p>Lamps.</p>", null],
])("keeps of a title what fits into a log: %s", async (_, fileType, content, expected?) => {
  const options = optionsFor("file", fileType);
  const { title } = await openDocument(new TextEncoder().encode(content), options);

  if (expected !== undefined) {
    expect(title).toBe(expected);
  } else {
    expect([...(title ?? "")].length).toBeGreaterThan(200);
    expect(new TextEncoder().encode(title ?? "").length).toBeLessThan(2_000);
    expect(title).not.toMatch(/\p{Surrogate}/u);
  }
});

/** A mail with a subject of any bytes. */
function mail(subject: string) {
  return [
    "From: ada@example.com",
    `Subject: =?utf-8?B?${subject}?=`,
    "Content-Type: text/plain; charset=utf-8",
    "",
    "Lamps are lit at dusk.",
  ].join("\r\n");
}
