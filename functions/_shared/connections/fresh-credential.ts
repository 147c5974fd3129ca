import { HttpError } from "../errors/http-error.ts";
import { sleep as sleepFor } from "../sleep.ts";
import { type ConnectionCredential, readCredential } from "./connection-credential.ts";
import type { ConnectionTools } from "./connection-tools.ts";
import { refreshConnection } from "./refresh-connection.ts";

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
 * good until later is handed out even when refreshing fails. What is answered holds the secret:
 * never log, store or pass it on.
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
): Promise<ConnectionCredential> {
  const { now = Date.now, sleep = sleepFor } = tools;
  const { rejectedVersion, signal, patienceMs = PATIENCE_MS } = options;
  const patientUntil = now() + patienceMs;

  for (let looks = 0, isRefreshed = false; ; ) {
    signal?.throwIfAborted();
    const current = await readCredential(tools.rpc, connectionId);
    requireActive(current);
    // Where a bot works, it was the bot's token that was refused: another of the person's is no help.
    const isRejected =
      current.token_version === rejectedVersion && !current.configuration_metadata.bot;
    const endsInMs =
      current.token_expires_at === null
        ? Number.POSITIVE_INFINITY
        : Date.parse(current.token_expires_at) - now();
    // A token that is brand new is as good as it gets, however soon it ends.
    if (!isRejected && (endsInMs > LEAD_MS || isRefreshed)) {
      return withBot(current, tools.env);
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
          return withBot(current, tools.env);
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
          return withBot(current, tools.env);
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
          return withBot(current, tools.env);
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

/**
 * Where a service lets a bot of ours do the work, in the place that the person chose, its token
 * stands in the credential, with the name of that place.
 */
function withBot(current: ConnectionCredential, env: ConnectionTools["env"]): ConnectionCredential {
  const { bot } = current.configuration_metadata;
  if (!bot) {
    return current;
  }
  const token = env[bot.variable];
  if (!token) {
    throw new HttpError(
      503,
      "provider_not_configured",
      `${current.provider_display_name} is not set up here.`,
      { hint: `The operator sets ${bot.variable}.` },
    );
  }
  const place = current.connection_metadata[bot.bound_to];
  return { ...current, credential: { bot_token: token, [bot.bound_to]: place } };
}
