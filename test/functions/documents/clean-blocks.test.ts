import { expect, it } from "vitest";
import { cleanBlocks } from "../../../functions/_shared/documents/clean-blocks.ts";

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
