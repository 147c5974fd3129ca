import { describe, expect, it } from "vitest";
import { toProviderError } from "../../../functions/_shared/integrations/provider-error.ts";

async function failure(status: number, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const response = new Response(text, { status, headers });
  const { code, message, hint, retryAfterSeconds, providerStatus } = await toProviderError(
    "Gmail",
    response,
    ["ya29.the-token"],
  );
  return { code, message, hint, retryAfterSeconds, providerStatus };
}

describe("what a provider's failure becomes", () => {
  it("asks for the connection to be renewed when the credential is refused", async () => {
    const error = { code: 401, message: "Request had invalid authentication credentials." };

    expect(await failure(401, { error })).toEqual({
      code: "provider_unauthorized",
      message: 'Gmail refuses the connection: "Request had invalid authentication credentials."',
      hint: "Ask the connection's owner to connect Gmail again.",
      retryAfterSeconds: null,
      providerStatus: 401,
    });
  });

  it.each([
    [
      "Google's reason",
      { error: { code: 403, errors: [{ reason: "insufficientPermissions" }] } },
      {},
    ],
    [
      "Google's details",
      {
        error: {
          status: "PERMISSION_DENIED",
          details: [{ reason: "ACCESS_TOKEN_SCOPE_INSUFFICIENT" }],
        },
      },
      {},
    ],
    ["Slack's word", { ok: false, error: "missing_scope", needed: "chat:write" }, {}],
    ["the header of RFC 6750", {}, { "www-authenticate": 'Bearer error="insufficient_scope"' }],
  ])("says that a scope is missing, by %s", async (_, body, headers) => {
    const { code, hint } = await failure(403, body, headers as Record<string, string>);

    expect(code).toBe("provider_forbidden");
    expect(hint).toMatch(/lacks a scope/);
  });

  it("tells an account that may not from a scope that is missing", async () => {
    const { code, hint } = await failure(403, { message: "Must have admin rights" });

    expect(code).toBe("provider_forbidden");
    expect(hint).toMatch(/account may not/);
  });

  it.each([
    ["retry-after in seconds", 429, {}, { "retry-after": "17" }, 17],
    ["Discord's body", 429, { message: "You are being rate limited.", retry_after: 0.3 }, {}, 1],
    ["Google's 403", 403, { error: { errors: [{ reason: "userRateLimitExceeded" }] } }, {}, null],
    ["GitHub's 403", 403, { message: "API rate limit" }, { "x-ratelimit-remaining": "0" }, null],
  ])("knows a rate limit by %s", async (_, status, body, headers, seconds) => {
    const error = await failure(status, body, headers as Record<string, string>);

    expect(error.code).toBe("provider_rate_limited");
    expect(error.retryAfterSeconds).toBe(seconds);
    expect(error.hint).toBe(
      seconds === null ? "Try again in some minutes." : `Try again in ${seconds} seconds.`,
    );
  });

  it.each(["storageQuotaExceeded", "exportSizeLimitExceeded"])(
    "takes %s for no rate limit",
    async (reason) => {
      const { code } = await failure(403, { error: { errors: [{ reason }] } });

      expect(code).toBe("provider_forbidden");
    },
  );

  it("waits until the second that GitHub names", async () => {
    const reset = String(Math.ceil(Date.now() / 1000) + 60);

    const { retryAfterSeconds } = await failure(
      403,
      {},
      {
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": reset,
      },
    );

    expect(retryAfterSeconds).toBeGreaterThan(50);
    expect(retryAfterSeconds).toBeLessThan(63);
  });

  it.each([
    [400, "provider_invalid_input"],
    [404, "provider_not_found"],
    [409, "provider_conflict"],
    [410, "provider_not_found"],
    [422, "provider_invalid_input"],
    [408, "provider_unavailable"],
    [500, "provider_unavailable"],
    [503, "provider_unavailable"],
  ])("gives %i the code %s", async (status, code) => {
    expect(await failure(status, { errors: [{ message: "Because." }] })).toMatchObject({
      code,
      message: expect.stringContaining('"Because."'),
    });
  });

  it("passes on no page of HTML, no credential, no line break and no long text", async () => {
    expect((await failure(502, "<html>Bad gateway</html>")).message).toBe(
      "Gmail failed with status 502.",
    );
    const { message } = await failure(400, {
      message: `ya29.the-token\nand Bearer abcdefghijkl ${"x".repeat(5_000)}`,
    });
    expect(message).not.toMatch(/ya29|abcdefgh|\n/);
    expect(message.length).toBeLessThan(400);
  });

  it("does without a body that breaks off or is none", async () => {
    const broken = new ReadableStream({ start: (stream) => stream.error(new Error("gone")) });

    const error = await toProviderError("Gmail", new Response(broken, { status: 500 }));

    expect(error.message).toBe("Gmail failed with status 500.");
    expect((await failure(404, "")).message).toBe("Gmail does not find this.");
  });
});
