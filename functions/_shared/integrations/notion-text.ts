import { z } from "zod";
import { type ProviderApi, pathOf } from "./provider-api.ts";

/** Requests that reading one page may take: Notion allows three a second. */
const MOST_REQUESTS = 20;
/** How deep blocks within blocks are followed. */
const MOST_DEPTH = 4;

const block = z.looseObject({
  id: z.string(),
  type: z.string(),
  has_children: z.boolean().default(false),
});

type Block = z.infer<typeof block>;

const children = z.object({
  results: z.array(block),
  has_more: z.boolean(),
  next_cursor: z.string().nullish(),
});

const texts = z.array(z.object({ plain_text: z.string() }));

/**
 * The text of a page, or of a block, in Markdown, by its blocks and theirs in turn. Stops, and says
 * so, at that many characters or when it would take too many requests. Pages within the page are
 * named and not read.
 */
export async function readBlocks(
  api: ProviderApi,
  id: string,
  mostCharacters: number,
): Promise<{ text: string; isWhole: boolean }> {
  const lines: string[] = [];
  let length = 0;
  let requests = 0;
  let isWhole = true;

  async function read(parent: string, depth: number): Promise<void> {
    let cursor: string | undefined;
    do {
      if (length > mostCharacters || requests === MOST_REQUESTS) {
        isWhole = false;
        return;
      }
      requests += 1;
      const { results, has_more, next_cursor } = await api.json(children, {
        path: pathOf`blocks/${parent}/children`,
        query: { page_size: 100, start_cursor: cursor },
      });
      for (const each of results) {
        add(each, depth);
        if (each.has_children && !each.type.startsWith("child_")) {
          if (depth < MOST_DEPTH) {
            await read(each.id, depth + 1);
          } else {
            isWhole = false;
          }
        }
      }
      cursor = has_more ? (next_cursor ?? undefined) : undefined;
    } while (cursor);
  }

  function add(each: Block, depth: number): void {
    const line = lineOf(each);
    if (line !== "") {
      lines.push("  ".repeat(depth) + line);
      length += line.length + 1;
    }
  }

  await read(id, 0);
  const text = lines.join("\n");
  return text.length > mostCharacters
    ? { text: text.slice(0, mostCharacters), isWhole: false }
    : { text, isWhole };
}

const marks: Record<string, string> = {
  heading_1: "# ",
  heading_2: "## ",
  heading_3: "### ",
  bulleted_list_item: "- ",
  numbered_list_item: "1. ",
  quote: "> ",
  callout: "> ",
};

/** A block's own line; what has no words becomes none. */
function lineOf({ type, ...block }: Block): string {
  const content = (block[type] ?? {}) as Record<string, unknown>;
  switch (type) {
    case "divider":
      return "---";
    case "child_page":
    case "child_database":
      return `[${type === "child_page" ? "page" : "database"}] ${content.title} (${block.id})`;
    case "table_row":
      return `| ${((content.cells as unknown[]) ?? []).map(plain).join(" | ")} |`;
    case "to_do":
      return `- [${content.checked ? "x" : " "}] ${plain(content.rich_text)}`;
    case "code":
      return `\`\`\`${content.language ?? ""}\n${plain(content.rich_text)}\n\`\`\``;
    case "equation":
      return String(content.expression ?? "");
    case "bookmark":
    case "embed":
    case "link_preview":
      return `${plain(content.caption)} ${content.url ?? ""}`.trim();
    case "image":
    case "video":
    case "file":
    case "pdf":
    case "audio":
      // Addresses of Notion's own files are credentials for an hour.
      return `[${type}] ${plain(content.caption)}`.trim();
    default: {
      const text = plain(content.rich_text);
      return text === "" ? "" : (marks[type] ?? "") + text;
    }
  }
}

function plain(value: unknown): string {
  const read = texts.safeParse(value);
  return read.success ? read.data.map(({ plain_text }) => plain_text).join("") : "";
}
