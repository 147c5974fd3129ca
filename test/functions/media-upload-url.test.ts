import { describe, expect, it, vi } from "vitest";
import { HttpError } from "../../functions/_shared/errors/http-error.ts";
import { handleMediaUploadUrl } from "../../functions/media-upload-url/handler.ts";
import { uploadSigner } from "../../functions/media-upload-url/sign-upload.ts";
import { type Medium, mediaUploadUrlBody } from "../../types/schemas.ts";
import { organizationId, otherId, userId } from "./samples.ts";

const path = `${organizationId}/${otherId}/plan.pdf`;
const medium: Medium = {
  id: otherId,
  organization_id: organizationId,
  user_id: userId,
  file_name: "plan.pdf",
  display_name: "plan.pdf",
  file_type: "application/pdf",
  file_size: 5,
  storage_path: path,
  bucket: "media-library",
  category: null,
  description: null,
  tags: [],
  visibility: "organization",
  checksum: null,
  duplicate_of_media_id: null,
  object_version: null,
  uploaded_at: null,
  upload_expires_at: "2026-01-02T00:00:00Z",
  processing_status: "uploaded",
  processing_percent: 0,
  processing_error: null,
  processed_at: null,
  generation: 0,
  chunk_count: 0,
  page_count: null,
  language: null,
  embedding_model: null,
  embedding_dimensions: null,
  assigned_agents_count: 0,
  file_url: `/storage/v1/object/authenticated/media-library/${path}`,
  is_archived: false,
  archived_at: null,
  status_before_archive: null,
  created_at: "2026-01-01T00:00:00Z",
  updated_at: "2026-01-01T00:00:00Z",
};

const tools = (rpc = vi.fn(async (): Promise<unknown> => medium)) => ({
  rpc,
  signUpload: vi.fn(async () => ({ token: "t", url: "/storage/v1/object/upload/sign/x?token=t" })),
  log: () => {},
});
const announced = (more: Record<string, unknown> = {}) =>
  mediaUploadUrlBody.parse({ file_name: "plan.pdf", file_size: 5, ...more });

describe("media-upload-url", () => {
  it("answers the medium and where its file goes", async () => {
    const given = tools();

    const result = await handleMediaUploadUrl(announced({ tags: ["hr"] }), given);

    expect(given.rpc).toHaveBeenCalledWith(
      "create_media_upload",
      expect.objectContaining({ p_file_name: "plan.pdf", p_file_type: "", p_tags: ["hr"] }),
    );
    expect(given.signUpload).toHaveBeenCalledWith("media-library", path, false);
    expect(result.upload).toMatchObject({ bucket: "media-library", path, token: "t" });
  });

  it("asks for a link over what is there when it is a new version", async () => {
    const given = tools();

    await handleMediaUploadUrl(announced({ media_id: otherId }), given);

    expect(given.signUpload).toHaveBeenCalledWith("media-library", path, true);
  });

  it("asks for no link when the database refuses", async () => {
    const refusal = new HttpError(413, "media_too_large", "A medium has at most 50 MiB");
    const given = tools(vi.fn().mockRejectedValue(refusal));

    await expect(handleMediaUploadUrl(announced(), given)).rejects.toBe(refusal);
    expect(given.signUpload).not.toHaveBeenCalled();
  });

  it("names the medium that has the file already", async () => {
    const refusal = new HttpError(409, "media_duplicate", "The media library has this file", {
      hint: `It is the medium ${otherId}. Or set allow_duplicate.`,
    });
    const given = tools(vi.fn().mockRejectedValue(refusal));

    await expect(handleMediaUploadUrl(announced(), given)).rejects.toMatchObject({
      status: 409,
      code: "media_duplicate",
      details: { media_id: otherId },
    });
  });

  it("says that Storage gave no link, and nothing of why", async () => {
    const createSignedUploadUrl = async () => ({ data: null, error: new Error("secret") });
    const sign = uploadSigner({
      storage: { from: () => ({ createSignedUploadUrl }) },
    } as unknown as Parameters<typeof uploadSigner>[0]);

    await expect(sign("media-library", path, false)).rejects.toMatchObject({
      status: 503,
      code: "storage_unavailable",
      message: expect.not.stringContaining("secret"),
    });
  });
});
