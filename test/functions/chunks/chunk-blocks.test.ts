import { beforeAll, describe, expect, it } from "vitest";
import type { Chunk } from "../../../functions/_shared/chunks/chunk.ts";
import { type ChunkOptions, chunkBlocks } from "../../../functions/_shared/chunks/chunk-blocks.ts";
import { newChunkerState } from "../../../functions/_shared/chunks/chunker-state.ts";
import { storableText } from "../../../functions/_shared/chunks/storable-text.ts";
import type { Block } from "../../../functions/_shared/documents/document.ts";
import { type CountTokens, loadTokenizer } from "../../../functions/_shared/tokens/count-tokens.ts";
import { randomDocument, randomFrom } from "./random-document.ts";

const words: CountTokens = (text) => text.match(/\S+/g)?.length ?? 0;

function chunksOf(blocks: Block[], options: ChunkOptions = {}, count = words): Chunk[] {
  return chunkBlocks(newChunkerState(), blocks, count, { ...options, isLast: true }).chunks;
}

function paragraph(text: string, more: Partial<Block> = {}): Block {
  return { kind: "paragraph", text, ...more };
}

function heading(text: string, level: number): Block {
  return { kind: "heading", text, level };
}

/** Sentences of five words each. */
function prose(sentences: number, about = "rain"): string {
  return Array.from({ length: sentences }, (_, at) => `Sentence ${at} speaks of ${about}.`).join(
    " ",
  );
}

