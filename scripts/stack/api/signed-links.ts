/**
 * Storage answers `signedURL`, or `url` for an upload: paths below /storage/v1, and so supabase-js
 * reads them; lite answers `signedUrl` with the whole path. Both spellings are given here.
 */
export async function withSignedLinks(request: Request, response: Response): Promise<Response> {
  const { pathname } = new URL(request.url);
  const asked =
    request.method === "POST" && /^\/storage\/v1\/object\/(upload\/)?sign\//.test(pathname);
  if (!asked || !response.ok) return response;

  const answer = await response.json();
  const name = pathname.startsWith("/storage/v1/object/upload/") ? "url" : "signedURL";
  const named = (link: { signedUrl?: string | null }) => ({
    ...link,
    [name]: link.signedUrl?.replace(/^\/storage\/v1/, "") ?? null,
  });
  const body = Array.isArray(answer) ? answer.map(named) : named(answer);
  const headers = new Headers(response.headers);
  headers.delete("content-length");
  return Response.json(body, { status: response.status, headers });
}
