import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { discordCapabilities } from "../../../functions/_shared/integrations/discord.ts";
import type { TestApi } from "../../support/providers/api-server.ts";
import { type DiscordWorld, startDiscord } from "../../support/providers/discord.ts";
import { call, contextFor, failureOf } from "../../support/providers/run-capability.ts";

const bot_token = "MTA5.the-bots.token";
const guild_id = "1100000000000000001";
const [general, closed, foreign] = [
  "1200000000000000001",
  "1200000000000000002",
  "1200000000000000003",
] as const;
const world: DiscordWorld = {
  channels: [
    { id: general, guildId: guild_id },
    { id: closed, guildId: guild_id, mayRead: false },
    { id: foreign, guildId: "1100000000000000009" },
  ],
  messages: [],
};
let discord: TestApi;

beforeAll(async () => {
  discord = await startDiscord(bot_token, world);
});
beforeEach(() => {
  discord.forget();
  world.messages = ["Third", "Second", "First"].map((content, index) => ({
    id: `130000000000000000${9 - index}`,
    channelId: general,
    content,
    from: "nora",
  }));
});
afterAll(() => discord.close());

const ask = (key: string, input: unknown, credential: object = { bot_token, guild_id }) =>
  call(
    discordCapabilities,
    key,
    input,
    contextFor(discord.url, {
      accessToken: "a-persons-token",
      credential: credential as Record<string, unknown>,
    }),
  );

describe("discord_post_message", () => {
  it("posts as the bot, and notifies nobody", async () => {
    const answer = await ask("discord_post_message", {
      channel_id: general,
      text: "@everyone hello",
    });

    expect(answer).toMatchObject({ message_id: "1300000000000000999", channel_id: general });
    expect(JSON.parse(String(discord.requests.at(-1)?.body))).toEqual({
      content: "@everyone hello",
      allowed_mentions: { parse: [] },
    });
  });

  it("says that the sign-in of a person is not enough", async () => {
    const failure = await failureOf(
      ask("discord_post_message", { channel_id: general, text: "Hello" }, {}),
    );

    expect(failure).toMatchObject({
      code: "provider_forbidden",
      message: expect.stringContaining("only bots"),
    });
    expect(discord.requests).toEqual([]);
  });

  it("stays in the server of its connection, although the bot is in others", async () => {
    const failure = await failureOf(
      ask("discord_post_message", { channel_id: foreign, text: "Hello" }),
    );

    expect(failure).toMatchObject({ code: "provider_not_found" });
    expect(discord.requests.map(({ method }) => method)).toEqual(["GET"]);
  });

  it("writes to no person, and to no server where the connection names none", async () => {
    discord.answerNext({ json: { id: general, type: 1, recipients: [] } });
    const toPerson = await failureOf(
      ask("discord_post_message", { channel_id: general, text: "Hello" }, { bot_token }),
    );
    const failure = await failureOf(
      ask("discord_post_message", { channel_id: general, text: "Hello" }, { bot_token }),
    );

    expect(toPerson.code).toBe("provider_not_found");
    expect(failure.code).toBe("provider_not_found");
  });

  it("refuses more than 2000 characters before anything is sent", async () => {
    await expect(
      ask("discord_post_message", { channel_id: general, text: "x".repeat(2001) }),
    ).rejects.toThrow();
    expect(discord.requests).toEqual([]);
  });

  it("sits out a short limit and posts once", async () => {
    const limited = { message: "You are being rate limited.", retry_after: 0.2, global: false };
    discord.answerNext({
      json: { id: general, guild_id },
    });
    discord.answerNext({ status: 429, json: limited, headers: { "retry-after": "1" } });

    await ask("discord_post_message", { channel_id: general, text: "Hello" });

    expect(world.messages.filter(({ content }) => content === "Hello")).toHaveLength(1);
    expect(discord.requests).toHaveLength(3);
  });

  it("says how long to wait where the limit is long", async () => {
    const limited = { message: "You are being rate limited.", retry_after: 64.57, global: true };
    discord.answerNext({ status: 429, json: limited });

    const failure = await failureOf(
      ask("discord_post_message", { channel_id: general, text: "Hello" }),
    );

    expect(failure).toMatchObject({ code: "provider_rate_limited", retryAfterSeconds: 65 });
    expect(discord.requests).toHaveLength(1);
  });
});

describe("discord_read_messages", () => {
  it("reads a channel, newest first, page by page", async () => {
    const input = { channel_id: general, limit: 2 };
    const first = (await ask("discord_read_messages", input)) as { next_before: string };
    const second = await ask("discord_read_messages", { ...input, before: first.next_before });

    expect(first).toMatchObject({
      messages: [{ text: "Third", from: "nora", is_bot: false }, { text: "Second" }],
      next_before: "1300000000000000008",
    });
    expect(second).toMatchObject({ messages: [{ text: "First" }], next_before: null });
  });

  it("says why all texts may be empty", async () => {
    world.messages = world.messages.map((message) => ({ ...message, content: "" }));

    const answer = await ask("discord_read_messages", { channel_id: general });

    expect(answer).toMatchObject({ note: expect.stringContaining("Message Content Intent") });
  });

  it("says that the bot may not see a channel", async () => {
    const failure = await failureOf(ask("discord_read_messages", { channel_id: closed }));

    expect(failure).toMatchObject({
      code: "provider_forbidden",
      message: expect.stringContaining("Missing Access"),
    });
  });

  it("asks for a renewal when the bot's token is refused, without repeating it", async () => {
    const failure = await failureOf(
      ask("discord_read_messages", { channel_id: general }, { bot_token: "old.token", guild_id }),
    );

    expect(failure.code).toBe("provider_unauthorized");
    expect(failure.message).not.toContain("old.token");
  });
});
