import { HttpError } from "../errors/http-error.ts";

/**
 * Where providers send browsers back to, as it is registered there: OAUTH_CALLBACK_URL, or
 * `oauth-callback` of this project. Throws 503 `provider_not_configured`.
 */
export function callbackUrl(env: Record<string, string | undefined>): string {
  const url =
    env.OAUTH_CALLBACK_URL ||
    `${(env.SUPABASE_URL ?? "").replace(/\/+$/, "")}/functions/v1/oauth-callback`;
  if (!URL.canParse(url)) {
    throw new HttpError(503, "provider_not_configured", "OAUTH_CALLBACK_URL is not a URL.");
  }
  return url;
}
