import { describe, expect, it } from "vitest";
import { sharedStack } from "../../support/stack.ts";
import { addMedium } from "./add-medium.ts";
import { must, newPerson, type Person } from "./people.ts";

const stack = sharedStack();
const text = [
  "# Travel",
  "Employees travelling by train book second class.",
  "# Hotels",
  "A hotel costs at most ninety euros a night & breakfast is <b>extra</b>.",
].join("\n\n");

async function search({ token }: Person, body: unknown) {
  const response = await fetch(`${stack.url}/functions/v1/search-knowledge`, {
    method: "POST",
    headers: {
      apikey: stack.keys.publishableKey,
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
    },
    body: JSON.stringify(body),
  });
  return { status: response.status, answer: await response.json() };
}

describe("searching an agent's knowledge", () => {
  it("finds passages of the agent's media, for those who may read them alone", async () => {
    const person = await newPerson(stack, { visibility: "organization" });
    const stranger = await newPerson(stack);
    const { client, agentId: agent_id } = person;
    const mediumId = await addMedium(stack, person, text, {
      tags: ["policy"],
      display_name: "Policy",
    });

    const asked = { agent_id, query: "What may a hotel cost?" };
    const found = await search(person, { ...asked, filters: { tags: ["policy"] } });
    const filtered = await search(person, { ...asked, filters: { tags: ["other"] } });
    const misspelt = await search(person, { agent_id, query: "brekfast" });
    const refused = await search(person, { ...asked, filters: { created_after: "soon" } });
    const forged = await search(person, { ...asked, user_id: crypto.randomUUID() });
    const foreign = await search(stranger, asked);

    expect(found).toMatchObject({
      status: 200,
      answer: {
        mode: "text",
        notice: "No embedding provider is configured: words alone were searched.",
        embedding_model: null,
      },
    });
    const [first] = found.answer.results;
    expect(first).toMatchObject({ media_id: mediumId, matched_by: ["text"] });
    expect(first.citation).toMatchObject({ media_id: mediumId, display_name: "Policy" });
    expect(first.highlight).toMatch(/<mark>hotel<\/mark>.*&amp;/is);
    expect(filtered.answer.results).toEqual([]);
    expect(misspelt.answer).toMatchObject({ mode: "trigram", results: [{ media_id: mediumId }] });
    expect(refused).toMatchObject({ status: 400, answer: { code: "knowledge_filters_invalid" } });
    expect(forged.status).toBe(400);
    expect(foreign).toMatchObject({ status: 404, answer: { code: "agent_not_found" } });

    // A client may embed a question itself; nobody searches in another's name.
    const input = { p_agent_id: agent_id, p_query: "hotel" };
    const embedding = { p_embedding: Array(384).fill(0.1), p_embedding_model: "its own" };
    const own = must(await client.rpc("search_knowledge", { ...input, ...embedding }));
    expect(own).toHaveLength(1);
    const { data: person2 } = await stranger.client.auth.getUser();
    const named = { ...input, p_user_id: person2.user?.id };
    const { error } = await client.rpc("search_knowledge", named);
    expect(error?.code).toBe("PT403");

    must(await client.rpc("archive_media", { p_media_id: mediumId }));
    expect((await search(person, asked)).answer.results).toEqual([]);
  });
});
