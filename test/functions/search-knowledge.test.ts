import { beforeEach, describe, expect, it, vi } from "vitest";
import type { DatastoreQuery } from "../../functions/_shared/datastores/datastore.ts";
import type { FoundInDatastores } from "../../functions/_shared/datastores/find-in-datastores.ts";
import type { Embedder } from "../../functions/_shared/embeddings/embedder.ts";
import { HttpError } from "../../functions/_shared/errors/http-error.ts";
import { handleSearchKnowledge } from "../../functions/search-knowledge/handler.ts";
import { searchKnowledgeBody } from "../../types/schemas.ts";
import { passage } from "./knowledge-samples.ts";
import { agentId, organizationId, otherId, userId } from "./samples.ts";

const query = "Which class by train?";
const vector = Array.from({ length: 384 }, (_, at) => (at === 0 ? 1 : 0));
const known = {
  organization_id: organizationId,
  media_ids: [passage.media_id],
  chunk_count: 7,
  embedding_models: ["small"],
};
const nothingFound: FoundInDatastores = { candidates: null, notices: [] };

const rpc = vi.fn();
const embed = vi.fn<Embedder["embed"]>();
const embedder = vi.fn<() => Embedder | null>();
const findInDatastores =
  vi.fn<(agentId: string, question: DatastoreQuery) => Promise<FoundInDatastores>>();
let knowledge: Record<string, unknown>;
let answer: () => unknown;
const aborting = new AbortController();

beforeEach(() => {
  vi.resetAllMocks();
  knowledge = known;
  answer = () => [passage];
  rpc.mockImplementation(async (name: string) => {
    switch (name) {
      case "agent_knowledge":
        return [knowledge];
      case "search_knowledge":
        return answer();
      default:
        return null;
    }
  });
  embed.mockResolvedValue([vector]);
  embedder.mockReturnValue({ model: "small", dimensions: 384, embed });
  findInDatastores.mockResolvedValue(nothingFound);
});

function search(body: Record<string, unknown> = {}, signal = aborting.signal) {
  return handleSearchKnowledge(searchKnowledgeBody.parse({ agent_id: agentId, query, ...body }), {
    userId,
    rpc,
    embedder,
    findInDatastores,
    log: () => {},
    signal,
  });
}

const calls = () => rpc.mock.calls.map(([name]) => name);
const searched = () => rpc.mock.calls.find(([name]) => name === "search_knowledge")?.[1];

describe("searching knowledge", () => {
  it("embeds the question once, and searches by words and vectors in one call", async () => {
    const found = await search({ limit: 3, filters: { tags: ["travel"] } });

    expect(embed.mock.calls).toEqual([[[query], expect.objectContaining({ kind: "query" })]]);
    expect(calls()).toEqual(["agent_knowledge", "consume_request", "search_knowledge"]);
    expect(searched()).toEqual({
      p_agent_id: agentId,
      p_user_id: userId,
      p_query: query,
      p_limit: 3,
      p_filters: { tags: ["travel"] },
      p_embedding: vector,
      p_embedding_model: "small",
    });
    expect(found).toEqual({ results: [passage], mode: "hybrid", embedding_model: "small" });
  });

  it("charges the organization of the agent once the user may search there", async () => {
    await search();

    expect(rpc).toHaveBeenCalledWith("consume_request", { p_organization_id: organizationId });
  });

  it("embeds and charges nothing for who may not run the agent", async () => {
    rpc.mockRejectedValue(new HttpError(404, "agent_not_found", "No agent with that id"));

    await expect(search()).rejects.toMatchObject({ status: 404 });

    expect(calls()).toEqual(["agent_knowledge"]);
    expect(embed).not.toHaveBeenCalled();
    expect(findInDatastores).not.toHaveBeenCalled();
  });

  it("embeds nothing when the requests of the minute are used up", async () => {
    rpc.mockImplementation(async (name: string) => {
      if (name === "consume_request") {
        throw new HttpError(429, "requests_quota_reached", "Too many requests");
      }
      return [knowledge];
    });

    await expect(search()).rejects.toMatchObject({ status: 429 });

    expect(embed).not.toHaveBeenCalled();
  });

  it("embeds nothing where there is nothing to look through", async () => {
    knowledge = { ...known, media_ids: [], chunk_count: 0, embedding_models: [] };

    const found = await search();

    expect(found).toEqual({
      results: [],
      mode: "text",
      notice:
        "There is nothing to search yet: none of the agent's media that you may read and that fit the filters has been read.",
      embedding_model: null,
    });
    expect(embed).not.toHaveBeenCalled();
    expect(calls()).not.toContain("search_knowledge");
  });

  it("takes no user from the body", () => {
    const forged = { agent_id: agentId, query, user_id: otherId };

    expect(searchKnowledgeBody.safeParse(forged).success).toBe(false);
  });
});

