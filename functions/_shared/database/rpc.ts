/**
 * Calls a database function by name and answers its result.
 * Throws `HttpError`s only (see errors/database-error.ts).
 */
export type Rpc = (name: string, args?: Record<string, unknown>) => Promise<unknown>;
