import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { onedriveCapabilities } from "../../../functions/_shared/integrations/microsoft-onedrive.ts";
import type { TestApi } from "../../support/providers/api-server.ts";
import { graphError, graphToken, startGraph } from "../../support/providers/graph.ts";
import { call, contextFor, failureOf } from "../../support/providers/run-capability.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startGraph();
});
beforeEach(() => api.forget());
afterAll(() => api.close());

function onedrive(key: string, input: unknown) {
  const context = contextFor(`${api.url}/v1.0`, { accessToken: graphToken });
  return call(onedriveCapabilities, key, input, context);
}

describe("onedrive_list_files", () => {
  it("lists what lies at the top, folders as such", async () => {
    const result = (await onedrive("onedrive_list_files", {})) as { files: unknown[] };

    expect(api.requests[0]?.path).toBe("/v1.0/me/drive/root/children");
    expect(result.files).toHaveLength(5);
    expect(result.files[0]).toEqual({
      id: "f1",
      name: "notes.txt",
      type: "text/plain",
      size_bytes: 12,
      modified_at: "2026-03-01T10:00:00Z",
      link: "https://onedrive.example.test/f1",
    });
    expect(result.files.at(-1)).toMatchObject({ name: "Reports", type: "folder" });
  });

  it("lists a folder page by page", async () => {
    const result = await onedrive("onedrive_list_files", { folder_id: "d1", limit: 2 });
    await onedrive("onedrive_list_files", { folder_id: "d1", page_token: "skiptoken:next" });

    expect(result).toMatchObject({ next_page_token: "skiptoken:next" });
    expect(api.requests.map(({ path }) => path)).toEqual([
      "/v1.0/me/drive/items/d1/children",
      "/v1.0/me/drive/items/d1/children",
    ]);
    expect(api.requests[1]?.query.get("$skiptoken")).toBe("next");
  });

  it.each(["budget 2026", "it's Ada's", "a/b?c#d%", "'); drop"])(
    "searches for %s as it is written",
    async (query) => {
      await onedrive("onedrive_list_files", { query });

      const [, written = ""] =
        /^\/v1\.0\/me\/drive\/root\/search\(q='([^/?#]*)'\)$/.exec(api.requests[0]?.path ?? "") ??
        [];
      expect(decodeURIComponent(written).replaceAll("''", "'")).toBe(query);
    },
  );
});

describe("onedrive_read_file", () => {
  it("gives a text file, without showing the token to where its content lies", async () => {
    expect(await onedrive("onedrive_read_file", { file_id: "f1" })).toEqual({
      id: "f1",
      name: "notes.txt",
      type: "text/plain",
      size_bytes: 12,
      modified_at: "2026-03-01T10:00:00Z",
      link: "https://onedrive.example.test/f1",
      text: "Grüße, Ada",
      next_offset: null,
    });
  });

  it.each([
    ["a document of Word", "f2", /application\/vnd\.openxmlformats/],
    ["a file of 50 MB", "f3", /50\.0 MB/],
    ["a program", "f4", /binary data/],
    ["a folder", "d1", /is a folder/],
  ])("says clearly that %s cannot be read", async (_, file_id, words) => {
    const error = await failureOf(onedrive("onedrive_read_file", { file_id }));

    expect(error.code).toBe("provider_unsupported");
    expect(error.message).toMatch(words);
  });

  it("says that a file is not there", async () => {
    const error = await failureOf(onedrive("onedrive_read_file", { file_id: "unknown" }));

    expect(error.code).toBe("provider_not_found");
  });

  it("says that a scope is missing", async () => {
    api.answerNext(graphError(403, "accessDenied", "Missing scope permissions on the request."));

    const error = await failureOf(onedrive("onedrive_read_file", { file_id: "f1" }));

    expect(error.hint).toMatch(/lacks a scope/);
  });
});
