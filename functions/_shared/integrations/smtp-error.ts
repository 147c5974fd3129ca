import { plainLine } from "../mail/plain-line.ts";
import { redact } from "../redact.ts";
import { ProviderError } from "./provider-error.ts";

/** What nodemailer says of a failure. */
interface SmtpFailure {
  code?: string;
  /** The server's reply code, and its reply. */
  responseCode?: number;
  response?: string;
  /** The step at which it failed; CONN before there was a connection. */
  command?: string;
}

/** A failure of a connection's own mail server, so that a model can act on it. */
export function toSmtpError(error: unknown, password: unknown): ProviderError {
  const { code, command, responseCode = 0, response = "" } = error as SmtpFailure;
  const words = plainLine(redact(response, [String(password ?? "")]), 300);
  const said = words === "" ? "." : `: "${words}"`;
  const options = { ...(responseCode ? { providerStatus: responseCode } : {}), cause: error };

  if (code === "EAUTH" || code === "ENOAUTH") {
    return new ProviderError("provider_unauthorized", `The mail server refuses the login${said}`, {
      ...options,
      hint: "Ask the connection's owner to correct its user name and password.",
    });
  }
  if (responseCode >= 400 && responseCode < 500) {
    return new ProviderError("provider_unavailable", `The mail server puts us off${said}`, {
      ...options,
      hint: "Try again in some minutes.",
    });
  }
  if (code === "EENVELOPE") {
    return new ProviderError(
      "provider_invalid_input",
      `The mail server refuses an address${said}`,
      {
        ...options,
        hint: "Check the recipients' addresses.",
      },
    );
  }
  if (code === "ETLS") {
    return new ProviderError("provider_unavailable", `The mail server offers no TLS${said}`, {
      ...options,
      hint: "Ask the connection's owner to correct its port or security.",
    });
  }
  if (responseCode >= 500) {
    return new ProviderError("provider_invalid_input", `The mail server refuses the mail${said}`, {
      ...options,
      hint: "Change the mail as the server says.",
    });
  }
  if (command === "DATA") {
    return new ProviderError("provider_unavailable", "The mail server broke off.", {
      ...options,
      hint: "The mail may have gone out all the same; ask before sending it again.",
    });
  }
  return new ProviderError("provider_unavailable", "The mail server cannot be reached.", {
    ...options,
    hint: "Try again later; if it stays so, ask the connection's owner to check the server.",
  });
}
