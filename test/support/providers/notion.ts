import { Hono } from "hono";
import type { TestApi } from "./api-server.ts";
import { serveProvider } from "./serve-provider.ts";

/** A block as a test writes it; `children` become blocks of their own. */
export interface NotionBlock {
  id: string;
  type: string;
  content: Record<string, unknown>;
  children?: NotionBlock[];
}

export interface NotionPage {
  id: string;
  title: string;
  blocks: NotionBlock[];
}

interface Child {
  paragraph?: { rich_text: { text: { content: string } }[] };
}

/** Notion's API of 2022-06-28 (https://developers.notion.com/reference) with these pages. */
export async function startNotion(token: string, pages: NotionPage[]): Promise<TestApi> {
  const app = new Hono().basePath("/v1");
  const error = (status: number, code: string, message: string) =>
    [{ object: "error", status, code, message, request_id: "r-1" }, status as 400] as const;
  const notFound = (id: string) =>
    error(404, "object_not_found", `Could not find page with ID: ${id}.`);

  app.use(async (c, next) => {
    if (c.req.header("authorization") !== `Bearer ${token}`) {
      return c.json(...error(401, "unauthorized", "API token is invalid."));
    }
    return c.req.header("notion-version") === "2022-06-28"
      ? next()
      : c.json(...error(400, "missing_version", "Notion-Version header should be defined."));
  });

  app.post("/search", async (c) => {
    const { query = "", page_size, start_cursor, filter } = await c.req.json();
    if (filter?.property !== "object" || filter.value !== "page") {
      return c.json(...error(400, "validation_error", "body.filter should be defined."));
    }
    const all = pages.filter(({ title }) => title.toLowerCase().includes(query.toLowerCase()));
    return c.json(list(all, page_size, start_cursor, showPage));
  });
  app.get("/pages/:id", (c) => {
    const page = find(pages, c.req.param("id"));
    return page ? c.json(showPage(page)) : c.json(...notFound(c.req.param("id")));
  });
  app.get("/blocks/:id/children", (c) => {
    const id = c.req.param("id");
    const blocks = find(pages, id)?.blocks ?? findBlock(pages, id)?.children;
    if (!blocks) return c.json(...notFound(id));
    const { page_size = "100", start_cursor } = c.req.query();
    return c.json(list(blocks, Number(page_size), start_cursor, showBlock));
  });
  app.post("/pages", async (c) => {
    const { parent, properties, children } = await c.req.json();
    if (!find(pages, parent.page_id)) return c.json(...notFound(parent.page_id));
    const refusal = refuse(children);
    if (refusal) return c.json(...error(400, "validation_error", refusal));
    const id = `${String(pages.length).padStart(8, "0")}-0000-4000-8000-000000000000`;
    const title = properties.title.title[0].text.content;
    const page = { id, title, blocks: children.map(toBlock) };
    pages.push(page);
    return c.json(showPage(page));
  });
  app.patch("/blocks/:id/children", async (c) => {
    const page = find(pages, c.req.param("id"));
    if (!page) return c.json(...notFound(c.req.param("id")));
    const { children } = await c.req.json();
    const refusal = refuse(children);
    if (refusal) return c.json(...error(400, "validation_error", refusal));
    page.blocks.push(...children.map(toBlock));
    return c.json({ object: "list", results: children });
  });

  return serveProvider(app as unknown as Hono, "/v1");
}

/** Notion's limits of a request. */
function refuse(children: Child[]): string | null {
  if (children.length > 100) {
    return `body.children.length should be ≤ 100, instead was ${children.length}.`;
  }
  const texts = children.flatMap(({ paragraph }) => paragraph?.rich_text ?? []);
  const long = texts.find(({ text }) => text.content.length > 2000);
  return long
    ? `text.content.length should be ≤ 2000, instead was ${long.text.content.length}.`
    : null;
}

function list<T>(all: T[], size: number, cursor: string | undefined, show: (one: T) => object) {
  const start = cursor ? Number(cursor) : 0;
  const has_more = start + size < all.length;
  return {
    object: "list",
    results: all.slice(start, start + size).map(show),
    has_more,
    next_cursor: has_more ? String(start + size) : null,
  };
}

function find(pages: NotionPage[], id: string): NotionPage | undefined {
  return pages.find((page) => page.id.replaceAll("-", "") === id.replaceAll("-", ""));
}

function findBlock(pages: NotionPage[], id: string): NotionBlock | undefined {
  const within = (blocks: NotionBlock[]): NotionBlock[] =>
    blocks.flatMap((block) => [block, ...within(block.children ?? [])]);
  return pages.flatMap(({ blocks }) => within(blocks)).find((block) => block.id === id);
}

function showPage({ id, title }: NotionPage) {
  return {
    object: "page",
    id,
    url: `https://www.notion.so/${id.replaceAll("-", "")}`,
    last_edited_time: "2026-11-02T00:00:00.000Z",
    archived: false,
    parent: { type: "workspace", workspace: true },
    properties: {
      Name: { id: "title", type: "title", title: [{ type: "text", plain_text: title }] },
      Done: { id: "x", type: "checkbox", checkbox: false },
    },
  };
}

function showBlock({ id, type, content, children }: NotionBlock) {
  return { object: "block", id, type, has_children: children !== undefined, [type]: content };
}

function toBlock({ paragraph }: Child, index: number): NotionBlock {
  const plain = (paragraph?.rich_text ?? []).map(({ text }) => ({ plain_text: text.content }));
  return { id: `written-${index}`, type: "paragraph", content: { rich_text: plain } };
}
