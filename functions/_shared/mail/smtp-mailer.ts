import nodemailer from "nodemailer";
import type { SendMail } from "./mail.ts";
import { toMailFailure } from "./mail-failure.ts";
import type { SmtpSettings } from "./smtp-settings.ts";

/** How long a mail may take altogether, in milliseconds. */
const PATIENCE_MS = 30_000;

/** Sends through an SMTP server, one connection a mail: a function rarely sends two. */
export function smtpMailer(settings: SmtpSettings, patienceMs: number = PATIENCE_MS): SendMail {
  const { host, port, security, login, from, ca } = settings;

  return async ({ to, subject, text, html }) => {
    const transport = nodemailer.createTransport({
      host,
      port,
      secure: security === "tls",
      requireTLS: security === "starttls",
      ignoreTLS: security === "none",
      ...(ca ? { tls: { ca } } : {}),
      ...(login ? { auth: { user: login.user, pass: login.password } } : {}),
      // Contents are ours alone; nothing in them may name a file or a URL to fetch.
      disableFileAccess: true,
      disableUrlAccess: true,
      dnsTimeout: patienceMs / 3,
      connectionTimeout: patienceMs / 3,
      greetingTimeout: patienceMs / 3,
      socketTimeout: patienceMs / 2,
    });
    try {
      await within(
        patienceMs,
        transport.sendMail({
          from,
          // As an object it is taken for one address, whatever is in it.
          to: { name: "", address: to },
          subject,
          text,
          html,
          headers: { "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All" },
        }),
      );
    } catch (error) {
      throw toMailFailure(error, [login?.password]);
    } finally {
      transport.close();
    }
  };
}

/** A server that says something now and then keeps every other timer from ending. */
async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(Object.assign(new Error("The mail took too long"), { code: "ETIMEDOUT" })),
      milliseconds,
    );
  });
  try {
    return await Promise.race([work, end]);
  } finally {
    clearTimeout(timer);
  }
}
