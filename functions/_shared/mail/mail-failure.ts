import { HttpError } from "../errors/http-error.ts";
import { redact } from "../redact.ts";

/** What nodemailer says of a failure. */
interface SmtpFailure {
  code?: string;
  /** The server's reply code. */
  responseCode?: number;
  message?: string;
}

/**
 * What went wrong with a mail, as far as its sender can use it; the server's own words are for the
 * log, without the password.
 *
 * 422 `mail_recipient_refused`; 503 `mail_misconfigured` (credentials or TLS refused) and
 * `mail_unavailable` (nobody answers, or "later"); 502 `mail_not_sent` for everything else.
 */
export function toMailFailure(error: unknown, secrets: readonly (string | undefined)[]): HttpError {
  const { code, responseCode = 0, message = String(error) } = error as SmtpFailure;
  const cause = new Error(redact(`${code ?? "unknown"}: ${message}`, secrets));

  if (responseCode >= 400 && responseCode < 500) {
    return new HttpError(503, "mail_unavailable", "The mail server puts us off.", {
      hint: "Try again in some minutes.",
      cause,
    });
  }
  switch (code) {
    case "EENVELOPE":
      return new HttpError(422, "mail_recipient_refused", "The mail server refuses the address.", {
        hint: "Check how the address is written.",
        cause,
      });
    case "EAUTH":
    case "ENOAUTH":
    case "ETLS":
    case "ECONFIG":
      return new HttpError(503, "mail_misconfigured", "The mail server does not let us in.", {
        hint: "The operator of this installation needs to correct its SMTP settings.",
        cause,
      });
    case "ECONNECTION":
    case "ETIMEDOUT":
    case "ESOCKET":
    case "EDNS":
    case "ECONNREFUSED":
      return new HttpError(503, "mail_unavailable", "The mail server cannot be reached.", {
        hint: "Try again in some minutes.",
        cause,
      });
    default:
      return new HttpError(502, "mail_not_sent", "The mail server did not take the mail.", {
        cause,
      });
  }
}
