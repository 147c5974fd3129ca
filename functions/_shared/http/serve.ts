import { createAdminClient, createContextClient, verifyAuth } from "@supabase/server/core";
import type { SupabaseClient } from "@supabase/supabase-js";
import { clientRpc } from "../database/client-rpc.ts";
import { describeError } from "../errors/describe-error.ts";
import { errorResponse } from "../errors/error-response.ts";
import { HttpError } from "../errors/http-error.ts";
import { consoleLog, type Log } from "../log.ts";
import { CORRELATION_HEADER, correlationIdOf } from "./correlation-id.ts";
import { corsHeaders } from "./cors.ts";
import type { Platform } from "./platform.ts";
import { recordDenial } from "./record-denial.ts";

/** Names the organization that a user's requests are charged to. */
const ORGANIZATION_HEADER = "x-organization-id";

/** What a handler is given beside the request: who calls, and clients that act for them. */
export interface Call {
  correlationId: string;
  log: Log;
  platform: Platform;
  /** Acts as the caller: the user, the service for a call with a secret key, or nobody. */
  client: SupabaseClient;
  /** Acts as the service role. */
  admin: SupabaseClient;
  /** The caller's id; null for a call with a secret key. */
  userId: string | null;
}

/** How a function is reached. */
export interface Door {
  name: string;
  /**
   * `user` takes a user's JWT and answers browsers (CORS); `secret` takes a secret key. `public`
   * asks nobody who they are, and answers to GET: browsers are sent there by another site.
   */
  auth: "user" | "secret" | "public";
}

/**
 * The outer layer of every function: method, credentials, correlation id, CORS, and errors as JSON.
 * The correlation id is sent along with every request to the database, and so is the organization
 * that the caller names. What the database denied a user is written to the audit log, once they
 * have their answer.
 */
export function serve(
  door: Door,
  platform: Platform,
  handle: (request: Request, call: Call) => Promise<Response>,
): (request: Request) => Promise<Response> {
  return async (request) => {
    const correlationId = correlationIdOf(request.headers.get(CORRELATION_HEADER));
    const log = consoleLog({ function: door.name, correlation_id: correlationId });
    let caller: Pick<Call, "admin" | "userId"> | undefined;

    const response = await answer().catch((error) => {
      const status = error instanceof HttpError ? error.status : 500;
      log(status < 500 ? "info" : "error", "request failed", {
        status,
        error: describeError(error),
      });
      if (error instanceof HttpError && status === 403 && caller?.userId) {
        const denied = {
          userId: caller.userId,
          organizationId: request.headers.get(ORGANIZATION_HEADER),
          door: door.name,
        };
        platform.waitUntil(recordDenial(error, denied, clientRpc(caller.admin, "service"), log));
      }
      return errorResponse(error, correlationId);
    });

    response.headers.set(CORRELATION_HEADER, correlationId);
    if (door.auth === "user") {
      for (const [name, value] of Object.entries(corsHeaders)) {
        response.headers.set(name, value);
      }
    }
    return response;

    async function answer(): Promise<Response> {
      if (request.method === "OPTIONS" && door.auth === "user") {
        return new Response(null, { status: 204 });
      }
      const method = door.auth === "public" ? "GET" : "POST";
      if (request.method !== method) {
        throw new HttpError(405, "method_not_allowed", `This function answers to ${method} only.`);
      }
      const { data: auth, error } = await verifyAuth(request, {
        auth: door.auth === "public" ? "none" : door.auth,
      });
      if (error) {
        throw new HttpError(error.status, error.code.toLowerCase(), plain(error.message), {
          hint: error.hint ?? null,
        });
      }
      const organizationId = request.headers.get(ORGANIZATION_HEADER);
      const headers = {
        [CORRELATION_HEADER]: correlationId,
        ...(organizationId ? { [ORGANIZATION_HEADER]: organizationId } : {}),
      };
      const supabaseOptions = { global: { headers } };
      const admin: SupabaseClient = createAdminClient({ supabaseOptions });
      const client: SupabaseClient =
        door.auth === "secret"
          ? admin
          : createContextClient({ auth: { token: auth.token }, supabaseOptions });
      const userId = auth.userClaims?.id ?? null;
      caller = { admin, userId };
      return handle(request, { correlationId, log, platform, client, admin, userId });
    }
  };
}

function plain(message: string): string {
  return message.replace(/^\[@supabase\/server\]\s*/, "");
}
