import { z } from "zod";
import { askSlack } from "./ask-slack.ts";
import { type Capability, type CapabilityContext, defineCapability } from "./capability.ts";
import { excerpt } from "./excerpt.ts";
import { ProviderError } from "./provider-error.ts";

const channelId = z
  .string()
  .regex(/^[CDG][A-Z0-9]{2,20}$/)
  .describe("The channel's id, such as C0123456789: slack_list_channels.");

const cursor = z.string().min(1).max(1000).optional().describe("next_cursor, to read on.");

const timestamp = z.string().regex(/^\d{1,12}\.\d{6}$/);

const page = { response_metadata: z.object({ next_cursor: z.string().optional() }).nullish() };

const listChannels = defineCapability({
  key: "slack_list_channels",
  input: z.strictObject({
    limit: z.int().min(1).max(200).default(100).describe("Most channels in one answer."),
    cursor,
  }),
  async execute(input, context) {
    const { channels, response_metadata } = await askSlack(
      context,
      "conversations.list",
      z.object({ channels: z.array(channel), ...page }),
      // Private channels need a scope of their own, which this capability does not ask for.
      { query: { types: "public_channel", exclude_archived: true, ...input } },
    );
    return {
      channels: channels.map(({ id, name, is_member, num_members, topic, purpose }) => ({
        id,
        name,
        is_member,
        members: num_members,
        topic: excerpt(fromSlack(topic?.value || purpose?.value), 200) || undefined,
      })),
      next_cursor: response_metadata?.next_cursor || null,
    };
  },
});

const postMessage = defineCapability({
  key: "slack_post_message",
  input: z.strictObject({
    channel_id: channelId,
    text: z
      .string()
      .min(1)
      .max(40_000)
      .describe("In Slack's mrkdwn (*bold*, _italic_). Mentions stay plain text."),
    thread_ts: timestamp.optional().describe("ts of a message, to reply in its thread."),
  }),
  async execute({ channel_id, text, thread_ts }, context) {
    const { channel, ts } = await askSlack(
      context,
      "chat.postMessage",
      z.object({ channel: z.string(), ts: z.string() }),
      // Escaped as Slack asks: a text that came from elsewhere cannot call a whole channel.
      { json: { channel: channel_id, text: toSlack(text), thread_ts } },
    );
    return { channel_id: channel, ts };
  },
});

const readMessages = defineCapability({
  key: "slack_read_messages",
  input: z.strictObject({
    channel_id: channelId,
    thread_ts: timestamp.optional().describe("ts of a message, to read its thread."),
    limit: z.int().min(1).max(100).default(20).describe("Most messages in one answer."),
    oldest: timestamp.optional().describe("Only after this ts (seconds since 1970)."),
    latest: timestamp.optional().describe("Only before this ts (seconds since 1970)."),
    cursor,
  }),
  async execute({ channel_id, thread_ts, ...range }, context) {
    await requirePublic(channel_id, context);
    const { messages, response_metadata } = await askSlack(
      context,
      thread_ts ? "conversations.replies" : "conversations.history",
      z.object({ messages: z.array(message), ...page }),
      { query: { channel: channel_id, ts: thread_ts, ...range } },
    );
    return {
      order: thread_ts ? "oldest first" : "newest first",
      messages: messages.map(compact),
      next_cursor: response_metadata?.next_cursor || null,
    };
  },
});

/** What agents can do at Slack. */
export const slackCapabilities: readonly Capability[] = [listChannels, postMessage, readMessages];

const channel = z.object({
  id: z.string(),
  name: z.string(),
  is_member: z.boolean().optional(),
  num_members: z.number().optional(),
  topic: z.object({ value: z.string() }).optional(),
  purpose: z.object({ value: z.string() }).optional(),
});

const message = z.object({
  ts: z.string(),
  text: z.string().nullish(),
  user: z.string().optional(),
  username: z.string().optional(),
  bot_id: z.string().optional(),
  subtype: z.string().optional(),
  thread_ts: z.string().optional(),
  reply_count: z.number().optional(),
  files: z.array(z.object({ name: z.string().nullish() })).optional(),
});

function compact({ ts, text, user, username, bot_id, ...more }: z.infer<typeof message>) {
  return {
    ts,
    time: new Date(Number(ts) * 1000).toISOString(),
    from: user ?? username ?? bot_id,
    text: excerpt(fromSlack(text), 4000),
    kind: more.subtype,
    thread_ts: more.thread_ts === ts ? undefined : more.thread_ts,
    replies: more.reply_count,
    files: more.files?.map(({ name }) => name ?? "unnamed"),
  };
}

/**
 * A token may hold groups:history as well, for which an agent was not allowed: only the channel
 * tells.
 */
async function requirePublic(id: string, context: CapabilityContext): Promise<void> {
  const privacy = z.object({
    is_private: z.boolean().optional(),
    is_im: z.boolean().optional(),
    is_mpim: z.boolean().optional(),
  });
  const { channel } = await askSlack(
    context,
    "conversations.info",
    z.object({ channel: privacy }),
    { query: { channel: id } },
  );
  if (channel.is_private || channel.is_im || channel.is_mpim) {
    throw new ProviderError(
      "provider_forbidden",
      "Only public channels of Slack can be read: this one is private.",
      { hint: "Choose one of slack_list_channels." },
    );
  }
}

function toSlack(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function fromSlack(text: string | null | undefined): string {
  return (text ?? "").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
