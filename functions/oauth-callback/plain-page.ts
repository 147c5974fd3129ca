import { HttpError } from "../_shared/errors/http-error.ts";

const sentences: Record<string, string> = {
  oauth_state_invalid: "This address is not complete. Begin again from the app.",
  oauth_state_not_found:
    "This link was used already, or is older than ten minutes. Begin again from the app.",
  database_unavailable: "The service cannot be reached right now. Reload this page in a moment.",
};

/**
 * A page for a browser that cannot be sent anywhere. Plain text: Supabase serves no HTML from
 * functions, and nothing of the request is repeated in it.
 */
export function plainPage(error: unknown): Response {
  const code = error instanceof HttpError ? error.code : "internal_error";
  const status = error instanceof HttpError ? error.status : 500;
  const sentence = sentences[code] ?? "The account was not connected. Begin again from the app.";
  return new Response(`${sentence}\n\n(${code})\n`, {
    status,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'",
    },
  });
}
