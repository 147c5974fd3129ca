import { z } from "zod";
import { describeError } from "../errors/describe-error.ts";
import { HttpError } from "../errors/http-error.ts";
import type { ConnectionTools } from "./connection-tools.ts";
import { isPassingFailure } from "./oauth-failure.ts";
import { providerMetadata } from "./provider.ts";
import { revokeTokens } from "./revoke-tokens.ts";
import { scopesGranted } from "./scopes.ts";
import { refreshTokens, type Tokens } from "./token-endpoint.ts";

const claimed = z.object({
  outcome: z.literal("claimed"),
  connection_id: z.guid(),
  token_version: z.int(),
  lease_token: z.guid(),
  refresh_token: z.string(),
  scopes: z.array(z.string()),
  provider: z.string(),
  token_endpoint: z.string(),
  revocation_endpoint: z.string().nullable(),
  configuration_metadata: providerMetadata,
});
type Claim = z.output<typeof claimed>;

const claimAnswer = z.union([
  claimed,
  z.object({
    outcome: z.enum(["fresh", "busy", "waiting", "not_refreshable", "inactive"]),
    status: z.string().optional(),
    retry_at: z.string().optional(),
  }),
]);

const outcome = z.object({
  outcome: z.enum(["refreshed", "superseded", "busy", "waiting", "expired", "inactive"]),
  status: z.string().optional(),
  retry_at: z.string().optional(),
});

/** How a connection's tokens are after somebody tried to refresh them. */
export interface Refresh {
  /**
   * `refreshed`, `fresh` and `superseded`: newer tokens are there; `busy`: somebody else is at it;
   * `waiting`: nobody before `retryAt`; `not_refreshable`: there is nothing to refresh with;
   * `expired` and `inactive`: the account has to be connected again.
   */
  outcome:
    | z.output<typeof outcome>["outcome"]
    | Exclude<z.output<typeof claimAnswer>["outcome"], "claimed">;
  retryAt: number | null;
}

/** Longer than a token request may take, so that nobody asks meanwhile with the same token. */
const LEASE_SECONDS = 60;

/**
 * Refreshes a connection's tokens, unless newer ones than those seen are there, or somebody else is
 * at it. `wasRejected`: the provider refused the tokens before their end.
 */
export async function refreshConnection(
  connectionId: string,
  seen: { tokenVersion: number; wasRejected?: boolean },
  tools: ConnectionTools,
): Promise<Refresh> {
  const claim = claimAnswer.parse(
    await tools.rpc("claim_token_refresh", {
      p_connection_id: connectionId,
      p_seen_token_version: seen.tokenVersion,
      p_was_rejected: seen.wasRejected ?? false,
      p_lease_seconds: LEASE_SECONDS,
    }),
  );
  return claim.outcome === "claimed"
    ? refreshClaimed(claim, tools)
    : { outcome: claim.outcome, retryAt: instant(claim.retry_at) };
}

/** Nobody may break this off: what the provider answers may be the only tokens there are. */
async function refreshClaimed(claim: Claim, tools: ConnectionTools): Promise<Refresh> {
  const { rpc, log } = tools;
  const facts = { connection: claim.connection_id, provider: claim.provider };
  const endpoints = { ...claim, display_name: claim.provider };
  let tokens: Tokens;
  try {
    tokens = await refreshTokens(endpoints, claim.refresh_token, tools);
  } catch (error) {
    const failed = outcome.parse(
      await rpc("fail_token_refresh", {
        p_connection_id: claim.connection_id,
        p_lease_token: claim.lease_token,
        p_token_version: claim.token_version,
        p_error: error instanceof HttpError ? error.code : "internal_error",
        p_is_permanent: !isPassingFailure(error),
        p_retry_after_seconds:
          error instanceof HttpError ? Math.ceil(error.retryAfterSeconds ?? 0) || null : null,
      }),
    );
    log("warn", "a token was not refreshed", {
      ...facts,
      outcome: failed.outcome,
      error: describeError(error),
    });
    return { outcome: failed.outcome, retryAt: instant(failed.retry_at) };
  }

  const saved = outcome.parse(
    await rpc("complete_token_refresh", {
      p_connection_id: claim.connection_id,
      p_token_version: claim.token_version,
      p_access_token: tokens.accessToken,
      p_refresh_token: tokens.refreshToken,
      p_expires_in_seconds: tokens.expiresInSeconds,
      p_scopes:
        tokens.scopes && scopesGranted(claim.configuration_metadata, claim.scopes, tokens.scopes),
    }),
  );
  log("info", "a token was refreshed", { ...facts, outcome: saved.outcome });
  if (saved.outcome === "inactive") {
    await revokeUnwanted(claim, tokens, tools);
  }
  return { outcome: saved.outcome, retryAt: null };
}

/** The connection was ended meanwhile: what came must not outlive it. */
async function revokeUnwanted(claim: Claim, tokens: Tokens, tools: ConnectionTools) {
  const revocable = claim.configuration_metadata.revocation.scope === "token";
  try {
    if (revocable) {
      await revokeTokens({ ...claim, display_name: claim.provider }, tokens, tools);
    }
  } catch (error) {
    const facts = { connection: claim.connection_id, error: describeError(error) };
    tools.log("warn", "a token that nobody wants was not revoked", facts);
  }
}

function instant(text: string | undefined): number | null {
  return text === undefined ? null : Date.parse(text);
}
