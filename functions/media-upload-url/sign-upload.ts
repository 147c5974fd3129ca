import type { SupabaseClient } from "@supabase/supabase-js";
import { HttpError } from "../_shared/errors/http-error.ts";

/** A link for one upload: its token, and where to, below the URL of the project. */
export interface SignedUpload {
  token: string;
  url: string;
}

/** Asks Storage for a link to upload to a path, over what is there or not. */
export type SignUpload = (bucket: string, path: string, isOver: boolean) => Promise<SignedUpload>;

/** Links in the name of the user, so that the policies of Storage judge who may upload there. */
export function uploadSigner(client: SupabaseClient): SignUpload {
  return async (bucket, path, isOver) => {
    const { data, error } = await client.storage
      .from(bucket)
      .createSignedUploadUrl(path, { upsert: isOver });
    if (error) {
      throw new HttpError(503, "storage_unavailable", "Storage gave no link for the upload.", {
        hint: "Try again in a moment.",
        cause: error,
      });
    }
    // The function may know the project by another name than its callers do.
    const { pathname, search } = new URL(data.signedUrl);
    return { token: data.token, url: pathname + search };
  };
}
