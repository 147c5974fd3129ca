import type { SupabaseClient } from "@supabase/supabase-js";
import { HttpError } from "../_shared/errors/http-error.ts";

const BUCKET = "audit-archives";

/** The bucket of archives. */
export interface ArchiveStore {
  put(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  get(path: string): Promise<Uint8Array<ArrayBuffer>>;
  remove(path: string): Promise<void>;
}

/** The bucket over a client of the service role. */
export function archiveStore(client: SupabaseClient): ArchiveStore {
  const bucket = () => client.storage.from(BUCKET);
  const failure = (verb: string, cause: unknown) =>
    new HttpError(503, "storage_unavailable", `Storage did not ${verb} the archive.`, { cause });

  return {
    async put(path, bytes) {
      // The name holds the digest: whoever puts it twice puts the same.
      const { error } = await bucket().upload(path, bytes, {
        contentType: "application/gzip",
        upsert: true,
      });
      if (error) {
        throw failure("keep", error);
      }
    },
    async get(path) {
      const { data, error } = await bucket().download(path);
      if (error) {
        throw failure("give back", error);
      }
      return new Uint8Array(await data.arrayBuffer());
    },
    async remove(path) {
      const { error } = await bucket().remove([path]);
      if (error) {
        throw failure("remove", error);
      }
    },
  };
}