describe("chunks and the structure of a text", () => {
  it("end before a heading of level 1 or 2", () => {
    const blocks = [heading("A", 1), paragraph(prose(6)), heading("B", 2), paragraph(prose(6))];

    const chunks = chunksOf(blocks, { maxTokens: 100 });

    expect(chunks.map(({ content }) => content.split("\n")[0])).toEqual(["A", "B"]);
    expect(chunks.map(({ heading_path }) => heading_path)).toEqual([["A"], ["A", "B"]]);
  });

  it("keep a tiny section together with the next one, and are named by what they mostly are", () => {
    const blocks = [
      heading("Rules", 1),
      heading("Scope", 2),
      paragraph("All."),
      heading("Leave", 2),
      paragraph(prose(10)),
    ];

    const chunks = chunksOf(blocks, { maxTokens: 100 });

    expect(chunks).toHaveLength(1);
    expect(chunks[0]?.heading_path).toEqual(["Rules", "Leave"]);
  });

  it("of several short sections are named by what these stand under", () => {
    const blocks = [
      heading("Work", 2),
      heading("Shifts", 3),
      paragraph(prose(4)),
      heading("Overtime", 3),
      paragraph(prose(4)),
    ];

    const chunks = chunksOf(blocks, { maxTokens: 100 });

    expect(chunks).toHaveLength(1);
    expect(chunks[0]?.heading_path).toEqual(["Work"]);
  });

  it("let go of deeper headings when a higher one begins", () => {
    const blocks = [
      heading("A", 1),
      heading("Deep", 3),
      paragraph(prose(10)),
      heading("B", 2),
      paragraph(prose(10)),
    ];

    const chunks = chunksOf(blocks, { maxTokens: 60 });

    expect(chunks.at(-1)?.heading_path).toEqual(["A", "B"]);
  });

  it("leave no heading behind what it heads", () => {
    const blocks = [paragraph(prose(9)), heading("Next", 4), paragraph(prose(9))];

    const chunks = chunksOf(blocks, { maxTokens: 50 });

    expect(chunks.map(({ content }) => content.endsWith("Next"))).toEqual([false, false]);
    expect(chunks[1]?.content).toMatch(/^Next\n\nSentence 0/);
  });

  it("keep a paragraph whole when the one before has filled more than half", () => {
    const blocks = [paragraph(prose(12, "hail")), paragraph(prose(12, "snow"))];

    const chunks = chunksOf(blocks, { maxTokens: 100, overlapTokens: 0 });

    expect(chunks.map(({ content }) => content)).toEqual([prose(12, "hail"), prose(12, "snow")]);
  });

  it("cut a long paragraph after a sentence", () => {
    const chunks = chunksOf([paragraph(prose(50))], { maxTokens: 60, overlapTokens: 10 });

    expect(chunks.length).toBeGreaterThan(4);
    for (const { content } of chunks) {
      expect(content).toMatch(/^Sentence \d+ .* rain\.$/);
    }
  });

  it("begin with the last sentences of the chunk before", () => {
    const [first, second] = chunksOf([paragraph(prose(50))], { maxTokens: 60, overlapTokens: 12 });

    expect(first?.content).toMatch(/Sentence 10 speaks of rain\. Sentence 11 speaks of rain\.$/);
    expect(second?.content).toMatch(/^Sentence 10 speaks of rain\. Sentence 11/);
    expect(second?.metadata.overlap).toBe(
      "Sentence 10 speaks of rain. Sentence 11 speaks of rain.".length,
    );
  });

  it("begin with the last words where a sentence is too long to be said again", () => {
    const endless = Array.from({ length: 300 }, (_, at) => `word${at}`).join(" ");

    const [first, second] = chunksOf([paragraph(endless)], { maxTokens: 100, overlapTokens: 10 });

    const overlap = second?.content.slice(0, second.metadata.overlap) ?? "";
    expect(overlap.split(" ").length).toBeGreaterThan(4);
    expect(first?.content.endsWith(overlap)).toBe(true);
  });

  it("repeat a table's columns before the rows that are cut off from them", () => {
    const rows = Array.from({ length: 30 }, (_, at) => ({
      kind: "table_row" as const,
      text: `Item ${at} | ${at} EUR`,
      columns: ["Name", "Price"],
    }));

    const chunks = chunksOf([paragraph("Prices of today"), ...rows], { maxTokens: 60 });

    expect(chunks[0]?.content).toMatch(/^Prices of today\n\nName \| Price\nItem 0 \|/);
    expect(chunks[1]?.content).toMatch(/^Name \| Price\nItem \d+ \|/);
    expect(chunks[1]?.metadata).toMatchObject({
      columns: ["Name", "Price"],
      inserted: { at: 0, length: "Name | Price\n".length },
    });
  });

  it("do not repeat columns that each row names, nor those of the header row itself", () => {
    const columns = ["Name", "Price"];
    const named = chunksOf([{ kind: "table_row", text: "Name: Tea; Price: 3", columns }]);
    const header = chunksOf([{ kind: "table_row", text: "Name | Price", columns }]);

    expect([...named, ...header].map(({ content }) => content)).toEqual([
      "Name: Tea; Price: 3",
      "Name | Price",
    ]);
  });

  it("keep two tables apart", () => {
    const row = (text: string, columns: string[]) => ({
      kind: "table_row" as const,
      text,
      columns,
    });

    const chunks = chunksOf([row("Tea | 3", ["Name", "Price"]), row("Ann | 9", ["Who", "Age"])]);

    expect(chunks.map(({ content }) => content)).toEqual([
      "Name | Price\nTea | 3",
      "Who | Age\nAnn | 9",
    ]);
  });

  it("cut code between lines", () => {
    const code = Array.from({ length: 60 }, (_, at) => `  let value${at} = f(${at}); // x`).join(
      "\n",
    );

    const chunks = chunksOf([{ kind: "code", text: code }], { maxTokens: 50, overlapTokens: 0 });

    expect(chunks.length).toBeGreaterThan(3);
    expect(chunks.every(({ content }) => content.endsWith("// x"))).toBe(true);
  });

  it("tell the first and the last page they are from", () => {
    const chunks = chunksOf([paragraph(prose(3), { page: 4 }), paragraph(prose(3), { page: 6 })]);

    expect(chunks).toMatchObject([{ page: 4, page_end: 6 }]);
  });

  it("are none for a text of white space", () => {
    expect(chunksOf([paragraph("  "), paragraph("\n\t")])).toEqual([]);
  });
});

/** Cuts words apart as an encoding does, in no time: a text counts other than the sum of its parts. */
const likeTokens: CountTokens = (text) => text.match(/ ?\p{L}{1,4}|\s+|./gu)?.length ?? 0;

