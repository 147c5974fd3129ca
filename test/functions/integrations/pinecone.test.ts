import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { pineconeCapabilities } from "../../../functions/_shared/integrations/pinecone.ts";
import type { TestApi } from "../../support/providers/api-server.ts";
import { type PineconeIndex, startPinecone } from "../../support/providers/pinecone.ts";
import { call, contextFor, failureOf } from "../../support/providers/run-capability.ts";

const api_key = "pcsk_the_key";
const index: PineconeIndex = {
  name: "docs",
  dimension: 3,
  records: [
    { id: "r1", score: 0.9, metadata: { text: "t".repeat(3000), year: 2020 } },
    { id: "r2", score: 0.5, metadata: { text: "short" } },
  ],
};
let control: TestApi;
let data: TestApi;

beforeAll(async () => {
  ({ control, data } = await startPinecone(api_key, index));
});
beforeEach(() => {
  index.embeds = true;
  control.forget();
  data.forget();
});
afterAll(() => Promise.all([control.close(), data.close()]));

const ask = (input: object, credential: Record<string, unknown> = { api_key }) =>
  call(
    pineconeCapabilities,
    "pinecone_query",
    { index: "docs", ...input },
    contextFor(control.url, { credential }),
  );

describe("pinecone_query", () => {
  it("looks for a text where the index embeds texts itself, at the index's own host", async () => {
    const answer = (await ask({ text: "tea", top_k: 1, namespace: "a b" })) as {
      matches: { fields: { text: string } }[];
    };

    expect(answer.matches).toMatchObject([{ id: "r1", score: 0.9, fields: { year: 2020 } }]);
    expect(answer.matches[0]?.fields.text).toHaveLength(2000);
    expect(data.requests[0]).toMatchObject({
      method: "POST",
      path: "/records/namespaces/a%20b/search",
    });
  });

  it("looks for what is like a vector, or like a record", async () => {
    const filter = { year: { $gte: 2000 } };
    const byVector = await ask({ vector: [1, 2, 3], filter });
    const byId = await ask({ id: "r2", top_k: 1 });

    expect(byVector).toMatchObject({ matches: [{ id: "r1" }, { id: "r2" }] });
    expect(byId).toMatchObject({ matches: [{ id: "r1" }] });
    expect(JSON.parse(String(data.requests[0]?.body))).toEqual({
      namespace: "__default__",
      topK: 10,
      includeMetadata: true,
      includeValues: false,
      vector: [1, 2, 3],
      filter,
    });
  });

  it.each([{}, { text: "tea", id: "r1" }])("takes no query such as %o", async (by) => {
    await expect(ask(by)).rejects.toThrow("exactly one of text, vector and id");
    expect(control.requests).toEqual([]);
  });

  it("says that a vector has another dimension", async () => {
    const failure = await failureOf(ask({ vector: [1, 2] }));

    expect(failure).toMatchObject({
      code: "provider_invalid_input",
      message: expect.stringContaining("dimension 2 does not match"),
    });
  });

  it("says that the index does not embed texts", async () => {
    index.embeds = false;

    const failure = await failureOf(ask({ text: "tea" }));

    expect(failure.message).toContain("Integrated inference is not configured");
  });

  it("says that there is no such index", async () => {
    const failure = await failureOf(ask({ index: "others", text: "tea" }));

    expect(failure.code).toBe("provider_not_found");
  });

  it("takes the key to no host that is not Pinecone's", async () => {
    const hosts: string[] = [];
    const context = contextFor("https://api.pinecone.io", {
      credential: { api_key },
      fetch: async (input) => {
        hosts.push(new URL(String(input)).host);
        return Response.json({ host: "docs.pinecone.io.attacker.example" });
      },
    });

    const failure = await failureOf(
      call(pineconeCapabilities, "pinecone_query", { index: "docs", text: "tea" }, context),
    );

    expect(failure.code).toBe("provider_bad_answer");
    expect(hosts).toEqual(["api.pinecone.io"]);
  });

  it("asks for a renewal when the key is refused", async () => {
    const failure = await failureOf(ask({ text: "tea" }, { api_key: "pcsk_gone" }));

    expect(failure.code).toBe("provider_unauthorized");
  });
});
