import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { slackCapabilities } from "../../../functions/_shared/integrations/slack.ts";
import type { TestApi } from "../../support/providers/api-server.ts";
import { call, contextFor, failureOf } from "../../support/providers/run-capability.ts";
import { type SlackWorld, startSlack } from "../../support/providers/slack.ts";

const token = "xoxb-1-2-the-token";
const world: SlackWorld = {
  scopes: ["channels:read", "channels:history", "chat:write"],
  channels: [
    { id: "C0GENERAL", name: "general" },
    { id: "C0RANDOM", name: "random", isMember: false },
    { id: "C0SECRET", name: "secret", isPrivate: true },
    { id: "C0NEWS", name: "news" },
  ],
  messages: {},
};
let slack: TestApi;

beforeAll(async () => {
  slack = await startSlack(token, world);
});
beforeEach(() => {
  slack.forget();
  world.scopes = ["channels:read", "channels:history", "chat:write"];
  world.messages = {
    C0GENERAL: [
      { ts: "1763600000.000100", text: "Lunch &amp; talk at &lt;noon&gt;?", user: "U1" },
      { ts: "1763600100.000200", text: "Yes", user: "U2", thread_ts: "1763600000.000100" },
      { ts: "1763600200.000300", text: "Done", user: "U1" },
    ],
    C0SECRET: [{ ts: "1763600000.000900", text: "The salaries", user: "U9" }],
  };
});
afterAll(() => slack.close());

const ask = (key: string, input: unknown, accessToken = token) =>
  call(slackCapabilities, key, input, contextFor(slack.url, { accessToken }));

describe("slack_list_channels", () => {
  it("lists public channels page by page", async () => {
    const first = (await ask("slack_list_channels", { limit: 2 })) as { next_cursor: string };
    const { next_cursor } = first;
    const second = await ask("slack_list_channels", { limit: 2, cursor: next_cursor });

    expect(first).toMatchObject({
      channels: [
        { id: "C0GENERAL", name: "general", members: 4, topic: "All about general & more" },
        { id: "C0RANDOM", is_member: false },
      ],
    });
    expect(second).toMatchObject({ channels: [{ id: "C0NEWS" }], next_cursor: null });
    expect(slack.requests[1]?.query.get("exclude_archived")).toBe("true");
  });
});

describe("slack_post_message", () => {
  it("posts a text as it was written, so that it calls nobody", async () => {
    const text = "<!channel> 1 < 2 & 3";
    const answer = await ask("slack_post_message", { channel_id: "C0GENERAL", text });

    expect(answer).toEqual({ channel_id: "C0GENERAL", ts: "1790000000.000100" });
    expect(world.messages.C0GENERAL?.at(-1)?.text).toBe("&lt;!channel&gt; 1 &lt; 2 &amp; 3");
  });

  it("replies in a thread", async () => {
    const thread_ts = "1763600000.000100";
    await ask("slack_post_message", { channel_id: "C0GENERAL", text: "Fine", thread_ts });

    expect(world.messages.C0GENERAL?.at(-1)).toMatchObject({ text: "Fine", thread_ts });
  });

  it("says that the app has to be invited", async () => {
    const failure = await failureOf(
      ask("slack_post_message", { channel_id: "C0RANDOM", text: "Hello" }),
    );

    expect(failure).toMatchObject({
      code: "provider_forbidden",
      message: 'Slack refuses this: "not_in_channel".',
      hint: expect.stringContaining("invite"),
    });
  });

  it("refuses names of channels before anything is sent", async () => {
    await expect(
      ask("slack_post_message", { channel_id: "#general", text: "Hello" }),
    ).rejects.toThrow();
    expect(slack.requests).toEqual([]);
  });
});

describe("slack_read_messages", () => {
  it("reads a channel, newest first, page by page", async () => {
    const input = { channel_id: "C0GENERAL", limit: 1 };
    const first = (await ask("slack_read_messages", input)) as { next_cursor: string };
    const { next_cursor } = first;
    const second = await ask("slack_read_messages", { ...input, cursor: next_cursor });

    expect(first).toMatchObject({
      order: "newest first",
      messages: [
        { ts: "1763600200.000300", from: "U1", text: "Done", time: "2025-11-20T00:56:40.000Z" },
      ],
    });
    expect(second).toMatchObject({
      messages: [{ text: "Lunch & talk at <noon>?" }],
      next_cursor: null,
    });
  });

  it("reads a thread with its replies", async () => {
    const thread_ts = "1763600000.000100";
    const answer = await ask("slack_read_messages", { channel_id: "C0GENERAL", thread_ts });

    expect(answer).toMatchObject({
      order: "oldest first",
      messages: [{ from: "U1" }, { from: "U2", text: "Yes", thread_ts }],
    });
  });

  it("keeps out of private channels, even with a token that may read them", async () => {
    world.scopes.push("groups:read", "groups:history");

    const failure = await failureOf(ask("slack_read_messages", { channel_id: "C0SECRET" }));

    expect(failure).toMatchObject({ code: "provider_forbidden" });
    expect(failure.message).toContain("private");
    expect(slack.requests.map(({ path }) => path)).toEqual(["/api/conversations.info"]);
  });

  it("names the scope that is missing", async () => {
    world.scopes = ["channels:read"];

    const failure = await failureOf(ask("slack_read_messages", { channel_id: "C0GENERAL" }));

    expect(failure).toMatchObject({
      code: "provider_forbidden",
      hint: expect.stringContaining("channels:history"),
    });
  });
});

describe("Slack's failures", () => {
  it("asks for the connection to be renewed when the token is refused, with status 200", async () => {
    const failure = await failureOf(ask("slack_list_channels", {}, "xoxb-revoked"));

    expect(failure).toMatchObject({ code: "provider_unauthorized" });
    expect(`${failure.message} ${failure.hint}`).not.toContain("xoxb-");
  });

  it("says how long to wait where there were too many requests", async () => {
    slack.answerNext({
      status: 429,
      json: { ok: false, error: "ratelimited" },
      headers: { "retry-after": "30" },
    });

    const failure = await failureOf(ask("slack_list_channels", {}));

    expect(failure).toMatchObject({ code: "provider_rate_limited", retryAfterSeconds: 30 });
  });

  it.each([
    ["channel_not_found", "provider_not_found"],
    ["is_archived", "provider_forbidden"],
    ["token_expired", "provider_unauthorized"],
    ["fatal_error", "provider_unavailable"],
    ["msg_too_long", "provider_invalid_input"],
  ])("takes %s for %s", async (error, code) => {
    slack.answerNext({ json: { ok: false, error } });

    expect((await failureOf(ask("slack_list_channels", {}))).code).toBe(code);
  });

  it("says when what comes back is no answer of Slack's", async () => {
    slack.answerNext({ body: "<html>Maintenance</html>" });

    expect((await failureOf(ask("slack_list_channels", {}))).code).toBe("provider_bad_answer");
  });
});
