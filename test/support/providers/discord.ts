import { Hono } from "hono";
import type { TestApi } from "./api-server.ts";
import { serveProvider } from "./serve-provider.ts";

/** What is at the scripted Discord. */
export interface DiscordWorld {
  channels: { id: string; guildId: string; mayRead?: boolean }[];
  /** Newest first, as Discord lists them. */
  messages: { id: string; channelId: string; content: string; from: string }[];
}

/**
 * Discord's HTTP API (https://discord.com/developers/docs): bots alone read and write messages,
 * a client names itself DiscordBot, failures are {message, code}.
 */
export async function startDiscord(botToken: string, world: DiscordWorld): Promise<TestApi> {
  const app = new Hono().basePath("/api/v10");
  app.use(async (c, next) => {
    if (!/^DiscordBot \(\S+, \S+\)/.test(c.req.header("user-agent") ?? "")) {
      return c.html("<html>Access denied</html>", 403);
    }
    if (c.req.header("authorization") !== `Bot ${botToken}`) {
      return c.json({ message: "401: Unauthorized", code: 0 }, 401);
    }
    return next();
  });
  const find = (id: string) => world.channels.find((channel) => channel.id === id);

  app.get("/channels/:id", (c) => {
    const channel = find(c.req.param("id"));
    return channel
      ? c.json({ id: channel.id, type: 0, guild_id: channel.guildId, name: "general" })
      : c.json({ message: "Unknown Channel", code: 10003 }, 404);
  });
  app.get("/channels/:id/messages", (c) => {
    const channel = find(c.req.param("id"));
    if (!channel) return c.json({ message: "Unknown Channel", code: 10003 }, 404);
    if (channel.mayRead === false) return c.json({ message: "Missing Access", code: 50001 }, 403);
    const { limit = "50", before } = c.req.query();
    const found = world.messages
      .filter(({ channelId }) => channelId === channel.id)
      .filter(({ id }) => !before || BigInt(id) < BigInt(before))
      .slice(0, Number(limit));
    return c.json(found.map(show));
  });
  app.post("/channels/:id/messages", async (c) => {
    const channel = find(c.req.param("id"));
    if (!channel) return c.json({ message: "Unknown Channel", code: 10003 }, 404);
    const { content } = await c.req.json();
    if (typeof content !== "string" || content.length === 0 || content.length > 2000) {
      const errors = { content: { _errors: [{ code: "BASE_TYPE_MAX_LENGTH", message: "…" }] } };
      return c.json({ message: "Invalid Form Body", code: 50035, errors }, 400);
    }
    const message = { id: "1300000000000000999", channelId: channel.id, content, from: "bot" };
    world.messages.unshift(message);
    return c.json(show(message));
  });

  return serveProvider(app as unknown as Hono, "/api/v10");
}

function show({ id, channelId, content, from }: DiscordWorld["messages"][number]) {
  return {
    id,
    channel_id: channelId,
    content,
    timestamp: "2026-11-20T09:00:00.000000+00:00",
    edited_timestamp: null,
    type: 0,
    author: { id: "80351110224678912", username: from, global_name: null, bot: from === "bot" },
    attachments: [],
    embeds: [],
    mentions: [],
  };
}
