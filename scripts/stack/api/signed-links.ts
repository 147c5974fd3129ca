/**
 * Storage answers `signedURL`, a path below /storage/v1, and so supabase-js reads it; lite answers
 * `signedUrl` with the whole path. Both spellings are given here.
 */
export async function withSignedLinks(request: Request, response: Response): Promise<Response> {
  const { pathname } = new URL(request.url);
  const asked = request.method === "POST" && pathname.startsWith("/storage/v1/object/sign/");
  if (!asked || !response.ok) return response;

  const answer = await response.json();
  const body = Array.isArray(answer) ? answer.map(named) : named(answer);
  const headers = new Headers(response.headers);
  headers.delete("content-length");
  return Response.json(body, { status: response.status, headers });
}

function named(link: { signedUrl?: string | null }): object {
  return { ...link, signedURL: link.signedUrl?.replace(/^\/storage\/v1/, "") ?? null };
}
