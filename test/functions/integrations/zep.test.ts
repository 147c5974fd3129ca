import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { zepCapabilities } from "../../../functions/_shared/integrations/zep.ts";
import type { TestApi } from "../../support/providers/api-server.ts";
import { call, contextFor, failureOf } from "../../support/providers/run-capability.ts";
import { startZep } from "../../support/providers/zep.ts";

const api_key = "z_the_key";
let zep: TestApi;

beforeAll(async () => {
  zep = await startZep(api_key, "nora");
});
beforeEach(() => zep.forget());
afterAll(() => zep.close());

const ask = (input: unknown, credential: Record<string, unknown> = { api_key }) =>
  call(zepCapabilities, "zep_search_memory", input, contextFor(zep.url, { credential }));

describe("zep_search_memory", () => {
  it("finds facts in a user's memory", async () => {
    const answer = await ask({ query: "drinks", user_id: "nora" });

    expect(answer).toEqual({
      facts: [{ fact: "Nora likes tea", valid_at: "2026-10-01T00:00:00Z" }],
    });
  });

  it("finds entities and what was said", async () => {
    const nodes = await ask({ query: "drinks", user_id: "nora", scope: "nodes" });
    const episodes = await ask({ query: "drinks", user_id: "nora", scope: "episodes" });

    expect(nodes).toEqual({
      entities: [{ name: "Nora", summary: "A customer", labels: ["Entity"] }],
    });
    expect(episodes).toMatchObject({ episodes: [{ content: "I like tea", from: "Nora" }] });
  });

  it.each([{}, { user_id: "nora", graph_id: "all" }])("needs one memory, not %o", async (where) => {
    await expect(ask({ query: "drinks", ...where })).rejects.toThrow("exactly one of");
    expect(zep.requests).toEqual([]);
  });

  it("says that there is no such user", async () => {
    const failure = await failureOf(ask({ query: "drinks", user_id: "nobody" }));

    expect(failure).toMatchObject({ code: "provider_not_found" });
  });

  it("asks for a renewal when the key is refused", async () => {
    const failure = await failureOf(ask({ query: "tea", user_id: "nora" }, { api_key: "z_gone" }));

    expect(failure.code).toBe("provider_unauthorized");
  });
});
