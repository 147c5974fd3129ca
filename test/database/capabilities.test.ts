import { describe, expect, it } from "vitest";
import { capabilities } from "../../functions/_shared/integrations/index.ts";
import { inputSchema } from "../../functions/_shared/integrations/input-schema.ts";
import { inRolledBackSession } from "../support/database/prepared.ts";
import { contextFor } from "../support/providers/run-capability.ts";

interface Row {
  key: string;
  provider: string;
  effect: string;
  input_schema: unknown;
  required_scopes: string[];
  scopes_supported: { scope: string }[];
  display_order: number;
  metadata: Record<string, unknown>;
}

const page = "aaaaaaaa-0000-4000-8000-000000000001";
const mail = { to: ["nora@example.com"], subject: "Hello", body: "Text" };
const mailbox = "https://gmail.googleapis.com/gmail/v1/users/me/messages";
const calendar = "https://www.googleapis.com/calendar/v3/calendars/primary/events";
const graph = "https://graph.microsoft.com/v1.0/me";
const times = { start: "2026-11-21T09:00:00Z", end: "2026-11-21T10:00:00Z" };

/** What each asks for first, by the documentation of its provider. */
const addresses: Record<string, [input: object, url: string]> = {
  anthropic_generate_text: [{ prompt: "Hello" }, "https://api.anthropic.com/v1/messages"],
  digitalocean_list_droplets: [{}, "https://api.digitalocean.com/v2/droplets"],
  discord_post_message: [
    { channel_id: "1200000000000000001", text: "Hello" },
    "https://discord.com/api/v10/channels/1200000000000000001",
  ],
  discord_read_messages: [
    { channel_id: "1200000000000000001" },
    "https://discord.com/api/v10/channels/1200000000000000001",
  ],
  github_comment_issue: [
    { repository: "acme/site", number: 1, body: "Seen" },
    "https://api.github.com/repos/acme/site/issues/1/comments",
  ],
  github_create_issue: [
    { repository: "acme/site", title: "Broken" },
    "https://api.github.com/repos/acme/site/issues",
  ],
  github_list_issues: [
    { repository: "acme/site" },
    "https://api.github.com/repos/acme/site/issues",
  ],
  gmail_read_email: [{ id: "m1" }, `${mailbox}/m1`],
  gmail_search_email: [{}, mailbox],
  gmail_send_email: [mail, `${mailbox}/send`],
  google_calendar_create_event: [{ title: "Lunch", ...times }, calendar],
  google_calendar_list_events: [{}, calendar],
  google_drive_list_files: [{}, "https://www.googleapis.com/drive/v3/files"],
  google_drive_read_file: [{ file_id: "f1" }, "https://www.googleapis.com/drive/v3/files/f1"],
  linear_create_issue: [{ team: "ENG", title: "Broken" }, "https://api.linear.app/graphql"],
  linear_list_issues: [{}, "https://api.linear.app/graphql"],
  mailgun_send_email: [mail, "https://api.mailgun.net/v3/example.com/messages"],
  notion_create_page: [
    { parent_page_id: page, title: "Minutes" },
    "https://api.notion.com/v1/pages",
  ],
  notion_read_page: [{ page_id: page }, `https://api.notion.com/v1/pages/${page}`],
  notion_search_pages: [{}, "https://api.notion.com/v1/search"],
  onedrive_list_files: [{}, `${graph}/drive/root/children`],
  onedrive_read_file: [{ file_id: "f1" }, `${graph}/drive/items/f1`],
  outlook_read_email: [{ id: "m1" }, `${graph}/messages/m1`],
  outlook_search_email: [{ query: "lunch" }, `${graph}/messages`],
  outlook_send_email: [mail, `${graph}/sendMail`],
  openai_generate_text: [{ prompt: "Hello" }, "https://api.openai.com/v1/responses"],
  pinecone_query: [{ index: "docs", text: "tea" }, "https://api.pinecone.io/indexes/docs"],
  sendgrid_send_email: [mail, "https://api.sendgrid.com/v3/mail/send"],
  slack_list_channels: [{}, "https://slack.com/api/conversations.list"],
  slack_post_message: [
    { channel_id: "C0123456789", text: "Hello" },
    "https://slack.com/api/chat.postMessage",
  ],
  slack_read_messages: [{ channel_id: "C0123456789" }, "https://slack.com/api/conversations.info"],
  zep_search_memory: [
    { query: "tea", user_id: "nora" },
    "https://api.getzep.com/api/v2/graph/search",
  ],
};

