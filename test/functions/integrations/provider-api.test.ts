import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import type { CapabilityContext } from "../../../functions/_shared/integrations/capability.ts";
import {
  bearerApi,
  pathOf,
  providerApi,
} from "../../../functions/_shared/integrations/provider-api.ts";
import { contextFor, failureOf } from "../../support/providers/run-capability.ts";

function context(answer: unknown = {}, more: Partial<CapabilityContext> = {}) {
  const fetch = vi.fn(async (_url: string | URL | Request, _init?: RequestInit) =>
    Response.json(answer),
  );
  return { ...contextFor("https://api.example.test/v1/", { ...more, fetch }), fetch };
}

describe("a provider's API", () => {
  it("is asked beneath its base, with what every request carries", async () => {
    const given = context(
      {},
      { accessToken: "token", metadata: { headers: { "Api-Version": "2" } } },
    );

    await bearerApi("Notion", given).send({
      method: "POST",
      path: pathOf`pages/${"a/b?c#d"}`,
      query: { one: 1, no: undefined, nor: null, list: ["a", "b&c"], yes: true, words: "a b+c" },
      json: { title: "Grüße" },
    });

    const [url, init] = given.fetch.mock.calls[0] ?? [];
    expect(String(url)).toBe(
      "https://api.example.test/v1/pages/a%2Fb%3Fc%23d?one=1&list=a&list=b%26c&yes=true&words=a%20b%2Bc",
    );
    expect(init).toMatchObject({
      method: "POST",
      headers: {
        accept: "application/json",
        "content-type": "application/json",
        "Api-Version": "2",
        authorization: "Bearer token",
      },
      body: '{"title":"Grüße"}',
    });
    expect(init?.signal).toBe(given.signal);
  });

  it("lets no request replace the credential", async () => {
    const given = context();
    const api = providerApi("Zep", given, { authorization: "Api-Key mine" });

    await api.send({ path: "sessions", headers: { authorization: "Api-Key another" } });

    expect(given.fetch.mock.calls[0]?.[1]?.headers).toMatchObject({
      authorization: "Api-Key mine",
    });
  });

  it("is not asked without a token", () => {
    expect(() => bearerApi("Notion", context())).toThrow(/has no token/);
  });

  it("has only answers that are as documented", async () => {
    const api = providerApi("Notion", context({ id: 7 }), {});

    const error = await failureOf(api.json(z.object({ id: z.string() }), { path: "pages" }));

    expect(error.code).toBe("provider_bad_answer");
  });

  it.each(["", ".", ".."])("has no segment that is %j", (value) => {
    expect(() => pathOf`pages/${value}/blocks`).toThrow(/empty or consists of dots/);
  });
});
