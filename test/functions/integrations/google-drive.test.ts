import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { googleDriveCapabilities } from "../../../functions/_shared/integrations/google-drive.ts";
import type { TestApi } from "../../support/providers/api-server.ts";
import { googleError, googleToken } from "../../support/providers/google.ts";
import { startGoogleDrive } from "../../support/providers/google-drive.ts";
import { call, contextFor, failureOf } from "../../support/providers/run-capability.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startGoogleDrive();
});
beforeEach(() => api.forget());
afterAll(() => api.close());

function drive(key: string, input: unknown) {
  const context = contextFor(`${api.url}/drive/v3`, { accessToken: googleToken });
  return call(googleDriveCapabilities, key, input, context);
}

describe("google_drive_list_files", () => {
  it("lists files page by page, shared drives too", async () => {
    const first = await drive("google_drive_list_files", { limit: 4 });
    const second = await drive("google_drive_list_files", { limit: 4, page_token: "p2" });

    expect(first).toMatchObject({
      files: [
        {
          id: "doc",
          name: "Plan",
          type: "application/vnd.google-apps.document",
          size_bytes: null,
          modified_at: "2026-03-01T10:00:00.000Z",
          link: "https://drive.example.test/doc",
        },
        { id: "sheet" },
        { id: "form" },
        { id: "folder", type: "folder" },
      ],
      next_page_token: "p2",
    });
    expect(second).toMatchObject({ next_page_token: null });
    expect(api.requests[0]?.query.get("q")).toBe("trashed = false");
  });

  it("looks for a name in a folder", async () => {
    await drive("google_drive_list_files", { name: "report", folder_id: "root" });

    expect(api.requests[0]?.query.get("q")).toBe(
      "trashed = false and name contains 'report' and 'root' in parents",
    );
  });

  it.each(["Ada's", "back\\slash", "' or name contains '", "\\' or trashed = true or name = '"])(
    "takes %s for a name and nothing more",
    async (name) => {
      await drive("google_drive_list_files", { name });

      expect(api.requests).toHaveLength(1);
    },
  );
});

describe("google_drive_read_file", () => {
  it.each([
    ["a document", "doc", "The plan: Grüße"],
    ["a sheet, as CSV", "sheet", "a,b\r\n1,2\r\n"],
    ["a text file", "text", "# Notes"],
    ["a text of 16 bits a letter", "wide", "wide"],
  ])("gives the text of %s", async (_, file_id, text) => {
    expect(await drive("google_drive_read_file", { file_id })).toMatchObject({
      id: file_id,
      text,
      next_offset: null,
    });
  });

  it("follows a shortcut to its file", async () => {
    expect(await drive("google_drive_read_file", { file_id: "link" })).toMatchObject({
      id: "doc",
      text: "The plan: Grüße",
    });
  });

  it.each([
    ["a picture", "photo", /no text but image\/jpeg/],
    ["a form", "form", /google-apps\.form/],
    ["a folder", "folder", /no text but a folder/],
    ["what only claims to be text", "lying", /binary data/],
    ["a file of 50 MB", "huge", /50\.0 MB/],
    ["a file that grew", "growing", /files of over 2\.0 MB/],
  ])("says clearly that %s cannot be read", async (_, file_id, words) => {
    const error = await failureOf(drive("google_drive_read_file", { file_id }));

    expect(error.code).toBe("provider_unsupported");
    expect(error.message).toMatch(words);
  });

  it("does not download what is too large", async () => {
    await failureOf(drive("google_drive_read_file", { file_id: "huge" }));

    expect(api.requests.map(({ query }) => query.get("alt"))).toEqual([null]);
  });

  it("says that a file is not there", async () => {
    const error = await failureOf(drive("google_drive_read_file", { file_id: "unknown" }));

    expect(error.code).toBe("provider_not_found");
    expect(error.message).toContain("File not found: unknown.");
  });

  it("knows Google's 403 that is a limit", async () => {
    api.answerNext(googleError(403, "User Rate Limit Exceeded", "userRateLimitExceeded"));

    const error = await failureOf(drive("google_drive_read_file", { file_id: "doc" }));

    expect(error.code).toBe("provider_rate_limited");
  });
});