const catalogue = () =>
  inRolledBackSession((session) =>
    session.query<Row>(`
      select
        integration_capabilities.capability_key as key,
        integration_capabilities.effect,
        integration_capabilities.input_schema,
        integration_capabilities.required_scopes,
        integration_capabilities.display_order,
        service_providers.name as provider,
        service_providers.configuration_metadata as metadata,
        service_providers.scopes_supported
      from public.integration_capabilities
      join public.service_providers
        on service_providers.id = integration_capabilities.integration_id
      order by 1`),
  );

describe("the catalogue of capabilities", () => {
  it("has a program for every row, and a row for every program", async () => {
    const rows = await catalogue();

    expect(rows.map(({ key }) => key)).toEqual(Object.keys(capabilities).sort());
    expect(rows.length).toBeGreaterThan(15);
  });

  it("shows models the input that each program takes", async () => {
    const rows = await catalogue();
    const seeded = Object.fromEntries(rows.map(({ key, input_schema }) => [key, input_schema]));
    const taken = Object.fromEntries(
      Object.values(capabilities).map((capability) => [capability.key, inputSchema(capability)]),
    );

    expect(seeded).toEqual(taken);
  });

  it("takes nothing that a schema does not name, so that a slip is told and not passed over", () => {
    const open = Object.values(capabilities).filter(
      (capability) => inputSchema(capability).additionalProperties !== false,
    );

    expect(open.map(({ key }) => key)).toEqual([]);
  });

  it("asks for no scope that its provider does not know", async () => {
    const rows = await catalogue();
    const unknown = rows.flatMap(({ key, required_scopes, scopes_supported }) =>
      required_scopes
        .filter((scope) => !scopes_supported.some((supported) => supported.scope === scope))
        .map((scope) => `${key}: ${scope}`),
    );

    expect(unknown).toEqual([]);
  });

  it("lets nothing pass without a scope where its provider has some", async () => {
    const rows = await catalogue();
    const free = rows.filter(
      ({ required_scopes, scopes_supported }) =>
        required_scopes.length === 0 && scopes_supported.length > 0,
    );

    expect(free.map(({ key }) => key)).toEqual([]);
  });

  it("gives the capabilities of a provider a place each", async () => {
    const rows = await catalogue();
    const places = rows.map(({ provider, display_order }) => `${provider} ${display_order}`);

    expect(new Set(places).size).toBe(places.length);
  });

  it("counts as reading only what is called so", async () => {
    const rows = await catalogue();
    const reading = /_(list|read|search|query)(_|$)/;
    const amiss = rows.filter(({ key, effect }) => (effect === "read") !== reading.test(key));

    expect(amiss.map(({ key }) => key)).toEqual([]);
  });

  it("leads each program to the address that its provider documents", async () => {
    const rows = await catalogue();
    const asked: Record<string, string> = {};
    for (const { key, metadata } of rows) {
      const [input] = addresses[key] ?? [];
      const capability = capabilities[key];
      const ask = async (url: string | URL | Request) => {
        asked[key] ??= String(url).replace(/\?.*/, "");
        return new Response("{}", { status: 418 });
      };
      const context = contextFor(String(metadata.api_base_url), {
        metadata,
        fetch: ask as typeof fetch,
        accessToken: "a-token",
        credential: {
          api_key: "a-key",
          bot_token: "a-bot",
          guild_id: "1",
          domain: "example.com",
          from_email: "team@example.com",
        },
      });
      if (capability && input) {
        await capability.execute(capability.input.parse(input), context).catch(() => undefined);
      }
    }

    const overHttp = Object.keys(capabilities).filter((key) => key !== "smtp_send_email");
    expect(Object.keys(addresses).sort()).toEqual(overHttp.sort());
    expect(asked).toEqual(
      Object.fromEntries(Object.entries(addresses).map(([key, [, url]]) => [key, url])),
    );
  });
});
