import type { SupabaseClient } from "@supabase/supabase-js";
import { DocumentError } from "../_shared/documents/document.ts";
import { HttpError } from "../_shared/errors/http-error.ts";

/** Where the files of media are. */
export interface MediaObjects {
  /** The whole file. Throws a `DocumentError` when it is not there. */
  download(bucket: string, path: string, signal: AbortSignal): Promise<Uint8Array>;
}

/** The bucket takes no larger file. */
const MAX_BYTES = 52_428_800;

/** Files in Storage, reached as the service. */
export function storageObjects(client: SupabaseClient): MediaObjects {
  return {
    async download(bucket, path, signal) {
      const { data, error } = await client.storage.from(bucket).download(path).asStream();
      if (error) {
        const status = Number((error as { status?: number | string }).status ?? 0);
        if (status === 400 || status === 404) {
          throw new DocumentError(
            "document_broken",
            "The file is not there any more. Upload it again.",
            { cause: error },
          );
        }
        throw new HttpError(503, "storage_unavailable", "The file could not be loaded", {
          cause: error,
        });
      }
      return collect(data as ReadableStream<Uint8Array>, signal);
    },
  };
}

/** The bytes of a stream in one piece that grows as needed: a large file is in memory once. */
async function collect(
  content: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): Promise<Uint8Array> {
  let bytes = new Uint8Array(64 * 1024);
  let length = 0;
  for await (const part of content) {
    signal.throwIfAborted();
    const needed = length + part.byteLength;
    if (needed > MAX_BYTES) {
      throw new DocumentError("document_too_large", "The file is larger than 50 MB. Split it.");
    }
    if (needed > bytes.byteLength) {
      const grown = new Uint8Array(Math.min(Math.max(bytes.byteLength * 2, needed), MAX_BYTES));
      grown.set(bytes.subarray(0, length));
      bytes = grown;
    }
    bytes.set(part, length);
    length = needed;
  }
  return bytes.byteLength === length ? bytes : bytes.slice(0, length);
}
