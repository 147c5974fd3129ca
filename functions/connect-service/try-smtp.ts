import nodemailer from "nodemailer";
import { HttpError } from "../_shared/errors/http-error.ts";
import type { OutboundNetwork } from "../_shared/guard/outbound-network.ts";
import { ProviderError } from "../_shared/integrations/provider-error.ts";
import { smtpAddresses } from "../_shared/integrations/smtp-addresses.ts";
import { toSmtpError } from "../_shared/integrations/smtp-error.ts";

/** How long a mail server may take to greet and to take a login, in milliseconds. */
const PATIENCE_MS = 20_000;

/**
 * Connects to a mail server and signs in, without sending anything.
 *
 * Throws 422 `credential_refused`, 502 `provider_unavailable`.
 */
export async function trySmtp(
  credential: Record<string, unknown>,
  network: OutboundNetwork,
  ca: string | null,
  patienceMs: number = PATIENCE_MS,
): Promise<void> {
  const { security, username, password } = credential;
  const host = String(credential.host);
  const port = Number(credential.port);
  try {
    const [address = ""] = await smtpAddresses(host, port, network);
    const transport = nodemailer.createTransport({
      host: address,
      port,
      secure: security === "tls",
      requireTLS: security !== "tls",
      tls: { ...(host === address ? {} : { servername: host }), ...(ca ? { ca } : {}) },
      ...(username ? { auth: { user: String(username), pass: String(password ?? "") } } : {}),
      connectionTimeout: patienceMs / 2,
      greetingTimeout: patienceMs / 2,
      socketTimeout: patienceMs / 2,
    });
    try {
      await within(patienceMs, transport.verify());
    } finally {
      transport.close();
    }
  } catch (error) {
    const failure = error instanceof ProviderError ? error : toSmtpError(error, password);
    if (failure.code === "provider_unavailable") {
      throw failure;
    }
    throw new HttpError(422, "credential_refused", failure.message, {
      hint: "Check server, port, security, user name and password. Nothing was saved.",
      cause: failure,
    });
  }
}

/** A server that says something now and then keeps every other timer from ending. */
async function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("The mail server took too long")), milliseconds);
  });
  try {
    await Promise.race([work, end]);
  } finally {
    clearTimeout(timer);
  }
}
