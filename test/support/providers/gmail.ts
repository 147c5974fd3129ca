import { type ApiAnswer, type ApiRequest, startApi, type TestApi } from "./api-server.ts";
import { googleError, notFound, withGoogleToken } from "./google.ts";

type Json = Record<string, unknown>;

const base64url = (text: string | Buffer) => Buffer.from(text).toString("base64url");

const headers = (subject: string, more: Json[] = []) => [
  { name: "From", value: "Nora <nora@example.test>" },
  { name: "To", value: "ada@example.test" },
  { name: "Subject", value: subject },
  { name: "Date", value: "Sun, 01 Mar 2026 10:00:00 +0000" },
  { name: "Message-Id", value: "<m1@mail.example.test>" },
  ...more,
];

/** Messages in format=full: https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages */
export const messages: Record<string, Json> = {
  m1: {
    id: "m1",
    threadId: "t1",
    labelIds: ["INBOX", "UNREAD"],
    snippet: "It&#39;s due &lt;soon&gt;",
    payload: {
      mimeType: "multipart/mixed",
      filename: "",
      headers: headers("The invoice", [{ name: "Cc", value: "bob@example.test" }]),
      parts: [
        {
          mimeType: "multipart/alternative",
          filename: "",
          parts: [
            part("text/plain; charset=UTF-8", "It's due soon. Grüße!"),
            part("text/html; charset=UTF-8", "<p>It's due <b>soon</b>.</p>"),
          ],
        },
        {
          mimeType: "application/pdf",
          filename: "invoice.pdf",
          body: { attachmentId: "a1", size: 12_345 },
        },
      ],
    },
  },
  m2: {
    id: "m2",
    threadId: "t2",
    labelIds: ["INBOX"],
    snippet: "Only HTML",
    payload: {
      ...part("text/html; charset=UTF-8", "<style>p{}</style><p>Only&nbsp;HTML</p><p>Two</p>"),
      headers: headers("HTML"),
    },
  },
  m4: {
    id: "m4",
    threadId: "t4",
    payload: {
      mimeType: "multipart/mixed",
      headers: headers("Fwd: The invoice"),
      parts: [
        part("text/plain; charset=UTF-8", "See below."),
        {
          mimeType: "message/rfc822",
          filename: "The invoice.eml",
          body: { size: 900 },
          parts: [part("text/plain; charset=UTF-8", "It's due soon.")],
        },
      ],
    },
  },
  m3: {
    id: "m3",
    threadId: "t3",
    labelIds: ["INBOX"],
    snippet: "Large",
    payload: {
      mimeType: "text/plain",
      filename: "",
      headers: headers("Large", [
        { name: "Content-Type", value: "text/plain; charset=iso-8859-2" },
      ]),
      body: { attachmentId: "text-of-m3", size: 9 },
    },
  },
};

function part(type: string, text: string): Json {
  return {
    mimeType: type.split(";")[0],
    filename: "",
    headers: [{ name: "Content-Type", value: type }],
    body: { size: text.length, data: base64url(text) },
  };
}

/** Gmail's API as far as it is used; answers whoever has the token of the tests. */
export function startGmail(): Promise<TestApi> {
  return startApi(withGoogleToken(answer));
}

function answer({ method, path, query, headers: given, body }: ApiRequest): ApiAnswer {
  const [, rest] = /^\/gmail\/v1\/users\/me\/messages(.*)$/.exec(path) ?? [];
  if (rest === "/send" && method === "POST") {
    return given["content-type"] === "application/json"
      ? send(body)
      : googleError(400, "?", "parseError");
  }
  if (rest === undefined || method !== "GET") {
    return notFound;
  }
  if (rest === "") {
    return list(query);
  }
  const [, id = "", attachment] = /^\/([^/]+)(?:\/attachments\/([^/]+))?$/.exec(rest) ?? [];
  if (attachment === "text-of-m3") {
    return { json: { size: 9, data: base64url(Buffer.from("Za\xbf\xf3\xb3\xe6", "latin1")) } };
  }
  const message = messages[id];
  if (!message) {
    return notFound;
  }
  return { json: query.get("format") === "metadata" ? metadata(message, query) : message };
}

function send(body: Buffer): ApiAnswer {
  const { raw, threadId } = JSON.parse(body.toString()) as { raw?: string; threadId?: string };
  if (!raw || !/^[\w-]+$/.test(raw)) {
    return googleError(400, "Invalid value for ByteString: raw", "badRequest");
  }
  const [head = ""] = Buffer.from(raw, "base64url").toString().split("\r\n\r\n", 1);
  if (!/^(to|cc|bcc): .+@/im.test(head)) {
    return googleError(400, "Recipient address required", "invalidArgument");
  }
  return { json: { id: "sent1", threadId: threadId ?? "new-thread", labelIds: ["SENT"] } };
}

function list(query: URLSearchParams): ApiAnswer {
  const most = Number(query.get("maxResults"));
  if (!(most >= 1 && most <= 500)) {
    return googleError(400, "Invalid maxResults", "invalidArgument");
  }
  if (query.get("q") === "nothing") {
    return { json: { resultSizeEstimate: 0 } };
  }
  // The last of them goes away before it is asked for.
  const ids = query.get("pageToken") === "p2" ? ["m3"] : ["m1", "m2", "gone"];
  return {
    json: {
      messages: ids.slice(0, most).map((id) => ({ id, threadId: `t-${id}` })),
      ...(query.has("pageToken") ? {} : { nextPageToken: "p2" }),
      resultSizeEstimate: 201,
    },
  };
}

function metadata(message: Json, query: URLSearchParams): Json {
  const wanted = query.getAll("metadataHeaders").map((name) => name.toLowerCase());
  const { headers: all, mimeType } = message.payload as {
    headers: { name: string }[];
    mimeType: string;
  };
  return {
    ...message,
    payload: { mimeType, headers: all.filter(({ name }) => wanted.includes(name.toLowerCase())) },
  };
}
