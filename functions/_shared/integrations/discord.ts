import { type ZodType, z } from "zod";
import { sleep } from "../sleep.ts";
import { type Capability, type CapabilityContext, defineCapability } from "./capability.ts";
import { excerpt } from "./excerpt.ts";
import { type ProviderRequest, pathOf, providerApi } from "./provider-api.ts";
import { ProviderError } from "./provider-error.ts";

/** The longest wait of Discord's that is sat out; its limits mostly pass sooner. */
const MOST_WAIT_SECONDS = 5;

const snowflake = z.string().regex(/^\d{17,20}$/);

const channelId = snowflake.describe("The channel's id, 17 to 20 digits.");

const postMessage = defineCapability({
  key: "discord_post_message",
  input: z.strictObject({
    channel_id: channelId,
    text: z
      .string()
      .min(1)
      .max(2000)
      .describe("In Discord's Markdown. Mentions are shown but notify nobody."),
    reply_to: snowflake.optional().describe("Id of a message in the channel to reply to."),
  }),
  async execute({ channel_id, text, reply_to }, context) {
    await requireOwnServer(channel_id, context);
    const { id, timestamp } = await askDiscord(
      context,
      z.object({ id: z.string(), timestamp: z.string() }),
      {
        method: "POST",
        path: pathOf`channels/${channel_id}/messages`,
        json: {
          content: text,
          // A text that came from elsewhere cannot call a whole server.
          allowed_mentions: { parse: [] },
          ...(reply_to ? { message_reference: { message_id: reply_to } } : {}),
        },
      },
    );
    return { message_id: id, channel_id, time: timestamp };
  },
});

const readMessages = defineCapability({
  key: "discord_read_messages",
  input: z.strictObject({
    channel_id: channelId,
    limit: z.int().min(1).max(100).default(20).describe("Most messages, newest first."),
    before: snowflake.optional().describe("next_before, to read on."),
  }),
  async execute({ channel_id, limit, before }, context) {
    await requireOwnServer(channel_id, context);
    const found = await askDiscord(context, z.array(message), {
      path: pathOf`channels/${channel_id}/messages`,
      query: { limit, before },
    });
    const isHidden = found.length > 0 && found.every(({ content }) => content === "");
    return {
      order: "newest first",
      messages: found.map(compact),
      next_before: found.length === limit ? (found.at(-1)?.id ?? null) : null,
      // Discord gives bots without it no error, but empty texts.
      ...(isHidden ? { note: "Texts are empty: the bot may lack Message Content Intent." } : {}),
    };
  },
});

/**
 * What agents can do at Discord. Whatever its scopes, the OAuth token of a person neither reads nor
 * posts messages: a bot does, in the server to which the person added it. So the connection's
 * credential has `bot_token` and `guild_id`, and nothing is done in any other server of the bot's.
 */
export const discordCapabilities: readonly Capability[] = [postMessage, readMessages];

const message = z.object({
  id: z.string(),
  content: z.string(),
  timestamp: z.string(),
  author: z.object({
    username: z.string(),
    global_name: z.string().nullish(),
    bot: z.boolean().optional(),
  }),
  attachments: z.array(z.object({ filename: z.string() })).default([]),
  message_reference: z.object({ message_id: z.string().optional() }).nullish(),
});

function compact({ id, content, timestamp, author, ...more }: z.infer<typeof message>) {
  return {
    id,
    time: timestamp,
    from: author.global_name ?? author.username,
    is_bot: author.bot,
    text: excerpt(content, 4000),
    reply_to: more.message_reference?.message_id,
    files: more.attachments.length ? more.attachments.map(({ filename }) => filename) : undefined,
  };
}

/** One bot serves the servers of many: the channel has to be in the one of this connection. */
async function requireOwnServer(channelId: string, context: CapabilityContext): Promise<void> {
  const { guild_id } = await askDiscord(context, z.object({ guild_id: z.string().optional() }), {
    path: pathOf`channels/${channelId}`,
  });
  if (guild_id === undefined || guild_id !== context.credential?.guild_id) {
    throw new ProviderError(
      "provider_not_found",
      "The Discord server of this connection has no such channel.",
      { hint: "Check the channel's id." },
    );
  }
}

/** Asks once more where Discord says that a moment is enough: a call it limits did nothing. */
async function askDiscord<A>(
  context: CapabilityContext,
  answer: ZodType<A>,
  request: ProviderRequest,
): Promise<A> {
  const token = botToken(context);
  const api = providerApi(
    "Discord",
    { ...context, accessToken: token },
    {
      authorization: `Bot ${token}`,
      // Discord refuses clients that name themselves otherwise.
      "user-agent": "DiscordBot (https://ensemble.example, 1)",
    },
  );
  try {
    return await api.json(answer, request);
  } catch (error) {
    const wait = waitSeconds(error);
    if (wait === null || wait > MOST_WAIT_SECONDS) {
      throw error;
    }
    await sleep(wait * 1000, context.signal);
    return api.json(answer, request);
  }
}

function waitSeconds(error: unknown): number | null {
  return error instanceof ProviderError && error.code === "provider_rate_limited"
    ? error.retryAfterSeconds
    : null;
}

function botToken({ credential }: CapabilityContext): string {
  const token = credential?.bot_token;
  if (typeof token === "string" && token !== "") {
    return token;
  }
  throw new ProviderError(
    "provider_forbidden",
    "Discord lets only bots read and post messages, and this connection has none.",
    { hint: "Ask the operator to set the bot's token, and the owner to add it to the server." },
  );
}