describe("searching without embeddings", () => {
  it("says that none are configured", async () => {
    embedder.mockReturnValue(null);

    const found = await search();

    expect(found).toMatchObject({
      results: [passage],
      mode: "text",
      notice: "No embedding provider is configured: words alone were searched.",
      embedding_model: null,
    });
    expect(searched()).toMatchObject({ p_embedding: null, p_embedding_model: null });
  });

  it("says that similar words were found where words were not", async () => {
    embedder.mockReturnValue(null);
    answer = () => [{ ...passage, matched_by: ["trigram"] }];

    expect(await search()).toMatchObject({ mode: "trigram" });
  });

  it("says that the provider failed, and nothing of what it said", async () => {
    embed.mockRejectedValue(new Error("401 bad key sk-123"));

    const found = await search();

    expect(found).toMatchObject({
      results: [passage],
      mode: "text",
      notice: "The embedding provider failed: words alone were searched.",
    });
    expect(JSON.stringify(found)).not.toContain("sk-123");
  });

  it("goes on by words where the budget is used up", async () => {
    embedder.mockReturnValue({
      model: "small",
      dimensions: 384,
      provider: "openai",
      embed,
    } as never);
    rpc.mockImplementation(async (name: string) => {
      if (name === "begin_model_call") {
        throw new HttpError(402, "model_budget_exceeded", "The budget is used up");
      }
      return name === "agent_knowledge" ? [known] : [passage];
    });

    expect(await search()).toMatchObject({ mode: "text", results: [passage] });

    expect(embed).not.toHaveBeenCalled();
    expect(rpc).toHaveBeenCalledWith(
      "begin_model_call",
      expect.objectContaining({ p_organization_id: organizationId, p_user_id: userId }),
    );
  });

  it("goes on where the provider is configured halfway", async () => {
    embedder.mockImplementation(() => {
      throw new HttpError(503, "embeddings_not_configured", "Half");
    });

    expect(await search()).toMatchObject({ mode: "text", results: [passage] });
  });

  it("asks no model whose vectors the media do not have", async () => {
    knowledge = { ...known, embedding_models: ["older"] };

    const found = await search();

    expect(embed).not.toHaveBeenCalled();
    expect(found).toMatchObject({ mode: "text", notice: expect.stringContaining("yet") });
  });

  it("says that some media are embedded anew", async () => {
    knowledge = { ...known, embedding_models: ["older", "small"] };

    expect(await search()).toMatchObject({
      mode: "hybrid",
      notice: expect.stringContaining("anew"),
    });
  });

  it("ends when who asked has gone", async () => {
    const gone = new AbortController();
    embed.mockImplementation(async () => {
      gone.abort(new Error("gone"));
      throw new Error("aborted");
    });

    await expect(search({}, gone.signal)).rejects.toThrow("gone");

    expect(calls()).not.toContain("search_knowledge");
  });
});

describe("searching datastores", () => {
  const candidates = [{ chunk_id: passage.chunk_id, rank: 1 }];

  it("passes what they found in the place of the vector", async () => {
    findInDatastores.mockResolvedValue({ candidates, notices: [] });

    const found = await search();

    expect(findInDatastores).toHaveBeenCalledWith(
      agentId,
      expect.objectContaining({
        text: query,
        embedding: vector,
        embeddingModel: "small",
        filter: { mediaIds: [passage.media_id] },
      }),
    );
    expect(searched()).toMatchObject({ p_candidates: candidates });
    expect(searched()).not.toHaveProperty("p_embedding");
    expect(found.mode).toBe("hybrid");
  });

  it("does without a notice of embeddings where a store did without them", async () => {
    embedder.mockReturnValue(null);
    findInDatastores.mockResolvedValue({ candidates, notices: [] });

    expect(await search()).toEqual({ results: [passage], mode: "hybrid", embedding_model: null });
  });

  it("falls back on vectors, and says which store failed", async () => {
    const notices = ['The datastore "Pine" did not answer.'];
    findInDatastores.mockResolvedValue({ candidates: null, notices });

    const found = await search();

    expect(searched()).toMatchObject({ p_embedding: vector });
    expect(found).toMatchObject({ mode: "hybrid", notice: notices[0] });
  });

  it("falls back on vectors where a store has nothing yet", async () => {
    findInDatastores.mockResolvedValue({ candidates: [], notices: [] });

    await search();

    expect(searched()).toMatchObject({ p_embedding: vector });
  });

  it("goes on when none could be asked", async () => {
    findInDatastores.mockRejectedValue(new Error("database_unavailable"));

    expect(await search()).toMatchObject({ results: [passage], mode: "hybrid" });
  });
});
