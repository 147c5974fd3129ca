import { atPath } from "./json-path.ts";
import type { ProviderMetadata } from "./provider.ts";

type Json = Record<string, unknown>;

/**
 * A `fetch` for a token endpoint that speaks plain OAuth 2 to us, whatever the provider's way is:
 * JSON for forms, paths of its own, errors with status 200, kinds of tokens that are all bearer
 * tokens. ID tokens are left out, as nothing is read from them. `heard` is given the whole answer.
 */
export function tokenDialect(
  metadata: ProviderMetadata,
  fetch: typeof globalThis.fetch,
  heard: (answer: Json) => void = () => {},
) {
  return async (url: string, init: { body: URLSearchParams; headers: Record<string, string> }) => {
    const isJson = metadata.token_request_format === "json";
    const response = await fetch(url, {
      ...init,
      headers: {
        ...init.headers,
        ...metadata.token_headers,
        ...(isJson ? { "content-type": "application/json" } : {}),
      },
      ...(isJson ? { body: JSON.stringify(Object.fromEntries(init.body)) } : {}),
    });
    const text = await response.text();
    const answer = parse(text);
    if (answer) {
      heard(answer);
    }
    const { status, body } = answer
      ? plain(answer, response.status, metadata)
      : { status: response.status, body: text };
    const wait = response.headers.get("retry-after");
    return new Response(typeof body === "string" ? body : JSON.stringify(body), {
      status,
      headers: { "content-type": "application/json", ...(wait ? { "retry-after": wait } : {}) },
    });
  };
}

function plain(answer: Json, status: number, { token_response: paths }: ProviderMetadata) {
  const error = atPath(answer, paths.error_path);
  const isNo = paths.ok_path !== undefined && atPath(answer, paths.ok_path) === false;
  const token = atPath(answer, paths.access_token_path);
  if (isNo || (typeof error === "string" && (status !== 200 || token === undefined))) {
    const description = atPath(answer, "error_description");
    return {
      status: status === 200 ? 400 : status,
      body: {
        error: typeof error === "string" ? error : "request_refused",
        ...(typeof description === "string" ? { error_description: description } : {}),
      },
    };
  }
  const scope = atPath(answer, paths.scope_path);
  const body: Json = {
    access_token: token,
    token_type: tokenType(answer.token_type),
    expires_in: atPath(answer, paths.expires_in_path),
    refresh_token: atPath(answer, paths.refresh_token_path),
    scope: Array.isArray(scope) ? scope.join(" ") : scope,
  };
  const said = Object.entries(body).filter(([, value]) => value !== null && value !== "");
  return { status, body: Object.fromEntries(said) };
}

/** Slack says whose a bearer token is instead: bot or user. */
function tokenType(type: unknown): unknown {
  return type === undefined || type === "bot" || type === "user" ? "bearer" : type;
}

function parse(text: string): Json | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Json)
      : null;
  } catch {
    return null;
  }
}
