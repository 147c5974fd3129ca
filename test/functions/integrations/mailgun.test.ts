import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { mailgunCapabilities } from "../../../functions/_shared/integrations/mailgun.ts";
import { mailgunKey, startMailgun } from "../../support/providers/mailgun.ts";
import { call, contextFor, failureOf } from "../../support/providers/run-capability.ts";

let api: Awaited<ReturnType<typeof startMailgun>>;
beforeAll(async () => {
  api = await startMailgun();
});
beforeEach(() => api.forget());
afterAll(() => api.close());

const credential = {
  api_key: mailgunKey,
  domain: "mg.example.test",
  from_email: "team@mg.example.test",
};
const mail = { to: ["nora@example.test"], subject: "Hello", body: "How are you?" };

function mailgun(input: unknown, more: Record<string, unknown> = {}, metadata = {}) {
  const context = contextFor(api.url, { credential: { ...credential, ...more }, metadata });
  return call(mailgunCapabilities, "mailgun_send_email", input, context);
}

describe("mailgun_send_email", () => {
  it("sends one mail from the connection's address", async () => {
    const result = await mailgun({
      ...mail,
      to: ["nora@example.test", "ada@example.test"],
      bcc: ["eve@example.test"],
      reply_to: "answers@example.test",
      html: "<p>How are you?</p>",
    });

    expect(result).toEqual({ sent: true, id: "<mg-1@mg.example.test>", recipients: 3 });
    expect(api.fields()).toEqual([
      ["from", "team@mg.example.test"],
      ["to", "nora@example.test"],
      ["to", "ada@example.test"],
      ["bcc", "eve@example.test"],
      ["subject", "Hello"],
      ["text", "How are you?"],
      ["html", "<p>How are you?</p>"],
      ["h:Reply-To", "answers@example.test"],
    ]);
  });

  it.each([
    ["The team", '"The team" <team@mg.example.test>'],
    ['Ada "the" <eve@example.test>', '"Ada \\"the\\" <eve@example.test>" <team@mg.example.test>'],
    ["Ada\r\nBcc: eve@example.test", '"Ada Bcc: eve@example.test" <team@mg.example.test>'],
  ])("keeps the sender's name a name: %j", async (from_name, from) => {
    await mailgun(mail, { from_name });

    expect(api.fields()[0]).toEqual(["from", from]);
  });

  it("goes to the region that the connection names", async () => {
    const elsewhere = await startMailgun();

    await mailgun(mail, { region: "eu" }, { regions: { us: api.url, eu: elsewhere.url } });

    expect(api.requests).toEqual([]);
    expect(elsewhere.requests).toHaveLength(1);
    await elsewhere.close();
  });

  it("never leaves its method for a domain of dots", async () => {
    const error = await failureOf(mailgun(mail, { domain: ".." }));

    expect(error.code).toBe("provider_invalid_input");
    expect(api.requests).toEqual([]);
  });

  it("asks for a new connection when the key is not taken", async () => {
    const error = await failureOf(mailgun(mail, { api_key: "an-old-key" }));

    expect(error).toMatchObject({
      code: "provider_unauthorized",
      message: 'Mailgun refuses the connection: "Forbidden"',
    });
  });

  it("tells that the domain is not known", async () => {
    const error = await failureOf(mailgun(mail, { domain: "example.test" }));

    expect(error.code).toBe("provider_not_found");
    expect(error.message).toContain("Domain not found");
  });
});
