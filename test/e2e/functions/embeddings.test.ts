import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Stack } from "../../../scripts/stack/index.ts";
import { type EmbeddingsServer, startEmbeddingsServer } from "../../support/embeddings/index.ts";
import { nothingSetUp, startTestStack } from "../../support/stack.ts";
import { addMedium } from "./add-medium.ts";
import { must, newPerson, type Person } from "./people.ts";

const text = [
  "# Lamps",
  "The keeper trims every lamp before the sun goes down.",
  "# Herons",
  "Herons stand in the shallows and wait for fish.",
].join("\n\n");

let server: EmbeddingsServer;
let stack: Stack;
let person: Person;
let mediumId: string;
beforeAll(async () => {
  server = await startEmbeddingsServer({ apiKey: "correct horse" });
  stack = await startTestStack({
    functionsEnv: {
      ...nothingSetUp,
      EMBEDDING_BASE_URL: server.url,
      EMBEDDING_API_KEY: "correct horse",
      EMBEDDING_MODEL: "hashed",
    },
  });
  person = await newPerson(stack);
  mediumId = await addMedium(stack, person, text);
});
afterAll(() => Promise.all([stack?.stop(), server?.close()]));

const search = async (query: string) => {
  const body = { agent_id: person.agentId, query };
  return must(await person.client.functions.invoke("search-knowledge", { body }));
};

describe("with an embedding provider", () => {
  it("media get vectors of its model, and searches take the question's into account", async () => {
    const asked = server.requests.length;
    const found = await search("Which herons wait for fish?");

    const medium = await person.client.from("media_library").select().eq("id", mediumId).single();
    expect(must(medium)).toMatchObject({ embedding_model: "hashed", embedding_dimensions: 384 });
    expect(server.requests.slice(asked).map(({ texts }) => texts)).toEqual([
      ["Which herons wait for fish?"],
    ]);
    expect(found).toMatchObject({ mode: "hybrid", embedding_model: "hashed" });
    expect(found.results[0]).toMatchObject({ media_id: mediumId, matched_by: ["text", "vector"] });
    expect(found.results[0].content).toContain("Herons");
    expect(found.notice).toBeUndefined();
  });

  it("a provider that fails costs the vectors, and a notice says so", async () => {
    const found = await search("herons [[status 500]]");

    expect(found).toMatchObject({ mode: "text", embedding_model: null });
    expect(found.notice).toMatch(/embedding provider failed/);
    expect(found.results[0]).toMatchObject({ media_id: mediumId, matched_by: ["text"] });
  });
});
