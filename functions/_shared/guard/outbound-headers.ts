/**
 * Headers that never go out: those that belong to the connection, which are written here, and those
 * that came in with a request or name our own side of it.
 */
const KEPT_BACK = new RegExp(
  `^(${[
    "host|connection|keep-alive|content-length|transfer-encoding|te|trailer|upgrade|expect",
    "proxy-.*|accept-encoding",
    "cookie2?|origin|referer|forwarded|via|true-client-ip|x-real-ip|x-client-.*|x-forwarded-.*",
    "x-correlation-id|x-agent-id|x-organization-id|x-supabase-.*|x-sb-.*|sb-.*|cf-.*|x-envoy-.*",
    "sec-.*|baggage",
  ].join("|")})$`,
);

/** What says nothing about who asks, so that it may follow a redirect to another origin. */
const HARMLESS = new Set(["accept", "accept-language", "user-agent"]);

/** The headers of a request as they go out. */
export function outboundHeaders(given: Headers): Headers {
  const headers = new Headers();
  for (const [name, value] of given) {
    if (!KEPT_BACK.test(name)) {
      headers.append(name, value);
    }
  }
  return headers;
}

/**
 * The headers that follow a redirect to another origin. The Fetch standard takes Authorization off;
 * keys also travel in x-api-key and the like, so only what is harmless stays.
 */
export function headersForOtherOrigin(given: Headers): Headers {
  return new Headers([...given].filter(([name]) => HARMLESS.has(name)));
}
