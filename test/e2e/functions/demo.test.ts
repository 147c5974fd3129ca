import type { SupabaseClient } from "@supabase/supabase-js";
import { afterAll, beforeAll, expect, it } from "vitest";
import { connectEvents } from "../../../scripts/demo/events.ts";
import { lendMail } from "../../../scripts/demo/mail.ts";
import { withScriptedModel } from "../../../scripts/demo/model.ts";
import { type Stage, setStage } from "../../../scripts/demo/stage.ts";
import { toolReport } from "../../../scripts/demo/tool-report.ts";
import type { Stack } from "../../../scripts/stack/index.ts";
import { clientOf } from "../../support/stack.ts";
import { must } from "./people.ts";
import { startModellessStack } from "./stack.ts";

let stack: Stack;
let client: SupabaseClient;
let operator: SupabaseClient;
let stage: Stage;
beforeAll(async () => {
  stack = await startModellessStack();
  client = clientOf(stack);
  operator = clientOf(stack, stack.keys.secretKey);
  stage = await setStage(client);
});
afterAll(() => stack?.stop());

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
