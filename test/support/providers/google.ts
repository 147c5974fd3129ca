import type { ApiAnswer, ApiRequest } from "./api-server.ts";

export const googleToken = "ya29.a-token-of-the-tests";

/** An error of Google's APIs: https://developers.google.com/workspace/gmail/api/guides/handle-errors */
export function googleError(code: number, message: string, reason: string): ApiAnswer {
  return {
    status: code,
    json: { error: { code, message, errors: [{ message, domain: "global", reason }] } },
  };
}

export const notFound = googleError(404, "Requested entity was not found.", "notFound");

/** Lets in who has the token. */
export function withGoogleToken(
  answer: (request: ApiRequest) => ApiAnswer,
): (request: ApiRequest) => ApiAnswer {
  return (request) =>
    request.headers.authorization === `Bearer ${googleToken}`
      ? answer(request)
      : googleError(401, "Request had invalid authentication credentials.", "authError");
}
