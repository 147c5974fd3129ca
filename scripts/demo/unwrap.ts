import { DemoError } from "./demo-error.ts";

/** What supabase-js answers. */
interface Answer<T> {
  data: T;
  error: { message: string; hint?: string | null; code?: string | null } | null;
}

/** The data of an answer; throws a `DemoError` that says what was being done. */
export function unwrap<T>(what: string, { data, error }: Answer<T>): NonNullable<T> {
  if (error) {
    throw new DemoError(`Cannot ${what}: ${error.message}`, error.hint || null);
  }
  if (data === null || data === undefined) {
    throw new DemoError(`Cannot ${what}: the database answered nothing.`);
  }
  return data;
}
