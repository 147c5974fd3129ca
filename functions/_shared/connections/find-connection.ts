import type { SupabaseClient } from "@supabase/supabase-js";
import { z } from "zod";
import { databaseError } from "../errors/database-error.ts";

const connection = z.object({
  id: z.guid(),
  organization_id: z.guid(),
  user_id: z.guid(),
  service_provider_id: z.guid(),
  scopes_granted: z.array(z.string()),
});
export type FoundConnection = z.output<typeof connection>;

/** Finds a connection that the caller can see; null for all others. */
export type FindConnection = (id: string) => Promise<FoundConnection | null>;

/** Connections over a client that acts as the user. */
export function connectionFinder(client: SupabaseClient): FindConnection {
  return async (id) => {
    const { data, error, status } = await client
      .from("user_integration_credentials")
      .select(Object.keys(connection.shape).join(", "))
      .eq("id", id)
      .maybeSingle();
    if (error) {
      throw databaseError({ ...error, status });
    }
    return data && connection.parse(data);
  };
}
