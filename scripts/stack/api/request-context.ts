import { AsyncLocalStorage } from "node:async_hooks";
import type { DatabaseFailure } from "./database-failure.ts";

/** What SQL may learn about the HTTP request that it serves. */
export interface RequestContext {
  method: string;
  path: string;
  /** Whether it is for the tables and functions of the database, and not for Auth or Storage. */
  isRest: boolean;
  headers: Record<string, string>;
  /** The database error that the request ended with. */
  failure?: DatabaseFailure;
}

/** The request being served, wherever the code that serves it looks. */
export const requestContext = new AsyncLocalStorage<RequestContext>();

// Credentials stay out: a function that logs the headers must not log a key.
const hidden = new Set(["authorization", "apikey", "cookie"]);

/** Describes a request as PostgREST does in `request.headers`, without its credentials. */
export function describeRequest(request: Request): RequestContext {
  const { pathname } = new URL(request.url);
  return {
    method: request.method,
    path: pathname.replace(/^\/rest\/v1/, ""),
    isRest: pathname.startsWith("/rest/v1/"),
    headers: Object.fromEntries([...request.headers].filter(([name]) => !hidden.has(name))),
  };
}
