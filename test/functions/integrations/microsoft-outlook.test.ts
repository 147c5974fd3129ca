import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { outlookCapabilities } from "../../../functions/_shared/integrations/microsoft-outlook.ts";
import type { TestApi } from "../../support/providers/api-server.ts";
import { graphError, graphToken, startGraph } from "../../support/providers/graph.ts";
import { call, contextFor, failureOf } from "../../support/providers/run-capability.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startGraph();
});
beforeEach(() => api.forget());
afterAll(() => api.close());

function outlook(key: string, input: unknown, accessToken = graphToken) {
  return call(outlookCapabilities, key, input, contextFor(`${api.url}/v1.0`, { accessToken }));
}

const mail = { to: ["nora@example.test"], subject: "Hello", body: "How are you?" };
const summary = {
  id: "AAMkAD=",
  thread_id: "c1",
  from: "Nora <nora@example.test>",
  to: ["ada@example.test"],
  subject: "The invoice",
  date: "2026-03-01T10:00:00Z",
  unread: true,
  has_attachments: true,
};

describe("outlook_send_email", () => {
  it("sends a mail and keeps it among those that were sent", async () => {
    const result = await outlook("outlook_send_email", {
      ...mail,
      cc: ["bob@example.test", "NORA@example.test"],
      bcc: ["eve@example.test"],
      reply_to: "answers@example.test",
    });

    expect(result).toEqual({ sent: true, recipients: 3 });
    expect(JSON.parse(String(api.requests[0]?.body))).toEqual({
      message: {
        subject: "Hello",
        body: { contentType: "Text", content: "How are you?" },
        toRecipients: [{ emailAddress: { address: "nora@example.test" } }],
        ccRecipients: [{ emailAddress: { address: "bob@example.test" } }],
        bccRecipients: [{ emailAddress: { address: "eve@example.test" } }],
        replyTo: [{ emailAddress: { address: "answers@example.test" } }],
      },
      saveToSentItems: true,
    });
  });

  it("sends HTML where it is given", async () => {
    await outlook("outlook_send_email", { ...mail, html: "<p>How are you?</p>" });

    expect(JSON.parse(String(api.requests[0]?.body)).message.body).toEqual({
      contentType: "HTML",
      content: "<p>How are you?</p>",
    });
  });

  it("refuses a subject of several lines before anything is sent", async () => {
    await expect(
      outlook("outlook_send_email", { ...mail, subject: "Hello\r\nBcc: eve@example.test" }),
    ).rejects.toThrow();

    expect(api.requests).toEqual([]);
  });
});

describe("outlook_search_email", () => {
  it("lists the newest mails without a query", async () => {
    const result = await outlook("outlook_search_email", { limit: 1 });

    expect(result).toEqual({
      mails: [{ ...summary, snippet: "It is due" }],
      next_page_token: "skiptoken:abc==",
    });
    expect(api.requests[0]?.query.get("$orderby")).toBe("receivedDateTime desc");
  });

  it("reads on where the page before ended", async () => {
    const result = await outlook("outlook_search_email", { page_token: "skiptoken:abc==" });

    expect(result).toMatchObject({ next_page_token: null });
  });

  it.each(["from:nora subject:invoice", '"the invoice" OR due', 'back\\slash"', "a&$filter=b#c"])(
    "searches for %s as it is written",
    async (query) => {
      await outlook("outlook_search_email", { query });

      const search = api.requests[0]?.query.get("$search") ?? "";
      expect(search.slice(1, -1).replaceAll(/\\(.)/g, "$1")).toBe(query);
      expect(api.requests[0]?.query.has("$filter")).toBe(false);
    },
  );

  it("finds nothing without an error", async () => {
    expect(await outlook("outlook_search_email", { query: "nothing" })).toEqual({
      mails: [],
      next_page_token: null,
    });
  });

  it("takes no page token that would be another parameter", async () => {
    const error = await failureOf(outlook("outlook_search_email", { page_token: "filter:x" }));

    expect(error.code).toBe("provider_invalid_input");
    expect(api.requests).toEqual([]);
  });
});

describe("outlook_read_email", () => {
  it("gives the text and names what is attached", async () => {
    expect(await outlook("outlook_read_email", { id: "AAMkAD=" })).toEqual({
      ...summary,
      message_id: "<m1@mail.example.test>",
      cc: ["Bob <bob@example.test>"],
      body: "It is due soon.",
      next_offset: null,
      attachments: [{ name: "invoice.pdf", mime_type: "application/pdf", size_bytes: 12_345 }],
    });
  });

  it("says that a mail is not there", async () => {
    const error = await failureOf(outlook("outlook_read_email", { id: "../../me/contacts" }));

    expect(error.code).toBe("provider_not_found");
    expect(api.requests[0]?.path).toBe("/v1.0/me/messages/..%2F..%2Fme%2Fcontacts");
  });
});

describe("what Outlook refuses", () => {
  it("asks for a new connection when the token is not taken", async () => {
    const error = await failureOf(outlook("outlook_search_email", {}, "EwB4.expired"));

    expect(error.code).toBe("provider_unauthorized");
  });

  it("tells what the account may not do", async () => {
    api.answerNext(graphError(403, "ErrorAccessDenied", "Access is denied. Check credentials."));

    const error = await failureOf(outlook("outlook_send_email", mail));

    expect(error.code).toBe("provider_forbidden");
    expect(error.message).toContain("Access is denied.");
  });

  it("says when to come back", async () => {
    api.answerNext({
      ...graphError(429, "ApplicationThrottled", "Application is over its limit."),
      headers: { "retry-after": "10" },
    });

    const error = await failureOf(outlook("outlook_send_email", mail));

    expect(error).toMatchObject({ code: "provider_rate_limited", retryAfterSeconds: 10 });
  });
});
