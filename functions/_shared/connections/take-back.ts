import { z } from "zod";
import { describeError } from "../errors/describe-error.ts";
import { HttpError } from "../errors/http-error.ts";
import type { Log } from "../log.ts";
import { providerMetadata } from "./provider.ts";
import { revokeTokens } from "./revoke-tokens.ts";
import type { OutboundTools } from "./token-endpoint.ts";

const heldConsent = z.object({
  provider: z.string(),
  revocation_endpoint: z.string().nullable(),
  configuration_metadata: providerMetadata,
  access_token: z.string().nullable(),
  refresh_token: z.string().nullable(),
  is_account_shared: z.boolean(),
});

/**
 * Takes a consent back at its provider, unless other connections live by it. Null when the provider
 * did; otherwise why not, as a code: `not_supported`, `account_shared`, `provider_unavailable` and
 * so on. Never throws.
 */
export async function takeBack(
  /** Gives what `revocation_credential` or `lost_consent_credential` answers. */
  findHeld: () => Promise<unknown>,
  tools: OutboundTools & { log: Log },
): Promise<string | null> {
  try {
    const held = heldConsent.nullable().parse(await findHeld());
    if (!held) {
      return "not_supported";
    }
    const { configuration_metadata: metadata } = held;
    if (held.is_account_shared && metadata.revocation.scope === "account") {
      return "account_shared";
    }
    const isRevoked = await revokeTokens(
      { ...held, display_name: held.provider, token_endpoint: null },
      { accessToken: held.access_token, refreshToken: held.refresh_token },
      tools,
    );
    return isRevoked ? null : "not_supported";
  } catch (error) {
    tools.log("warn", "a consent was not taken back", { error: describeError(error) });
    return error instanceof HttpError ? error.code : "internal_error";
  }
}
