/**
 * Storage serves objects to signed-in users at `object/authenticated/<bucket>/<path>`, and at the
 * same without `authenticated`, which is all that lite knows.
 */
export function authenticatedDownload(request: Request): Request {
  const url = new URL(request.url);
  const asked = url.pathname.startsWith("/storage/v1/object/authenticated/");
  if (!asked || !["GET", "HEAD"].includes(request.method)) return request;

  url.pathname = url.pathname.replace("/object/authenticated/", "/object/");
  return new Request(url, request);
}
