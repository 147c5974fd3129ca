type Fetch = (request: Request) => Response | Promise<Response>;

/**
 * Storage signs many paths of a bucket at once; lite takes that request for one of a path without a
 * name. Here each path is asked for by itself. Null when the request is another.
 */
export async function manyLinks(request: Request, fetch: Fetch): Promise<Response | null> {
  const url = new URL(request.url);
  const asked =
    request.method === "POST" && /^\/storage\/v1\/object\/sign\/[^/]+$/.test(url.pathname);
  if (!asked) return null;

  const { paths, ...body } = await request
    .clone()
    .json()
    .catch(() => ({}));
  if (!Array.isArray(paths)) return null;
  const links = await Promise.all(
    paths.map(async (path) => {
      const one = new URL(url);
      one.pathname += `/${String(path).split("/").map(encodeURIComponent).join("/")}`;
      const headers = new Headers(request.headers);
      headers.delete("content-length");
      const response = await fetch(
        new Request(one, { method: "POST", headers, body: JSON.stringify(body) }),
      );
      const answer = await response.json();
      return response.ok
        ? { error: null, path, signedUrl: answer.signedUrl }
        : { error: "Either the object does not exist or you do not have access to it", path };
    }),
  );
  return Response.json(links);
}
