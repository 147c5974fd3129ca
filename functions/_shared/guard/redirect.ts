import { OutboundFailure } from "./outbound-failure.ts";
import { headersForOtherOrigin } from "./outbound-headers.ts";

/** A request as it goes over the wire. */
export interface OutboundRequest {
  method: string;
  url: URL;
  headers: Headers;
  body: Uint8Array | null;
}

/** Where a response redirects to; null when it does not. */
export function redirectTarget(response: Response, from: URL): string | null {
  const location = response.headers.get("location");
  if (![301, 302, 303, 307, 308].includes(response.status) || location === null) {
    return null;
  }
  return URL.canParse(location, from.href) ? new URL(location, from).href : location;
}

/**
 * The request that follows a redirect, by the Fetch standard (HTTP-redirect fetch): 303, and a POST
 * after 301 or 302, become a GET without a body. Beyond it, nothing that could be a credential goes
 * to another origin, neither in headers nor in a body.
 */
export function followingRequest(
  request: OutboundRequest,
  status: number,
  url: URL,
): OutboundRequest {
  const { method } = request;
  const becomesGet =
    (status === 303 && !["GET", "HEAD"].includes(method)) ||
    ([301, 302].includes(status) && method === "POST");
  const body = becomesGet ? null : request.body;
  const isSameOrigin = url.origin === request.url.origin;

  if (body && !isSameOrigin) {
    throw new OutboundFailure(
      "outbound_redirect_refused",
      "The server redirects what was sent to another server, which is not followed.",
      { hint: "Give the service's final address." },
    );
  }
  const headers = isSameOrigin
    ? new Headers(request.headers)
    : headersForOtherOrigin(request.headers);
  if (becomesGet) {
    for (const name of ["content-type", "content-encoding", "content-language"]) {
      headers.delete(name);
    }
  }
  return { method: becomesGet ? "GET" : method, url, headers, body };
}
