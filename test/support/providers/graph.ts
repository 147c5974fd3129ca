import { type ApiAnswer, type ApiRequest, startApi, type TestApi } from "./api-server.ts";

export const graphToken = "EwB4A8l6BAAU.a-token-of-the-tests";

type Json = Record<string, unknown>;

/** An error of Microsoft Graph: https://learn.microsoft.com/graph/errors */
export function graphError(status: number, code: string, message: string): ApiAnswer {
  return {
    status,
    json: { error: { code, message, innerError: { "request-id": "6f0b", date: "2026-03-01" } } },
  };
}

const person = (name: string, address: string) => ({ emailAddress: { name, address } });

const message: Json = {
  id: "AAMkAD=",
  conversationId: "c1",
  subject: "The invoice",
  from: person("Nora", "nora@example.test"),
  toRecipients: [person("ada@example.test", "ada@example.test")],
  ccRecipients: [person("Bob", "bob@example.test")],
  receivedDateTime: "2026-03-01T10:00:00Z",
  isRead: false,
  hasAttachments: true,
  bodyPreview: "It is due",
  internetMessageId: "<m1@mail.example.test>",
  body: { contentType: "html", content: "<p>It is due soon.</p>" },
  attachments: [
    {
      "@odata.type": "#microsoft.graph.fileAttachment",
      name: "invoice.pdf",
      contentType: "application/pdf",
      size: 12_345,
    },
  ],
};

const file = (id: string, name: string, mimeType: string, size: number): Json => ({
  id,
  name,
  size,
  webUrl: `https://onedrive.example.test/${id}`,
  lastModifiedDateTime: "2026-03-01T10:00:00Z",
  file: { mimeType },
});

/** The drive's items, and what is in those that are files. */
export const items: Record<string, { item: Json; content?: string | Uint8Array }> = {
  f1: { item: file("f1", "notes.txt", "text/plain", 12), content: "Grüße, Ada" },
  f2: { item: file("f2", "report.docx", "application/vnd.openxmlformats", 9_000) },
  f3: { item: file("f3", "huge.csv", "text/csv", 50_000_000) },
  f4: {
    item: file("f4", "program", "application/octet-stream", 4),
    content: new Uint8Array([127, 69, 0, 1]),
  },
  d1: {
    item: {
      id: "d1",
      name: "Reports",
      size: 0,
      folder: { childCount: 2 },
      webUrl: "https://x.test",
    },
  },
};

/** Microsoft Graph as far as it is used: mail and the files of one drive. */
export function startGraph(): Promise<TestApi> {
  return startApi((request) => {
    if (request.path.startsWith("/download/")) {
      // The address is the permission: a token would be refused here.
      return request.headers.authorization
        ? { status: 401, body: "Unauthorized" }
        : { body: items[request.path.slice(10)]?.content ?? "" };
    }
    if (request.headers.authorization !== `Bearer ${graphToken}`) {
      return graphError(401, "InvalidAuthenticationToken", "Access token is empty or expired.");
    }
    const path = request.path.replace(/^\/v1\.0\//, "");
    return path.startsWith("me/drive/") ? drive(path.slice(9), request) : mail(path, request);
  });
}

function mail(path: string, { method, query, headers, body }: ApiRequest): ApiAnswer {
  if (path === "me/sendMail" && method === "POST") {
    return headers["content-type"] === "application/json"
      ? sendMail(JSON.parse(body.toString()) as { message?: Json; saveToSentItems?: unknown })
      : graphError(415, "RequestBodyRead", "Unsupported media type");
  }
  if (path === "me/messages" && method === "GET") {
    return list(query);
  }
  if (method === "GET" && path === `me/messages/${encodeURIComponent(String(message.id))}`) {
    const wantsText = /outlook\.body-content-type="text"/.test(String(headers.prefer));
    return {
      json: wantsText
        ? { ...message, body: { contentType: "text", content: "It is due soon.\r\n" } }
        : message,
    };
  }
  return graphError(404, "ErrorItemNotFound", "The specified object was not found in the store.");
}

function sendMail({
  message: sent,
  saveToSentItems,
}: {
  message?: Json;
  saveToSentItems?: unknown;
}) {
  const { subject, body, toRecipients, ccRecipients, bccRecipients } = (sent ?? {}) as Json;
  const all = [toRecipients, ccRecipients, bccRecipients].flatMap((list) =>
    Array.isArray(list) ? (list as { emailAddress?: { address?: string } }[]) : [],
  );
  const type = (body as { contentType?: string } | undefined)?.contentType ?? "";
  if (all.length === 0 || !all.every((each) => each.emailAddress?.address?.includes("@"))) {
    return graphError(400, "ErrorInvalidRecipients", "At least one recipient is not valid.");
  }
  if (typeof subject !== "string" || !/^(text|html)$/i.test(type)) {
    return graphError(400, "RequestBodyRead", "Requested value was not found.");
  }
  return typeof saveToSentItems === "boolean"
    ? { status: 202 }
    : graphError(400, "ErrorInvalidRequest", "saveToSentItems is no boolean.");
}

function list(query: URLSearchParams): ApiAnswer {
  const search = query.get("$search");
  if (search !== null && query.has("$orderby")) {
    return graphError(400, "SearchWithOrderBy", "$orderBy is not supported with $search.");
  }
  // One quoted string, in which quotes are escaped.
  if (search !== null && !/^"([^"\\]|\\.)*"$/.test(search)) {
    return graphError(400, "BadRequest", "Syntax error: character is not valid");
  }
  if (search === '"nothing"') {
    return { json: { value: [] } };
  }
  const next = "https://graph.microsoft.com/v1.0/me/messages?$top=1&$skiptoken=abc%3D%3D";
  const isSecond = query.get("$skiptoken") === "abc==";
  return { json: { value: [message], ...(isSecond ? {} : { "@odata.nextLink": next }) } };
}

function drive(path: string, { method, query, headers }: ApiRequest): ApiAnswer {
  const [, folder, children, search] =
    /^(root|items\/[^/]+)\/(?:(children)|search\(q='(.*)'\))$/.exec(path) ?? [];
  if (method === "GET" && folder && (children || search !== undefined)) {
    // A quote that stands alone ends the argument.
    if ((search ?? "").replaceAll("''", "").includes("'")) {
      return graphError(400, "invalidRequest", "Syntax error in the function's argument.");
    }
    const all = Object.values(items).map(({ item }) => item);
    const most = Number(query.get("$top") ?? 200);
    const next = `https://graph.microsoft.com/v1.0/me/drive/${folder}/children?$skiptoken=next`;
    return {
      json: {
        value: all.slice(0, most),
        ...(most < all.length ? { "@odata.nextLink": next } : {}),
      },
    };
  }
  const [, id = "", content] = /^items\/([^/]+)(\/content)?$/.exec(path) ?? [];
  const found = items[id];
  if (!found || method !== "GET") {
    return graphError(404, "itemNotFound", "The resource could not be found.");
  }
  if (!content) {
    return { json: found.item };
  }
  // Contents lie at another origin than the API.
  const elsewhere = String(headers.host).replace("127.0.0.1", "localhost");
  return { status: 302, headers: { location: `http://${elsewhere}/download/${id}` } };
}
