import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { notionCapabilities } from "../../../functions/_shared/integrations/notion.ts";
import type { TestApi } from "../../support/providers/api-server.ts";
import { type NotionBlock, type NotionPage, startNotion } from "../../support/providers/notion.ts";
import { call, contextFor, failureOf } from "../../support/providers/run-capability.ts";

const accessToken = "ntn_the_token";
const planId = "aaaaaaaa-0000-4000-8000-000000000001";
const longId = "aaaaaaaa-0000-4000-8000-000000000002";
const pages: NotionPage[] = [];
let notion: TestApi;

const text = (plain_text: string) => ({ rich_text: [{ type: "text", plain_text }] });
const block = (type: string, content: Record<string, unknown>, children?: NotionBlock[]) => ({
  id: `block-${Math.random().toString(36).slice(2)}`,
  type,
  content,
  ...(children ? { children } : {}),
});

beforeAll(async () => {
  notion = await startNotion(accessToken, pages);
});
beforeEach(() => {
  notion.forget();
  pages.splice(
    0,
    pages.length,
    {
      id: planId,
      title: "Launch plan",
      blocks: [
        block("heading_1", text("Goals")),
        block("paragraph", {
          rich_text: [{ plain_text: "Ship " }, { plain_text: "it." }],
        }),
        block("bulleted_list_item", text("First"), [
          block("to_do", { ...text("Deep"), checked: true }),
        ]),
        block("table", { table_width: 2 }, [
          block("table_row", { cells: [[{ plain_text: "a" }], [{ plain_text: "b" }]] }),
        ]),
        block("image", { caption: [], file: { url: "https://s3.example/signed?key=1" } }),
        block("child_page", { title: "Notes" }, [block("paragraph", text("Not of this page"))]),
        block("unsupported", {}),
      ],
    },
    {
      id: longId,
      title: "Long",
      blocks: Array.from({ length: 230 }, (_, index) => block("paragraph", text(`Line ${index}`))),
    },
  );
});
afterAll(() => notion.close());

const ask = (key: string, input: unknown, token = accessToken) =>
  call(notionCapabilities, key, input, contextFor(notion.url, { accessToken: token }));

describe("notion_search_pages", () => {
  it("finds pages by their titles, page by page", async () => {
    const first = (await ask("notion_search_pages", { limit: 1 })) as { next_cursor: string };
    const second = await ask("notion_search_pages", { limit: 1, cursor: first.next_cursor });
    const found = await ask("notion_search_pages", { query: "plan" });

    expect(first).toMatchObject({ pages: [{ title: "Launch plan" }], next_cursor: "1" });
    expect(second).toMatchObject({ pages: [{ title: "Long" }], next_cursor: null });
    expect(found).toMatchObject({ pages: [{ id: planId }] });
  });
});

describe("notion_read_page", () => {
  it("reads blocks and the blocks within them as Markdown", async () => {
    const answer = (await ask("notion_read_page", { page_id: planId })) as { text: string };

    expect(answer).toMatchObject({ title: "Launch plan", is_whole: true });
    expect(answer.text).toBe(
      [
        "# Goals",
        "Ship it.",
        "- First",
        "  - [x] Deep",
        "  | a | b |",
        "[image]",
        `[page] Notes (${pages[0]?.blocks[5]?.id})`,
      ].join("\n"),
    );
    expect(answer.text).not.toContain("signed");
  });

  it("reads on where a page has more than a hundred blocks", async () => {
    const answer = (await ask("notion_read_page", { page_id: longId })) as { text: string };

    expect(answer.text.split("\n")).toHaveLength(230);
    expect(notion.requests).toHaveLength(4);
  });

  it("stops where it was told to, and says so", async () => {
    const answer = await ask("notion_read_page", { page_id: longId, max_characters: 100 });

    expect(answer).toMatchObject({ is_whole: false, text: expect.stringMatching(/^[\s\S]{100}$/) });
    expect(notion.requests).toHaveLength(2);
  });

  it("does not ask without end where blocks nest without end", async () => {
    const nested = (depth: number): NotionBlock[] =>
      depth === 0
        ? [block("paragraph", text("Bottom"))]
        : [block("toggle", text(`Level ${depth}`), nested(depth - 1))];
    pages[0]?.blocks.splice(0, 7, ...Array.from({ length: 30 }, () => nested(7)).flat());

    const answer = await ask("notion_read_page", { page_id: planId });

    expect(answer).toMatchObject({ is_whole: false });
    expect(notion.requests.length).toBeLessThanOrEqual(21);
  });

  it("says that a page is not shared with the connection", async () => {
    const page_id = "bbbbbbbb-0000-4000-8000-000000000009";
    const failure = await failureOf(ask("notion_read_page", { page_id }));

    expect(failure).toMatchObject({
      code: "provider_not_found",
      message: expect.stringContaining("Could not find page"),
    });
  });

  it("takes no path for an id", async () => {
    await expect(ask("notion_read_page", { page_id: "../users" })).rejects.toThrow();
    expect(notion.requests).toEqual([]);
  });
});

