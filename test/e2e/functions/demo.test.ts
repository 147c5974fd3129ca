import type { SupabaseClient } from "@supabase/supabase-js";
import { beforeAll, expect, it } from "vitest";
import { connectEvents } from "../../../scripts/demo/events.ts";
import { showKnowledge } from "../../../scripts/demo/knowledge.ts";
import { lendMail } from "../../../scripts/demo/mail.ts";
import { withScriptedModel } from "../../../scripts/demo/model.ts";
import { type Stage, setStage } from "../../../scripts/demo/stage.ts";
import { toolReport } from "../../../scripts/demo/tool-report.ts";
import { clientOf, sharedStack } from "../../support/stack.ts";
import { must } from "./people.ts";

const stack = sharedStack();
let client: SupabaseClient;
let operator: SupabaseClient;
let stage: Stage;
beforeAll(async () => {
  client = clientOf(stack);
  operator = clientOf(stack, stack.keys.secretKey);
  stage = await setStage(client);
});

const catalogue = async () =>
  must(await operator.from("service_providers").select().eq("name", "gmail").single());

it("the demonstration connects, lends, uses and takes back a mail account, and tidies up", async () => {
  const { updated_at: _, ...before } = await catalogue();
  const said: string[] = [];

  await withScriptedModel(client, stage.organization.id, () =>
    lendMail(
      client,
      operator,
      stage,
      (line) => said.push(line),
      () => undefined,
    ),
  );

  expect(said).toEqual([
    expect.stringMatching(/^Connected the mail account nora@example\.test/),
    "Lent it to Iris with two of its 4 scopes",
    'Permitted: Iris called gmail_search_email, and found "The invoice"',
    expect.stringMatching(/^Refused: gmail_send_email, as Dana took that scope back/),
    "Disconnected the account: 1 consent taken back at the provider",
  ]);
  expect(await catalogue()).toMatchObject(before);
  expect(await toolReport(client, stage.agent.id)).toMatch(/search_email.*completed[\s\S]*denied/);
});

it("the demonstration's tool server is one that agents may use", async () => {
  const events = await connectEvents(client, stage);
  await events.close();

  expect(events.tool).toBe("town__events");
  const cached = must(await client.from("mcp_tools_cache").select("is_accepted"));
  expect(cached).toEqual([{ is_accepted: true }]);
});

it("the demonstration's files are read, and its answers name medium and page", async () => {
  const said: string[] = [];
  // The engine does not turn by itself here.
  const read = () => operator.functions.invoke("media-processor", { body: {} });

  await withScriptedModel(client, stage.organization.id, () =>
    showKnowledge(client, stage, {
      progress: () => undefined,
      say(line) {
        said.push(line);
        if (line.startsWith("Uploaded")) void read();
      },
    }),
  );

  expect(said).toEqual([
    'Uploaded "Staff Handbook" and "Travel and Expenses" for Iris',
    expect.stringMatching(/^Read "[^"]+": .*\d+ passages \(.*extract/),
    expect.stringMatching(/^Read "[^"]+": .*\d+ passages \(.*extract/),
    expect.stringMatching(/^Searched\. No embedding provider is configured: words alone/),
    expect.stringMatching(
      /eight weeks at 70 percent.*\n {2}\[1\] Staff Handbook, page 2, Leave › /,
    ),
    expect.stringMatching(/4\.20 crowns.*\n {2}\[1\] Travel and Expenses, Driving$/),
  ]);
  const answers = must(
    await client
      .from("chat_messages")
      .select("citations:metadata->citations")
      .not("metadata->citations", "is", null)
      .order("created_at"),
  );
  expect(answers).toMatchObject([
    { citations: [{ number: 1, display_name: "Staff Handbook", page: 2 }] },
    { citations: [{ number: 1, display_name: "Travel and Expenses", page: null }] },
  ]);
});
