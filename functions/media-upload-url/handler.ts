import {
  type MediaUploadUrlBody,
  type MediaUploadUrlResult,
  medium as mediumSchema,
} from "../../types/schemas.ts";
import type { Rpc } from "../_shared/database/rpc.ts";
import { HttpError } from "../_shared/errors/http-error.ts";
import type { Log } from "../_shared/log.ts";
import type { SignUpload } from "./sign-upload.ts";

/** What announcing a file takes; tests give their own. */
export interface MediaUploadUrlTools {
  /** RPCs as the user: what they may add, the database decides. */
  rpc: Rpc;
  signUpload: SignUpload;
  log: Log;
}

/**
 * Makes a medium for a file that is about to be uploaded, or has one wait for a new version, and
 * answers a link for it. Size, type, room and duplicates are judged first. A medium whose file does
 * not arrive within a day is deleted.
 *
 * Errors: what `create_media_upload` raises, `media_duplicate` with `details.media_id`; 503
 * `storage_unavailable`.
 */
export async function handleMediaUploadUrl(
  body: MediaUploadUrlBody,
  { rpc, signUpload, log }: MediaUploadUrlTools,
): Promise<MediaUploadUrlResult> {
  const medium = mediumSchema.parse(
    await rpc("create_media_upload", {
      p_file_name: body.file_name,
      p_file_type: body.file_type,
      p_file_size: body.file_size,
      p_organization_id: body.organization_id ?? null,
      p_checksum: body.checksum ?? null,
      p_display_name: body.display_name ?? null,
      p_category: body.category ?? null,
      p_description: body.description ?? null,
      p_tags: body.tags ?? null,
      p_visibility: body.visibility ?? null,
      p_media_id: body.media_id ?? null,
      p_allow_duplicate: body.allow_duplicate,
    }).catch(nameDuplicate),
  );

  const signed = await signUpload(medium.bucket, medium.storage_path, Boolean(body.media_id));
  log("info", "a medium awaits its file", { medium: medium.id, bytes: body.file_size });
  return { medium, upload: { bucket: medium.bucket, path: medium.storage_path, ...signed } };
}

/** The hint of the database names the medium there is; a program reads it from the details. */
function nameDuplicate(error: unknown): never {
  const id = /\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/;
  if (error instanceof HttpError && error.code === "media_duplicate") {
    const { status, code, message, hint } = error;
    const details = { media_id: id.exec(hint ?? "")?.[0] ?? null };
    throw new HttpError(status, code, message, { hint, details, cause: error });
  }
  throw error;
}
