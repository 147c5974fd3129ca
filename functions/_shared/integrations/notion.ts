import { z } from "zod";
import { type Capability, type CapabilityContext, defineCapability } from "./capability.ts";
import { appendBlocks, paragraphs, richText } from "./notion-blocks.ts";
import { readBlocks } from "./notion-text.ts";
import { bearerApi, type ProviderApi, pathOf } from "./provider-api.ts";

/** What one request of Notion's takes. */
const BLOCKS_PER_REQUEST = 100;

const pageId = z
  .string()
  .regex(/^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i);

const page = z.object({
  id: z.string(),
  url: z.string(),
  last_edited_time: z.string().optional(),
  archived: z.boolean().optional(),
  properties: z.record(z.string(), z.unknown()).default({}),
});

const searchPages = defineCapability({
  key: "notion_search_pages",
  input: z.strictObject({
    query: z.string().max(200).default("").describe("Words of titles; nothing finds all pages."),
    limit: z.int().min(1).max(100).default(20).describe("Most pages in one answer."),
    cursor: z.string().min(1).max(200).optional().describe("next_cursor, to read on."),
  }),
  async execute({ query, limit, cursor }, context) {
    const { results, next_cursor } = await notionApi(context).json(
      z.object({ results: z.array(page), next_cursor: z.string().nullish() }),
      {
        method: "POST",
        path: "search",
        json: {
          query,
          filter: { property: "object", value: "page" },
          sort: { timestamp: "last_edited_time", direction: "descending" },
          page_size: limit,
          ...(cursor ? { start_cursor: cursor } : {}),
        },
      },
    );
    return {
      pages: results.map(({ id, url, last_edited_time, properties }) => ({
        id,
        title: titleOf(properties),
        url,
        last_edited_time,
      })),
      next_cursor: next_cursor ?? null,
    };
  },
});

const readPage = defineCapability({
  key: "notion_read_page",
  input: z.strictObject({
    page_id: pageId.describe("The page's id, from notion_search_pages or its address."),
    max_characters: z
      .int()
      .min(100)
      .max(100_000)
      .default(20_000)
      .describe("Where to stop reading."),
  }),
  async execute({ page_id, max_characters }, context) {
    const api = notionApi(context);
    const { id, url, properties, last_edited_time } = await api.json(page, {
      path: pathOf`pages/${page_id}`,
    });
    const { text, isWhole } = await readBlocks(api, id, max_characters);
    return { id, title: titleOf(properties), url, last_edited_time, text, is_whole: isWhole };
  },
});

const createPage = defineCapability({
  key: "notion_create_page",
  input: z.strictObject({
    parent_page_id: pageId.describe("The page beneath which it is made."),
    title: z.string().trim().min(1).max(2000),
    text: z.string().max(100_000).default("").describe("Plain; empty lines part paragraphs."),
  }),
  async execute({ parent_page_id, title, text }, context) {
    const api = notionApi(context);
    const children = paragraphs(text);
    const { id, url } = await api.json(page, {
      method: "POST",
      path: "pages",
      json: {
        parent: { page_id: parent_page_id },
        properties: { title: { title: [richText(title)] } },
        children: children.slice(0, BLOCKS_PER_REQUEST),
      },
    });
    const written = await appendBlocks(api, id, children, BLOCKS_PER_REQUEST);
    const isWhole = written === children.length;
    return {
      id,
      url,
      is_whole: isWhole,
      ...(isWhole
        ? {}
        : { note: `The page holds the first ${written} of ${children.length} paragraphs.` }),
    };
  },
});

/** What agents can do at Notion: with pages that their owner shared with the connection. */
export const notionCapabilities: readonly Capability[] = [searchPages, readPage, createPage];

const title = z.object({
  type: z.literal("title"),
  title: z.array(z.object({ plain_text: z.string() })),
});

/** A page in a database has its title under any name; its type tells. */
function titleOf(properties: Record<string, unknown>): string {
  for (const property of Object.values(properties)) {
    const read = title.safeParse(property);
    if (read.success) {
      return read.data.title.map(({ plain_text }) => plain_text).join("");
    }
  }
  return "";
}

function notionApi(context: CapabilityContext): ProviderApi {
  const api = bearerApi("Notion", context);
  const headers = { "notion-version": "2022-06-28" };
  return {
    send: (request) => api.send({ ...request, headers }),
    json: (schema, request) => api.json(schema, { ...request, headers }),
  };
}
