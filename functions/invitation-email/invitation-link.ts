import { HttpError } from "../_shared/errors/http-error.ts";

/** The parameter of a link that carries the token. */
const TOKEN_PARAMETER = "invitation_token";

/**
 * The page that invitations lead to. INVITATION_URL names it, or several separated by commas, the
 * first being the usual one; without it, SITE_URL does. A caller chooses another page of these
 * origins only: a link in our mail must not lead elsewhere, least of all with a token in it.
 *
 * Throws 503 `invitation_url_not_configured`, 422 `redirect_not_allowed`.
 */
export function invitationPage(
  env: Record<string, string | undefined>,
  redirectTo: string | null | undefined,
): URL {
  const pages = (env.INVITATION_URL || env.SITE_URL || "")
    .split(",")
    .map((text) => text.trim())
    .filter((text) => text !== "");
  const [first] = pages;
  if (!first || !pages.every(isPage)) {
    throw new HttpError(
      503,
      "invitation_url_not_configured",
      first
        ? "INVITATION_URL is not a list of http or https URLs."
        : "It is not configured where invitations lead to.",
      { hint: "Set INVITATION_URL to the page of your site that accepts invitations." },
    );
  }
  if (!redirectTo) {
    return new URL(first);
  }
  const page = isPage(redirectTo) ? new URL(redirectTo) : null;
  if (!page || !pages.some((each) => new URL(each).origin === page.origin)) {
    throw new HttpError(422, "redirect_not_allowed", "An invitation cannot lead to that address.", {
      hint: "Name a page of the site that INVITATION_URL names.",
    });
  }
  return page;
}

/** The link of one invitation. */
export function invitationLink(page: URL, token: string): string {
  const link = new URL(page);
  link.searchParams.set(TOKEN_PARAMETER, token);
  return link.href;
}

function isPage(text: string): boolean {
  if (!URL.canParse(text)) {
    return false;
  }
  const { protocol, username, password } = new URL(text);
  return ["http:", "https:"].includes(protocol) && !username && !password;
}
