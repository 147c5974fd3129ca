import type { SupabaseClient } from "@supabase/supabase-js";
import { HttpError } from "../_shared/errors/http-error.ts";

/** The buckets of archives. */
export type ArchiveBucket = "exports" | "imports";

/** Where archives are kept. */
export interface Archives {
  /** Writes a stream as it comes; an archive of that path is replaced. */
  upload(bucket: ArchiveBucket, path: string, content: ReadableStream<Uint8Array>): Promise<void>;
  download(bucket: ArchiveBucket, path: string): Promise<ReadableStream<Uint8Array>>;
  /** That there is none is fine. */
  remove(bucket: ArchiveBucket | "media-library", path: string): Promise<void>;
}

/** Archives in Storage, reached as the service. */
export function storageArchives(client: SupabaseClient): Archives {
  return {
    async upload(bucket, path, content) {
      const options = { contentType: "application/zip", upsert: true, duplex: "half" };
      const { error } = await client.storage.from(bucket).upload(path, content, options);
      if (error) {
        throw storageError(error, "The archive could not be stored");
      }
    },
    async download(bucket, path) {
      const { data, error } = await client.storage.from(bucket).download(path).asStream();
      if (error) {
        throw storageError(error, "The archive could not be read");
      }
      return data as ReadableStream<Uint8Array>;
    },
    async remove(bucket, path) {
      const { error } = await client.storage.from(bucket).remove([path]);
      if (error) {
        throw storageError(error, "The archive could not be removed");
      }
    },
  };
}

/** Too large and not there are for the owner to know; anything else may pass. */
function storageError(error: Error & { status?: number | string }, what: string): HttpError {
  const status = Number(error.status ?? 0);
  if (status === 413) {
    return new HttpError(413, "archive_too_large", `${what}: it is larger than Storage takes`, {
      hint: "Raise the limit of Storage, or delete what is not needed any more.",
      cause: error,
    });
  }
  if (status === 404) {
    return new HttpError(404, "archive_not_found", `${what}: it is not there any more`, {
      cause: error,
    });
  }
  return new HttpError(503, "storage_unavailable", what, { cause: error });
}
