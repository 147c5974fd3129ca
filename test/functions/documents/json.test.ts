import { describe, expect, it } from "vitest";
import { openJson } from "../../../functions/_shared/documents/json.ts";
import { openDocument } from "../../../functions/_shared/documents/open-document.ts";
import { lines, optionsFor, readBlocks } from "./read-blocks.ts";

describe("JSON", () => {
  it("comes to headings by its paths, and to rows by its records", async () => {
    const { title, blocks } = await readBlocks(
      openJson,
      JSON.stringify({
        title: "Harbours",
        open: true,
        tags: ["sea", "quay"],
        contact: { name: "Ada", phones: { day: "1", night: null } },
        boats: [
          { name: "Corvina", built: 1991, home: { port: "Oster", berth: 4 } },
          { name: "Petrel", crew: ["Tom", "Ines"] },
        ],
        notes: ["x".repeat(200), "A second note"],
        depths: [
          [1, 2],
          [3, 4],
        ],
      }),
    );

    expect(title).toBe("Harbours");
    expect(lines(blocks)).toEqual([
      "paragraph: title: Harbours\nopen: true\ntags: sea, quay",
      "heading1: contact",
      "paragraph: name: Ada",
      "heading2: phones",
      "paragraph: day: 1",
      "heading1: boats",
      "table_row: Corvina | 1991 | Oster | 4 <- name, built, home.port, home.berth, crew",
      "table_row: Petrel |  |  |  | Tom, Ines <- name, built, home.port, home.berth, crew",
      "heading1: notes",
      `list_item: ${"x".repeat(200)}`,
      "list_item: A second note",
      "heading1: depths",
      "table_row: 1 | 2",
      "table_row: 3 | 4",
    ]);
  });

  it("may be one value a line", async () => {
    const { blocks } = await readBlocks(openJson, '{"a":1,"b":"x"}\n\n{"a":2,"b":"y"}\n');

    expect(lines(blocks)).toEqual(["table_row: 1 | x <- a, b", "table_row: 2 | y <- a, b"]);
  });

  it("with names that mean something to programs is only text", async () => {
    const text = '[{"__proto__":"p","constructor":"c","toString":"t"}]';

    const { blocks } = await readBlocks(openJson, text);

    expect(lines(blocks)).toEqual(["table_row: p | c | t <- __proto__, constructor, toString"]);
  });

  it.each([
    ["lists", "[".repeat(100_000) + "]".repeat(100_000)],
    ["objects", `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`],
  ])("that nests %s by ten thousands is refused", async (_, text) => {
    const opened = openJson(new TextEncoder().encode(text), optionsFor());

    await expect(opened).rejects.toMatchObject({ code: "document_unsupported" });
  });

  it.each([
    ["is cut off", '{"a": [1, 2', "document_broken"],
    ["holds nothing", "{}", "document_empty"],
  ])("that %s is refused with a sentence", async (_, text, code) => {
    const opened = openDocument(
      new TextEncoder().encode(text),
      optionsFor("data.json", "application/json"),
    );

    await expect(opened).rejects.toMatchObject({
      code,
      message: expect.stringMatching(/^The.*\.$/),
    });
  });
});
