import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { gmailCapabilities } from "../../../functions/_shared/integrations/gmail.ts";
import type { TestApi } from "../../support/providers/api-server.ts";
import { startGmail } from "../../support/providers/gmail.ts";
import { googleError, googleToken } from "../../support/providers/google.ts";
import { call, contextFor, failureOf } from "../../support/providers/run-capability.ts";
import { readMail } from "../../support/smtp/index.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startGmail();
});
beforeEach(() => api.forget());
afterAll(() => api.close());

function gmail(key: string, input: unknown, accessToken = googleToken) {
  return call(gmailCapabilities, key, input, contextFor(api.url, { accessToken }));
}

const mail = { to: ["nora@example.test"], subject: "Hello", body: "How are you?" };

/** The message that was sent last. */
function sentMessage(): string {
  const { raw } = JSON.parse(String(api.requests.at(-1)?.body)) as { raw: string };
  return Buffer.from(raw, "base64url").toString();
}

describe("gmail_send_email", () => {
  it("sends one message to all recipients, with copies of both kinds", async () => {
    const result = await gmail("gmail_send_email", {
      ...mail,
      cc: ["bob@example.test", "nora@example.test"],
      bcc: ["eve@example.test"],
      reply_to: "answers@example.test",
      html: "<p>How are you?</p>",
    });

    expect(result).toEqual({ sent: true, id: "sent1", thread_id: "new-thread" });
    const { headers, bodies } = readMail(sentMessage());
    expect(headers.get("to")).toEqual(["nora@example.test"]);
    expect(headers.get("cc")).toEqual(["bob@example.test"]);
    expect(headers.get("bcc")).toEqual(["eve@example.test"]);
    expect(headers.get("reply-to")).toEqual(["answers@example.test"]);
    expect(bodies.map((body) => body.trim())).toEqual(["How are you?", "<p>How are you?</p>"]);
  });

  it("writes letters of any script, in the subject too", async () => {
    await gmail("gmail_send_email", { ...mail, subject: "Grüße 👋 из Москвы", body: "Ça va ? 好" });

    const { headers, bodies } = readMail(sentMessage());
    expect(headers.get("subject")).toEqual(["Grüße 👋 из Москвы"]);
    expect(bodies[0]?.trim()).toBe("Ça va ? 好");
    expect([...sentMessage()].every((letter) => letter < "\x7f")).toBe(true);
  });

  it("answers within a thread", async () => {
    const result = await gmail("gmail_send_email", {
      ...mail,
      in_reply_to: "<m1@mail.example.test>",
      thread_id: "t1",
    });

    expect(result).toMatchObject({ thread_id: "t1" });
    const { headers } = readMail(sentMessage());
    expect(headers.get("in-reply-to")).toEqual(["<m1@mail.example.test>"]);
    expect(headers.get("references")).toEqual(["<m1@mail.example.test>"]);
  });

  it("names neither a sender nor this machine", async () => {
    await gmail("gmail_send_email", mail);

    const { headers } = readMail(sentMessage());
    expect(headers.has("from")).toBe(false);
    expect(headers.has("message-id")).toBe(false);
    expect(headers.get("to")).toEqual(["nora@example.test"]);
    expect(headers.get("mime-version")).toEqual(["1.0"]);
    expect(headers.has("x-mailer")).toBe(false);
  });

  it.each([
    ["a line break in the subject", { subject: "Hello\r\nBcc: eve@example.test" }],
    ["a lone line feed in the subject", { subject: "Hello\nBcc: eve@example.test" }],
    ["a separator of lines in the subject", { subject: "Hello\u2028Bcc: eve@example.test" }],
    ["a line break in an address", { to: ["nora@example.test\r\nBcc: eve@example.test"] }],
    ["two addresses in one", { to: ["nora@example.test, eve@example.test"] }],
    ["a name with an address", { to: ["Nora <nora@example.test>"] }],
    ["a line break in what is answered", { in_reply_to: "<m1>\r\nBcc: eve@example.test" }],
    ["nobody", { to: [] }],
    ["more than fifty people", { to: Array.from({ length: 51 }, (_, n) => `n${n}@example.test`) }],
    ["something it does not know", { attachments: ["/etc/passwd"] }],
  ])("refuses %s before anything is sent", async (_, change) => {
    await expect(gmail("gmail_send_email", { ...mail, ...change })).rejects.toThrow();

    expect(api.requests).toEqual([]);
  });

  it("leaves what looks like headers in the body where it is", async () => {
    await gmail("gmail_send_email", { ...mail, body: "Bcc: eve@example.test\r\n\r\n.\r\nEnd" });

    const { headers } = readMail(sentMessage());
    expect(headers.has("bcc")).toBe(false);
  });
});

