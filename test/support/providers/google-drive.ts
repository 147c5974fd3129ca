import { type ApiAnswer, type ApiRequest, startApi, type TestApi } from "./api-server.ts";
import { googleError, notFound, withGoogleToken } from "./google.ts";

type Json = Record<string, unknown>;

const file = (id: string, name: string, mimeType: string, more: Json = {}): Json => ({
  id,
  name,
  mimeType,
  modifiedTime: "2026-03-01T10:00:00.000Z",
  webViewLink: `https://drive.example.test/${id}`,
  ...more,
});

/** Files, and what a download or an export of them gives. */
export const files: Record<string, { file: Json; content?: string | Uint8Array }> = {
  doc: {
    file: file("doc", "Plan", "application/vnd.google-apps.document"),
    content: "\ufeffThe plan: Grüße",
  },
  sheet: {
    file: file("sheet", "Numbers", "application/vnd.google-apps.spreadsheet"),
    content: "a,b\r\n1,2\r\n",
  },
  form: { file: file("form", "Survey", "application/vnd.google-apps.form") },
  folder: { file: file("folder", "Reports", "application/vnd.google-apps.folder") },
  text: { file: file("text", "notes.md", "text/markdown", { size: "7" }), content: "# Notes" },
  wide: {
    file: file("wide", "wide.txt", "text/plain", { size: "8" }),
    content: Buffer.from("\ufeffwide", "utf16le"),
  },
  photo: { file: file("photo", "photo.jpg", "image/jpeg", { size: "100" }) },
  lying: {
    file: file("lying", "lying.txt", "text/plain", { size: "4" }),
    content: new Uint8Array([137, 80, 0, 71]),
  },
  huge: { file: file("huge", "huge.csv", "text/csv", { size: "50000000" }) },
  growing: {
    file: file("growing", "growing.log", "text/plain", { size: "10" }),
    content: "x".repeat(2_500_000),
  },
  link: {
    file: file("link", "Plan", "application/vnd.google-apps.shortcut", {
      shortcutDetails: { targetId: "doc" },
    }),
  },
};

/** Drive's API as far as it is used: https://developers.google.com/workspace/drive/api/reference/rest/v3 */
export function startGoogleDrive(): Promise<TestApi> {
  return startApi(withGoogleToken(answer));
}

function answer({ method, path, query }: ApiRequest): ApiAnswer {
  const [, id = "", rest] = /^\/drive\/v3\/files(?:\/([^/]+)(\/export)?)?$/.exec(path) ?? [];
  if (method !== "GET" || !path.startsWith("/drive/v3/files")) {
    return notFound;
  }
  if (id === "") {
    return list(query);
  }
  const found = files[id];
  if (!found) {
    return googleError(404, `File not found: ${id}.`, "notFound");
  }
  const isGoogles = String(found.file.mimeType).startsWith("application/vnd.google-apps.");
  if (rest) {
    return isGoogles && /^text\/(plain|csv)$/.test(query.get("mimeType") ?? "")
      ? { headers: { "content-type": query.get("mimeType") ?? "" }, body: found.content ?? "" }
      : googleError(403, "Export only supports Docs Editors files.", "fileNotExportable");
  }
  if (query.get("alt") === "media") {
    return isGoogles
      ? googleError(403, "Only files with binary content can be downloaded.", "fileNotDownloadable")
      : { headers: { "content-type": "application/octet-stream" }, body: found.content ?? "" };
  }
  return { json: found.file };
}

function list(query: URLSearchParams): ApiAnswer {
  const q = query.get("q") ?? "";
  // Conditions joined by "and", whose strings hold no quote that is not escaped.
  const text = "'(?:[^'\\\\]|\\\\['\\\\])*'";
  const condition = `(?:trashed = false|name contains ${text}|${text} in parents)`;
  if (!new RegExp(`^${condition}(?: and ${condition})*$`).test(q)) {
    return googleError(400, "Invalid Value", "invalid");
  }
  if (query.get("includeItemsFromAllDrives") === "true" && !query.has("supportsAllDrives")) {
    return googleError(403, "supportsAllDrives must be true.", "teamDrivesInvalid");
  }
  const most = Number(query.get("pageSize") ?? 100);
  const all = Object.values(files).map((each) => each.file);
  const page = query.get("pageToken") === "p2" ? all.slice(most) : all.slice(0, most);
  return {
    json: {
      files: page,
      ...(query.has("pageToken") || page.length === all.length ? {} : { nextPageToken: "p2" }),
    },
  };
}