describe("any document, cut into chunks", () => {
  interface Case {
    blocks: Block[];
    text: string;
    options: { maxTokens: number; overlapTokens: number };
    chunks: Chunk[];
  }
  let cases: Case[];

  beforeAll(() => {
    cases = [
      { maxTokens: 350, overlapTokens: 50 },
      { maxTokens: 64, overlapTokens: 12 },
      { maxTokens: 32, overlapTokens: 0 },
    ].flatMap((options) =>
      Array.from({ length: 12 }, (_, seed) => {
        const blocks = randomDocument(seed);
        const text = blocks.map((block) => storableText(block.text)).join("\n\n");
        return { blocks, text, options, chunks: chunksOf(blocks, options, likeTokens) };
      }),
    );
  });

  it("says exactly what stands at its place, but for columns that it says again", () => {
    for (const { text, chunks } of cases) {
      for (const { content, char_start, char_end, metadata } of chunks) {
        const { at, length } = metadata.inserted ?? { at: 0, length: 0 };
        expect(content.slice(0, at) + content.slice(at + length)).toBe(
          text.slice(char_start, char_end),
        );
      }
    }
  });

  it("loses nothing but white space, and repeats what it says it does", () => {
    for (const { text, chunks } of cases) {
      let end = 0;
      for (const chunk of chunks) {
        const begin = chunk.char_start + (chunk.metadata.overlap ?? 0);
        expect(begin).toBeGreaterThanOrEqual(end);
        expect(text.slice(end, begin).trim()).toBe("");
        end = chunk.char_end;
      }
      expect(text.slice(end).trim()).toBe("");
    }
  });

  it("keeps to the size and to the overlap", () => {
    for (const { chunks, options } of cases) {
      for (const { content, metadata, tokens: counted } of chunks) {
        expect(counted).toBe(likeTokens(content));
        expect(counted).toBeLessThanOrEqual(options.maxTokens);
        expect(likeTokens(content.slice(0, metadata.overlap ?? 0))).toBeLessThanOrEqual(
          options.overlapTokens + 2,
        );
      }
    }
  });

  it("numbers its chunks in the order of the text, and can be stored", () => {
    for (const { chunks } of cases) {
      expect(chunks.map(({ index }) => index)).toEqual(chunks.map((_, at) => at));
      for (const { content, heading_path } of chunks) {
        expect(storableText(content)).toBe(content);
        expect(heading_path.map(storableText)).toEqual(heading_path);
      }
    }
  });

  it("gives the same chunks in however many steps, with its state kept as JSON between", () => {
    for (const [seed, { blocks, options, chunks }] of cases.entries()) {
      const random = randomFrom(seed);
      const stepwise: Chunk[] = [];
      let state = newChunkerState();
      let from = 0;
      while (from < blocks.length) {
        const to = from + Math.floor(random() * 4);
        const step = chunkBlocks(state, blocks.slice(from, to), likeTokens, options);
        stepwise.push(...step.chunks);
        state = JSON.parse(JSON.stringify(step.state));
        from = to;
      }
      stepwise.push(...chunkBlocks(state, [], likeTokens, { ...options, isLast: true }).chunks);

      expect(stepwise).toEqual(chunks);
    }
  });
});

describe("with a model's own tokens", () => {
  let tokens: CountTokens;
  beforeAll(async () => {
    tokens = await loadTokenizer();
  });

  it("chunks keep to the size as well", () => {
    for (const seed of [101, 102, 103]) {
      for (const maxTokens of [48, 350]) {
        for (const chunk of chunksOf(randomDocument(seed), { maxTokens }, tokens)) {
          expect(chunk.tokens).toBe(tokens(chunk.content));
          expect(chunk.tokens).toBeLessThanOrEqual(maxTokens);
        }
      }
    }
  });

  it("long texts are cut in time that grows with their length only", () => {
    const texts = [prose(20_000), "x".repeat(50_000), "漢".repeat(20_000)];

    const chunks = chunksOf(
      texts.map((text) => paragraph(text)),
      {},
      tokens,
    );

    expect(chunks.length).toBeGreaterThan(300);
  });
});
