import { HttpError } from "../errors/http-error.ts";
import { isLoopbackAddress } from "../guard/public-address.ts";

/** How a connection is protected: by TLS from the start, from STARTTLS on, or not at all. */
export type SmtpSecurity = "tls" | "starttls" | "none";

/** Where mails go out. */
export interface SmtpSettings {
  host: string;
  port: number;
  security: SmtpSecurity;
  /** Null for a server that asks nobody who they are. */
  login: { user: string; password: string } | null;
  /** The sender, as an address or `Name <address>`. */
  from: string;
  /** A certificate authority of one's own, as PEM. */
  ca: string | null;
}

const securities: Record<string, SmtpSecurity> = {
  tls: "tls",
  true: "tls",
  starttls: "starttls",
  false: "starttls",
  none: "none",
};

/**
 * The operator's mail server, from the environment, or null without SMTP_HOST: SMTP_PORT (default
 * 587), SMTP_SECURE (`tls`, `starttls` or `none`; default `tls` on port 465, else `starttls`, which
 * is demanded, not tried), SMTP_USER, SMTP_PASSWORD, SMTP_FROM, SMTP_CA.
 *
 * Throws 503 `mail_misconfigured`, naming what is wrong.
 */
export function smtpSettings(env: Record<string, string | undefined>): SmtpSettings | null {
  const { SMTP_HOST: host, SMTP_USER: user, SMTP_PASSWORD: password, SMTP_FROM: from } = env;
  if (!host) {
    return null;
  }
  const port = Number(env.SMTP_PORT || 587);
  const security = securities[(env.SMTP_SECURE || (port === 465 ? "tls" : "starttls")).trim()];

  if (!/^[\w.:-]+$/.test(host)) {
    throw misconfigured("SMTP_HOST is not the name or address of a server");
  }
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw misconfigured("SMTP_PORT is not a port");
  }
  if (!security) {
    throw misconfigured("SMTP_SECURE must be tls, starttls or none");
  }
  if (!from || !/^[^\r\n]*[^\s@<>]@[^\s@<>]+>?$/.test(from)) {
    throw misconfigured("SMTP_FROM must be an address, such as Ensemble <mail@example.com>");
  }
  if (Boolean(user) !== Boolean(password)) {
    throw misconfigured("SMTP_USER and SMTP_PASSWORD come together");
  }
  if (security === "none" && user && host !== "localhost" && !isLoopbackAddress(host)) {
    throw misconfigured("SMTP_SECURE=none would send SMTP_PASSWORD in the clear");
  }
  return {
    host,
    port,
    security,
    login: user && password ? { user, password } : null,
    from,
    ca: env.SMTP_CA || null,
  };
}

function misconfigured(reason: string): HttpError {
  return new HttpError(503, "mail_misconfigured", `Mail is not configured: ${reason}.`, {
    hint: "Correct the SMTP settings of the functions, or remove SMTP_HOST to pass links on yourself.",
  });
}
