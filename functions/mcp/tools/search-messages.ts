import { z } from "zod";
import { uuid } from "../../../types/schemas.ts";
import { HttpError } from "../../_shared/errors/http-error.ts";
import { organizationInput, organizationOf } from "../organization-of.ts";
import { cutPage, pageInput, pageOutput } from "../page.ts";
import { messageRow } from "../rows.ts";
import { assistantTool, reading } from "../tool.ts";

/** Words beyond these would narrow nothing down, but cost. */
const MOST_WORDS = 8;

/** Most characters of a message. */
const CONTENT_CHARACTERS = 2_000;

/** `search_messages` */
export const searchMessages = assistantTool({
  name: "search_messages",
  title: "Search messages",
  description:
    "Finds messages of people and agents in the channels that the user reads, newest first: " +
    "those in which all the words occur, in any order, as parts of words too. Upper and lower " +
    "case are the same.",
  input: z.strictObject({
    query: z
      .string()
      .trim()
      .min(2)
      .max(200)
      .describe(`Words, the first ${MOST_WORDS} of which count.`),
    ...organizationInput,
    channel_id: uuid.optional().describe("Only in this channel."),
    ...pageInput,
  }),
  output: z.object({
    messages: z.array(
      messageRow.extend({
        channel: z.string().nullable().describe("The channel's name."),
        author: z.string().nullable().describe("The person's or agent's name, if known."),
        is_truncated: z.boolean(),
      }),
    ),
    ...pageOutput,
  }),
  annotations: reading,
  async call({ query, organization_id, channel_id, ...page }, call) {
    const { store } = call;
    const words = wordsOf(query);
    const organizationId = await organizationOf(organization_id, call);
    const filter = { words, channelId: channel_id };
    const { rows, next_cursor } = cutPage(await store.messages(organizationId, filter, page), page);

    const idsOf = (name: "channel_id" | "user_id" | "agent_id") => [
      ...new Set(rows.flatMap((row) => row[name] ?? [])),
    ];
    const named = await Promise.all([
      store.names("chat_channels", idsOf("channel_id")),
      store.names("profiles", idsOf("user_id")),
      store.names("agents", idsOf("agent_id")),
    ]);
    const names = new Map(named.flat().map(({ id, name }) => [id, name]));
    const messages = rows.map((row) => ({
      ...row,
      content: row.content.slice(0, CONTENT_CHARACTERS),
      is_truncated: row.content.length > CONTENT_CHARACTERS,
      channel: names.get(row.channel_id) ?? null,
      author: names.get(row.user_id ?? row.agent_id ?? "") ?? null,
    }));
    return { messages, next_cursor };
  },
});

/** What patterns and lists of them are written with parts words, as spaces do. */
function wordsOf(query: string): string[] {
  const words = query.split(/[\s,"{}()\\%*_]+/).filter((word) => word !== "");
  if (words.length === 0) {
    throw new HttpError(400, "query_empty", "There is no word in the query.");
  }
  return words.slice(0, MOST_WORDS);
}
