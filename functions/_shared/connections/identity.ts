import { HttpError } from "../errors/http-error.ts";
import { textAt } from "./json-path.ts";
import type { Provider } from "./provider.ts";
import { oauthFailure, toOAuthFailure } from "./to-oauth-failure.ts";

/** Whose account a token opens, by the provider's own id. */
export interface Identity {
  id: string | null;
  name: string | null;
}

/**
 * Asks the provider who gave the token. Throws `OAuthFailure` `identity_unavailable`, or that the
 * provider is down. A provider without such a question answers nothing.
 */
export async function readIdentity(
  { display_name: provider, configuration_metadata: metadata }: Provider,
  accessToken: string,
  fetch: typeof globalThis.fetch,
): Promise<Identity> {
  const { identity, headers } = metadata;
  if (!identity) {
    return { id: null, name: null };
  }
  let response: Response;
  let answer: unknown;
  try {
    response = await fetch(identity.url, {
      method: identity.method,
      headers: {
        accept: "application/json",
        ...headers,
        ...(identity.body === undefined ? {} : { "content-type": "application/json" }),
        authorization: `Bearer ${accessToken}`,
      },
      ...(identity.body === undefined ? {} : { body: JSON.stringify(identity.body) }),
    });
    answer = await response.json();
  } catch (error) {
    throw error instanceof HttpError
      ? toOAuthFailure(error, provider)
      : oauthFailure("identity_unavailable", provider, { cause: error });
  }
  const id = textAt(answer, identity.id_path);
  if (!response.ok || id === null) {
    const cause = new Error(`No ${identity.id_path} in an answer of status ${response.status}`);
    throw oauthFailure("identity_unavailable", provider, { cause });
  }
  return {
    id: id.slice(0, 500),
    name: identity.name_path ? (textAt(answer, identity.name_path)?.slice(0, 500) ?? null) : null,
  };
}
