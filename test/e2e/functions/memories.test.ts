import { afterAll, beforeAll, expect, it } from "vitest";
import { ask } from "../../../scripts/demo/chat.ts";
import { type ScriptedLlm, startScriptedLlm } from "../../support/llm/index.ts";
import { sharedStack } from "../../support/stack.ts";
import { giveModel, must, newPerson } from "./people.ts";

const stack = sharedStack();
let llm: ScriptedLlm;
beforeAll(async () => {
  llm = await startScriptedLlm();
});
afterAll(() => llm?.close());

const shown = () => llm.requests.at(-1)?.messages.findLast(({ role }) => role === "user")?.content;

it("an agent remembers what it was told, for that person alone, until they have it forgotten", async () => {
  const person = await newPerson(stack);
  await giveModel(person, llm.url);
  const { client, agentId } = person;
  const call = '[[call remember_fact {"fact": "Works the night shift."}]]';

  const kept = await ask(client, agentId, `I work the night shift. ${call}`);
  await ask(client, agentId, "When should I call you?");

  expect(kept.results).toMatchObject([{ name: "remember_fact", status: "completed" }]);
  expect(shown()).toMatch(
    /^<facts>\n- \(about the user, \d{4}-\d\d-\d\d\) Works the night shift\.\n<\/facts>\n\nWhen/,
  );
  const [fact] = must(await client.from("agent_memories").select("*, chat_messages(content)"));
  expect(fact).toMatchObject({ chat_messages: { content: expect.any(String) } });
  const logged = must(await client.from("tool_execution_logs").select("input, output"));
  expect(JSON.stringify(logged)).not.toContain("night");

  must(
    await client
      .from("agent_memories")
      .update({ content: "Works by day." })
      .eq("id", fact.id)
      .select(),
  );
  await ask(client, agentId, "And now?");
  expect(shown()).toContain("Works by day.");

  expect(must(await client.rpc("forget_me"))).toBe(1);
  await ask(client, agentId, "Who am I?");
  expect(shown()).toBe("Who am I?");
});
