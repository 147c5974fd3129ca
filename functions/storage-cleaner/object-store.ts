import type { SupabaseClient } from "@supabase/supabase-js";
import { z } from "zod";
import type { Rpc } from "../_shared/database/rpc.ts";
import { HttpError } from "../_shared/errors/http-error.ts";

/** Objects of Storage, as far as a cleaner needs them. */
export interface ObjectStore {
  /** Names of some objects below a folder, at any depth; none when it is empty. */
  list(bucket: string, prefix: string): Promise<string[]>;
  /** Removes objects and answers how many there were. */
  remove(bucket: string, names: string[]): Promise<number>;
}

/** Storage over a client of the service role. Removing goes through its API, files included. */
export function objectStore(rpc: Rpc, client: SupabaseClient): ObjectStore {
  return {
    async list(bucket, prefix) {
      const names = await rpc("stored_object_names", { p_bucket: bucket, p_prefix: prefix });
      return z.array(z.string()).parse(names);
    },
    async remove(bucket, names) {
      const { data, error } = await client.storage.from(bucket).remove(names);
      if (error) {
        throw new HttpError(503, "storage_unavailable", "Storage did not remove the objects.", {
          cause: error,
        });
      }
      return data.length;
    },
  };
}
