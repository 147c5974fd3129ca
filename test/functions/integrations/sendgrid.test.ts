import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { sendgridCapabilities } from "../../../functions/_shared/integrations/sendgrid.ts";
import type { TestApi } from "../../support/providers/api-server.ts";
import { call, contextFor, failureOf } from "../../support/providers/run-capability.ts";
import { sendgridKey, startSendgrid } from "../../support/providers/sendgrid.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startSendgrid();
});
beforeEach(() => api.forget());
afterAll(() => api.close());

const credential = { api_key: sendgridKey, from_email: "team@example.test", from_name: "The team" };
const mail = { to: ["nora@example.test"], subject: "Hello", body: "How are you?" };

function sendgrid(input: unknown, more: Record<string, unknown> = {}) {
  const context = contextFor(`${api.url}/v3`, { credential: { ...credential, ...more } });
  return call(sendgridCapabilities, "sendgrid_send_email", input, context);
}

describe("sendgrid_send_email", () => {
  it("sends one mail from the connection's address", async () => {
    const result = await sendgrid({
      ...mail,
      cc: ["bob@example.test", "Nora@example.test"],
      reply_to: "answers@example.test",
      html: "<p>How are you?</p>",
    });

    expect(result).toEqual({ sent: true, id: "sg-1", recipients: 2 });
    expect(JSON.parse(String(api.requests[0]?.body))).toEqual({
      personalizations: [
        { to: [{ email: "nora@example.test" }], cc: [{ email: "bob@example.test" }] },
      ],
      from: { email: "team@example.test", name: "The team" },
      reply_to: { email: "answers@example.test" },
      subject: "Hello",
      content: [
        { type: "text/plain", value: "How are you?" },
        { type: "text/html", value: "<p>How are you?</p>" },
      ],
    });
  });

  it("goes to the region that the connection names", async () => {
    const elsewhere = await startSendgrid();
    const context = contextFor(`${api.url}/v3`, {
      credential: { ...credential, region: "eu" },
      metadata: { regions: { global: `${api.url}/v3`, eu: `${elsewhere.url}/v3` } },
    });

    await call(sendgridCapabilities, "sendgrid_send_email", mail, context);

    expect(api.requests).toEqual([]);
    expect(elsewhere.requests).toHaveLength(1);
    await elsewhere.close();
  });

  it("does not take an empty list along", async () => {
    await sendgrid({ ...mail, cc: [], bcc: ["nora@example.test"] });

    expect(JSON.parse(String(api.requests[0]?.body)).personalizations).toEqual([
      { to: [{ email: "nora@example.test" }] },
    ]);
  });

  it("asks for a new connection when the key is not taken, without repeating it", async () => {
    const error = await failureOf(sendgrid(mail, { api_key: "SG.an-old-key" }));

    expect(error.code).toBe("provider_unauthorized");
    expect(error.message).not.toContain("SG.");
  });

  it("tells that the sender is not verified", async () => {
    const error = await failureOf(sendgrid(mail, { from_email: "someone@example.test" }));

    expect(error.code).toBe("provider_forbidden");
    expect(error.message).toContain("verified Sender Identity");
  });

  it("says when to come back", async () => {
    api.answerNext({
      status: 429,
      headers: { "x-ratelimit-reset": String(Math.ceil(Date.now() / 1000) + 30) },
      json: { errors: [{ message: "too many requests", field: null }] },
    });

    const { code, retryAfterSeconds } = await failureOf(sendgrid(mail));

    expect(code).toBe("provider_rate_limited");
    expect(retryAfterSeconds).toBeGreaterThan(20);
  });
});