describe("notion_create_page", () => {
  const written = () => {
    const blocks = pages.at(-1)?.blocks ?? [];
    return blocks.map(({ content }) =>
      (content.rich_text as { plain_text: string }[]).map(({ plain_text }) => plain_text).join(""),
    );
  };

  it("makes a paragraph of each", async () => {
    const answer = await ask("notion_create_page", {
      parent_page_id: planId,
      title: "Minutes",
      text: "One\nstill one\n\n  \nTwo\n",
    });

    expect(answer).toMatchObject({ is_whole: true, url: expect.stringContaining("notion.so") });
    expect(pages.at(-1)?.title).toBe("Minutes");
    expect(written()).toEqual(["One\nstill one", "Two"]);
  });

  it("parts paragraphs that are longer than 2000 characters, and no letter", async () => {
    const words = "word ".repeat(900).trim();
    const letters = `x${"😀".repeat(2500)}`;
    await ask("notion_create_page", {
      parent_page_id: planId,
      title: "Long",
      text: `${words}\n\n${letters}`,
    });

    expect(Math.max(...written().map(({ length }) => length))).toBeLessThanOrEqual(2000);
    expect(written().slice(0, 3).join(" ")).toBe(words);
    expect(written().slice(3).join("")).toBe(letters);
    expect(written().filter((piece) => /[\uD800-\uDBFF]$/.test(piece))).toEqual([]);
  });

  it("writes more than a hundred paragraphs in several requests", async () => {
    const lines = Array.from({ length: 205 }, (_, index) => `Paragraph ${index}`);
    await ask("notion_create_page", {
      parent_page_id: planId,
      title: "Many",
      text: lines.join("\n\n"),
    });

    expect(written()).toEqual(lines);
    expect(notion.requests.map(({ method }) => method)).toEqual(["POST", "PATCH", "PATCH"]);
  });

  it("says which part of a page was written where the rest failed", async () => {
    const lines = Array.from({ length: 150 }, (_, index) => `Paragraph ${index}`);
    const id = "cccccccc-0000-4000-8000-000000000001";
    notion.answerNext({ json: { object: "page", id, url: "https://www.notion.so/c" } });
    notion.answerNext({ status: 500, json: { code: "internal_server_error", message: "Oops" } });

    const answer = await ask("notion_create_page", {
      parent_page_id: planId,
      title: "Half",
      text: lines.join("\n\n"),
    });

    expect(answer).toEqual({
      id,
      url: "https://www.notion.so/c",
      is_whole: false,
      note: "The page holds the first 100 of 150 paragraphs.",
    });
  });
});

describe("Notion's failures", () => {
  it("asks for a renewal when the token is refused", async () => {
    const failure = await failureOf(ask("notion_search_pages", {}, "ntn_gone"));

    expect(failure.code).toBe("provider_unauthorized");
  });

  it("says how long to wait where there were too many requests", async () => {
    notion.answerNext({
      status: 429,
      json: { object: "error", status: 429, code: "rate_limited", message: "Slow down" },
      headers: { "retry-after": "3" },
    });

    const failure = await failureOf(ask("notion_search_pages", {}));

    expect(failure).toMatchObject({ code: "provider_rate_limited", retryAfterSeconds: 3 });
  });
});