describe("gmail_search_email", () => {
  it("lists what is found with what a reader needs", async () => {
    const result = await gmail("gmail_search_email", { query: "is:unread invoice", limit: 3 });

    expect(result).toEqual({
      mails: [
        {
          id: "m1",
          thread_id: "t1",
          from: "Nora <nora@example.test>",
          to: "ada@example.test",
          subject: "The invoice",
          date: "Sun, 01 Mar 2026 10:00:00 +0000",
          unread: true,
          snippet: "It's due <soon>",
        },
        expect.objectContaining({ id: "m2", unread: false }),
      ],
      estimated_total: 201,
      next_page_token: "p2",
    });
    expect(api.requests[0]?.query.get("q")).toBe("is:unread invoice");
  });

  it("reads on where the page before ended", async () => {
    const result = await gmail("gmail_search_email", { page_token: "p2" });

    expect(result).toMatchObject({ mails: [{ id: "m3" }], next_page_token: null });
  });

  it("finds nothing without an error", async () => {
    expect(await gmail("gmail_search_email", { query: "nothing" })).toEqual({
      mails: [],
      estimated_total: 0,
      next_page_token: null,
    });
  });

  it("asks for at most five messages at a time", async () => {
    const ids = Array.from({ length: 20 }, () => ({ id: "m1" }));
    api.answerNext({ json: { messages: ids } });

    const { mails } = (await gmail("gmail_search_email", { limit: 20 })) as { mails: unknown[] };

    expect(mails).toHaveLength(20);
    expect(api.mostAtOnce()).toBeLessThanOrEqual(5);
    expect(api.mostAtOnce()).toBeGreaterThan(1);
  });

  it("fails when one of the messages cannot be fetched for another reason", async () => {
    api.answerNext({ json: { messages: [{ id: "m1" }] } });
    api.answerNext(googleError(429, "Too many concurrent requests for user.", "rateLimitExceeded"));

    const error = await failureOf(gmail("gmail_search_email", {}));

    expect(error.code).toBe("provider_rate_limited");
  });
});

describe("gmail_read_email", () => {
  it("gives the plain text and names what is attached", async () => {
    expect(await gmail("gmail_read_email", { id: "m1" })).toEqual({
      id: "m1",
      thread_id: "t1",
      message_id: "<m1@mail.example.test>",
      from: "Nora <nora@example.test>",
      to: "ada@example.test",
      cc: "bob@example.test",
      subject: "The invoice",
      date: "Sun, 01 Mar 2026 10:00:00 +0000",
      unread: true,
      body: "It's due soon. Grüße!",
      next_offset: null,
      attachments: [{ name: "invoice.pdf", mime_type: "application/pdf", size_bytes: 12_345 }],
    });
  });

  it("makes a text of a mail that is HTML alone", async () => {
    expect(await gmail("gmail_read_email", { id: "m2" })).toMatchObject({
      body: "Only HTML\n\nTwo",
      attachments: [],
    });
  });

  it("takes a mail that is attached for an attachment, not for the text", async () => {
    expect(await gmail("gmail_read_email", { id: "m4" })).toMatchObject({
      body: "See below.",
      attachments: [{ name: "The invoice.eml", mime_type: "message/rfc822", size_bytes: 900 }],
    });
  });

  it("fetches a text that lies apart, in its own charset", async () => {
    expect(await gmail("gmail_read_email", { id: "m3" })).toMatchObject({ body: "Zażółć" });
  });

  it("gives a long text page by page", async () => {
    const data = Buffer.from(`${"x".repeat(19_999)}👋 the end`).toString("base64url");
    const long = { id: "m9", threadId: "t9", payload: { mimeType: "text/plain", body: { data } } };
    api.answerNext({ json: long });
    api.answerNext({ json: long });

    const first = await gmail("gmail_read_email", { id: "m9" });
    const second = await gmail("gmail_read_email", { id: "m9", offset: 19_999 });

    expect(first).toMatchObject({ body: "x".repeat(19_999), next_offset: 19_999 });
    expect(second).toMatchObject({ body: "👋 the end", next_offset: null });
  });

  it.each(["..", ".", "../labels", "m1/../../labels"])(
    "never leaves its method for %s",
    async (id) => {
      const error = await failureOf(gmail("gmail_read_email", { id }));

      expect(["provider_invalid_input", "provider_not_found"]).toContain(error.code);
      expect(
        api.requests.every(({ path }) => path.startsWith("/gmail/v1/users/me/messages/")),
      ).toBe(true);
    },
  );
});

describe("what Gmail refuses", () => {
  it("asks for a new connection when the token is not taken, without repeating it", async () => {
    const error = await failureOf(gmail("gmail_search_email", {}, "ya29.expired-long-ago"));

    expect(error).toMatchObject({ code: "provider_unauthorized", providerStatus: 401 });
    expect(`${error.message} ${error.hint}`).not.toContain("ya29");
  });

  it("says that a scope is missing", async () => {
    api.answerNext(
      googleError(
        403,
        "Request had insufficient authentication scopes.",
        "insufficientPermissions",
      ),
    );

    const error = await failureOf(gmail("gmail_send_email", mail));

    expect(error.code).toBe("provider_forbidden");
    expect(error.hint).toMatch(/lacks a scope/);
  });

  it("says when to come back", async () => {
    api.answerNext({ status: 429, headers: { "retry-after": "8" }, json: {} });

    const error = await failureOf(gmail("gmail_send_email", mail));

    expect(error).toMatchObject({ retryAfterSeconds: 8, hint: "Try again in 8 seconds." });
  });

  it("does not take something else for an answer", async () => {
    api.answerNext({ body: "<html>Sign in</html>" });

    const error = await failureOf(gmail("gmail_read_email", { id: "m1" }));

    expect(error.code).toBe("provider_bad_answer");
  });
});
