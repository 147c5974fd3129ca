import nodemailer from "nodemailer";
import { type CapabilityContext, defineCapability } from "./capability.ts";
import { messageOptions } from "./compose-message.ts";
import { credentialText } from "./credential-text.ts";
import { mailInput, withoutRepetition } from "./mail-input.ts";
import { smtpAddresses } from "./smtp-addresses.ts";
import { toSmtpError } from "./smtp-error.ts";

/** How long one server may take for a mail, in milliseconds. */
const PATIENCE_MS = 30_000;

const send = defineCapability({
  key: "smtp_send_email",
  input: mailInput,
  async execute(mail, context) {
    const recipients = withoutRepetition(mail);
    const name = context.credential?.from_name;
    const from = {
      name: typeof name === "string" ? name : "",
      address: credentialText(context, "SMTP", "from_email"),
    };
    const options = messageOptions({ ...mail, ...recipients }, { from });
    const { messageId, accepted, rejected } = await deliver(options, context);
    return { sent: true, message_id: messageId, recipients: accepted.length, refused: rejected };
  },
});

/** What agents can do with a mail server of one's own. */
export const smtpCapabilities = [send];

/** Sends through the first of the server's addresses that answers. */
async function deliver(mail: ReturnType<typeof messageOptions>, context: CapabilityContext) {
  const host = credentialText(context, "SMTP", "host");
  const addresses = await smtpAddresses(host, Number(context.credential?.port), context.network);
  let failure: unknown;
  for (const address of addresses) {
    context.signal.throwIfAborted();
    const transport = smtpTransport(host, address, context);
    try {
      return await unlessAborted(context.signal, transport.sendMail(mail));
    } catch (error) {
      context.signal.throwIfAborted();
      failure = error;
      if ((error as { command?: string }).command !== "CONN") {
        break; // it was reached, and may have taken the mail
      }
    } finally {
      transport.close();
    }
  }
  throw toSmtpError(failure, context.credential?.password);
}

/** Connects to an address that was checked, and asks for the certificate of the name. */
function smtpTransport(host: string, address: string, { credential, metadata }: CapabilityContext) {
  const { port, security, username, password } = credential ?? {};
  return nodemailer.createTransport({
    host: address,
    port: Number(port),
    secure: security === "tls",
    requireTLS: security !== "tls",
    tls: {
      ...(host === address ? {} : { servername: host }),
      // A certificate authority of the operator's own, as PEM.
      ...(typeof metadata.ca === "string" ? { ca: metadata.ca } : {}),
    },
    ...(username ? { auth: { user: String(username), pass: String(password ?? "") } } : {}),
    connectionTimeout: PATIENCE_MS / 3,
    greetingTimeout: PATIENCE_MS / 3,
    socketTimeout: PATIENCE_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
