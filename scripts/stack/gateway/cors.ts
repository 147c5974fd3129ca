/** Answers a browser that asks whether it may call. */
export function preflight(request: Request): Response {
  const headers = request.headers.get("access-control-request-headers");
  return allowOrigin(
    new Response(null, {
      status: 204,
      headers: {
        "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
        "access-control-allow-headers":
          headers ??
          "authorization, apikey, content-type, x-client-info, x-correlation-id, x-organization-id",
        "access-control-max-age": "86400",
      },
    }),
  );
}

/** Lets any origin read the answer, as Supabase does: access is a matter of keys and tokens. */
export function allowOrigin(response: Response): Response {
  const open = new Response(response.body, response);
  open.headers.set("access-control-allow-origin", "*");
  open.headers.set(
    "access-control-expose-headers",
    "content-range, content-location, content-profile, preference-applied, x-correlation-id, " +
      "x-total-count, x-supabase-api-version",
  );
  return open;
}
