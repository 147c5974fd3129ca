import type { SupabaseClient } from "@supabase/supabase-js";
import { DemoError } from "./demo-error.ts";

/** Calls a function as the user; throws a `DemoError` with what it says. */
export async function invoke<T>(client: SupabaseClient, name: string, body: object): Promise<T> {
  const { data, error } = await client.functions.invoke(name, { body });
  if (error?.context instanceof Response) {
    const said = await error.context.json().catch(() => ({}));
    throw new DemoError(`${name} answers: ${said.message ?? error.message}`, said.hint ?? null);
  }
  if (error) {
    throw new DemoError(`Cannot call ${name}: ${error.message}`);
  }
  return data;
}
