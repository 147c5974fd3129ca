import { HttpError } from "../errors/http-error.ts";

/**
 * Where a browser may go after a consent: a page of OAUTH_REDIRECT_URLS (separated by commas) or of
 * SITE_URL, or beneath one; without a wish, the first of them. A link of ours must lead nowhere
 * else.
 *
 * Throws 503 `redirect_not_configured`, 422 `redirect_not_allowed`.
 */
export function redirectTarget(
  env: Record<string, string | undefined>,
  wish: string | null | undefined,
): string {
  const pages = [...(env.OAUTH_REDIRECT_URLS ?? "").split(","), env.SITE_URL ?? ""]
    .map((text) => text.trim())
    .filter((text) => text !== "");
  const [first] = pages;
  if (!first || !pages.every(isPage)) {
    throw new HttpError(
      503,
      "redirect_not_configured",
      "It is not configured where people go after connecting an account.",
      { hint: "Set OAUTH_REDIRECT_URLS to http or https URLs of your site." },
    );
  }
  if (!wish) {
    return new URL(first).href;
  }
  if (!isPage(wish) || !pages.some((page) => isBeneath(new URL(wish), new URL(page)))) {
    throw new HttpError(422, "redirect_not_allowed", "Connecting cannot lead to that address.", {
      hint: "Name a page beneath SITE_URL or one of OAUTH_REDIRECT_URLS.",
    });
  }
  return new URL(wish).href;
}

/** The address with the outcome in its query. */
export function withOutcome(target: string, outcome: Record<string, string>): string {
  const url = new URL(target);
  for (const name of ["connection", "confirmation", "error"]) {
    url.searchParams.delete(name);
  }
  for (const [name, value] of Object.entries(outcome)) {
    url.searchParams.set(name, value);
  }
  return url.href;
}

function isBeneath(url: URL, page: URL): boolean {
  const folder = page.pathname.endsWith("/") ? page.pathname : `${page.pathname}/`;
  return (
    url.origin === page.origin &&
    (url.pathname === page.pathname || url.pathname.startsWith(folder))
  );
}

function isPage(text: string): boolean {
  if (!URL.canParse(text)) {
    return false;
  }
  const { protocol, username, password } = new URL(text);
  return ["http:", "https:"].includes(protocol) && !username && !password;
}
