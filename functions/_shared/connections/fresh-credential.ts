import { HttpError } from "../errors/http-error.ts";
import { sleep as sleepFor } from "../sleep.ts";
import { type ConnectionCredential, readCredential } from "./connection-credential.ts";
import type { ConnectionTools } from "./connection-tools.ts";
import { refreshConnection } from "./refresh-connection.ts";

/** A credential that works as far as anybody knows. Never log, store or answer it. */
export interface FreshCredential {
  connectionId: string;
  organizationId: string;
  /** The provider's name, such as `gmail`, and how people call it. */
  provider: string;
  providerDisplayName: string;
  /** The provider's `configuration_metadata`, with `connection` (what is known of the account). */
  metadata: Record<string, unknown>;
  credentialType: "oauth" | "api_key" | "smtp";
  /** Of an OAuth connection. */
  accessToken?: string;
  /** Of an API-key or SMTP connection. */
  credential?: Record<string, unknown>;
  scopes: string[];
  /** Tells these tokens from those before and after. */
  tokenVersion: number;
}

export interface FreshCredentialOptions {
  /** The version that the provider refused before its end: it is refreshed, once. */
  rejectedVersion?: number;
  /** The caller no longer waits. A refresh that has begun goes on to its end. */
  signal?: AbortSignal;
  /** How long to wait while somebody else refreshes (25 s). */
  patienceMs?: number;
}

/** A token that ends sooner than this is refreshed first. */
const LEAD_MS = 60_000;
const PATIENCE_MS = 25_000;
/** Between two looks at whether somebody else is done; a little more each time. */
const POLL_MS = [50, 100, 200, 400, 600];

/**
 * The credential of a connection, refreshed when its token ends soon, ended, or was rejected. Of
 * any number of callers one asks the provider; the others wait for what it brings. A token that is
 * good until later is handed out even when refreshing fails.
 *
 * When the provider answers "unauthorized" all the same, ask once more with `rejectedVersion`, try
 * once more, and then leave it: a new token that is rejected as well ends the connection.
 *
 * Errors: 404 `connection_not_found`; 409 `connection_not_active` (ended by its owner, or switched
 * off), `connection_expired` (has to be connected again); 503 `connection_refreshing`,
 * `connection_unavailable` (the provider gives no token just now; see Retry-After).
 */
export async function freshCredential(
  connectionId: string,
  tools: ConnectionTools,
  options: FreshCredentialOptions = {},
): Promise<FreshCredential> {
  const { now = Date.now, sleep = sleepFor } = tools;
  const { rejectedVersion, signal, patienceMs = PATIENCE_MS } = options;
  const patientUntil = now() + patienceMs;

  for (let looks = 0, isRefreshed = false; ; ) {
    signal?.throwIfAborted();
    const current = await readCredential(tools.rpc, connectionId);
    requireActive(current);
    const isRejected = current.token_version === rejectedVersion;
    const endsInMs =
      current.token_expires_at === null
        ? Number.POSITIVE_INFINITY
        : Date.parse(current.token_expires_at) - now();
    // A token that is brand new is as good as it gets, however soon it ends.
    if (!isRejected && (endsInMs > LEAD_MS || isRefreshed)) {
      return toFresh(current);
    }

    const seen = { tokenVersion: current.token_version, wasRejected: isRejected };
    const { outcome, retryAt } = await refreshConnection(connectionId, seen, tools);
    const isUsable = !isRejected && endsInMs > 0;
    switch (outcome) {
      case "refreshed":
      case "fresh":
      case "superseded":
        isRefreshed = true;
        break;
      case "busy":
        if (isUsable) {
          return toFresh(current);
        }
        if (now() >= patientUntil) {
          throw new HttpError(
            503,
            "connection_refreshing",
            `The access to ${current.provider_display_name} is being renewed.`,
            { hint: "Try again in a moment.", retryAfterSeconds: 5 },
          );
        }
        await sleep((POLL_MS[looks] ?? 800) * (0.75 + Math.random() / 2), signal);
        looks += 1;
        break;
      case "waiting":
        if (isUsable) {
          return toFresh(current);
        }
        throw new HttpError(
          503,
          "connection_unavailable",
          `${current.provider_display_name} gives no access just now.`,
          {
            hint: "Try again later.",
            retryAfterSeconds: Math.max(1, Math.ceil(((retryAt ?? now()) - now()) / 1000)),
          },
        );
      case "not_refreshable":
        if (isUsable) {
          return toFresh(current);
        }
        throw expired(current);
      default:
        throw expired(current);
    }
  }
}

function requireActive(current: ConnectionCredential): void {
  if (current.status !== "active") {
    throw expired(current);
  }
}

function expired({ provider_display_name: provider }: ConnectionCredential): HttpError {
  return new HttpError(409, "connection_expired", `${provider} no longer takes this connection.`, {
    hint: `Its owner has to connect ${provider} again.`,
  });
}

function toFresh(current: ConnectionCredential): FreshCredential {
  return {
    connectionId: current.connection_id,
    organizationId: current.organization_id,
    provider: current.provider,
    providerDisplayName: current.provider_display_name,
    metadata: { ...current.configuration_metadata, connection: current.connection_metadata },
    credentialType: current.credential_type,
    ...(current.access_token ? { accessToken: current.access_token } : {}),
    ...(current.credential ? { credential: current.credential } : {}),
    scopes: current.scopes,
    tokenVersion: current.token_version,
  };
}
