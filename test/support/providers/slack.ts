import { Hono } from "hono";
import type { TestApi } from "./api-server.ts";
import { serveProvider } from "./serve-provider.ts";

/** A message of a channel; `ts` is its name. */
export interface SlackMessage {
  ts: string;
  text: string;
  user?: string;
  thread_ts?: string;
}

/** What is at the scripted Slack, and what its one token may do. */
export interface SlackWorld {
  scopes: string[];
  channels: { id: string; name: string; isPrivate?: boolean; isMember?: boolean }[];
  messages: Record<string, SlackMessage[]>;
}

/**
 * Slack's Web API (https://docs.slack.dev/apis/web-api): status 200 for most failures, arguments of
 * reading methods in the query, of writing ones in JSON, cursors in response_metadata.
 */
export async function startSlack(token: string, world: SlackWorld): Promise<TestApi> {
  const app = new Hono();
  const method = (
    name: string,
    scope: (channel: Channel | undefined) => string,
    answer: (args: Record<string, string>, channel: Channel) => object,
    needsChannel = true,
  ) =>
    app.all(`/api/${name}`, async (c) => {
      const given = c.req.header("authorization");
      if (!given) return c.json({ ok: false, error: "not_authed" });
      if (given !== `Bearer ${token}`) return c.json({ ok: false, error: "invalid_auth" });
      const isPost = c.req.method === "POST";
      if (isPost && !c.req.header("content-type")?.includes("charset=utf-8")) {
        return c.json({ ok: false, error: "missing_charset" });
      }
      const args = isPost ? await c.req.json() : c.req.query();
      const channel = world.channels.find(({ id }) => id === args.channel);
      const needed = scope(channel);
      if (!world.scopes.includes(needed)) {
        const provided = world.scopes.join(",");
        return c.json({ ok: false, error: "missing_scope", needed, provided });
      }
      if (needsChannel && !channel) return c.json({ ok: false, error: "channel_not_found" });
      return c.json(answer(args, channel as Channel));
    });
  type Channel = SlackWorld["channels"][number];
  const historyScope = (channel?: Channel) =>
    channel?.isPrivate ? "groups:history" : "channels:history";

  method(
    "conversations.list",
    () => "channels:read",
    ({ limit = "100", cursor, types = "public_channel" }) => {
      const all = world.channels.filter(
        ({ isPrivate }) => types === "public_channel" && !isPrivate,
      );
      return {
        ok: true,
        ...page(all, Number(limit), cursor, "channels", ({ id, name, isMember }) => ({
          id,
          name,
          is_channel: true,
          is_archived: false,
          is_private: false,
          is_member: isMember ?? true,
          num_members: 4,
          topic: { value: `All about ${name} &amp; more`, creator: "", last_set: 0 },
          purpose: { value: "", creator: "", last_set: 0 },
        })),
      };
    },
    false,
  );
  method(
    "conversations.info",
    (channel) => (channel?.isPrivate ? "groups:read" : "channels:read"),
    (_, { id, name, isPrivate = false }) => ({
      ok: true,
      channel: { id, name, is_channel: true, is_private: isPrivate, is_im: false, is_mpim: false },
    }),
  );
  method("conversations.history", historyScope, ({ limit = "100", cursor, oldest }, channel) => {
    if (channel.isMember === false) return { ok: false, error: "not_in_channel" };
    const all = (world.messages[channel.id] ?? [])
      .filter(({ ts, thread_ts }) => !thread_ts || thread_ts === ts)
      .filter(({ ts }) => !oldest || Number(ts) > Number(oldest))
      .sort((one, other) => Number(other.ts) - Number(one.ts));
    const found = page(all, Number(limit), cursor, "messages", (message) => ({
      type: "message",
      team: "T1",
      blocks: [],
      ...message,
    }));
    return { ok: true, ...found, has_more: found.response_metadata.next_cursor !== "" };
  });
  method("conversations.replies", historyScope, ({ ts }, channel) => {
    const thread = (world.messages[channel.id] ?? []).filter(
      (message) => message.ts === ts || message.thread_ts === ts,
    );
    return thread.length === 0
      ? { ok: false, error: "thread_not_found" }
      : { ok: true, messages: thread, has_more: false };
  });
  method(
    "chat.postMessage",
    () => "chat:write",
    ({ text, thread_ts }, channel) => {
      if (!text) return { ok: false, error: "no_text" };
      if (channel.isMember === false) return { ok: false, error: "not_in_channel" };
      const message = {
        ts: "1790000000.000100",
        text,
        user: "UBOT",
        ...(thread_ts && { thread_ts }),
      };
      world.messages[channel.id] = [...(world.messages[channel.id] ?? []), message];
      return { ok: true, channel: channel.id, ts: message.ts, message };
    },
  );

  return serveProvider(app, "/api");
}

/** A page of things; the cursor says where the next begins. */
function page<T>(
  all: T[],
  limit: number,
  cursor: string | undefined,
  name: string,
  show: (one: T) => object,
) {
  const start = cursor ? Number(Buffer.from(cursor, "base64").toString()) : 0;
  const end = start + limit;
  const next_cursor = end < all.length ? Buffer.from(String(end)).toString("base64") : "";
  return { [name]: all.slice(start, end).map(show), response_metadata: { next_cursor } };
}
