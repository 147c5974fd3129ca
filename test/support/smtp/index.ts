import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { certificate, certificateKey } from "./certificate.ts";

/** A mail as it came over the wire. */
export interface ReceivedMail {
  from: string;
  to: string[];
  /** Whether it came encrypted, and who sent it. */
  secure: boolean;
  user: string | null;
  source: string;
}

/** A mail server on loopback that keeps what it is given. */
export interface TestSmtpServer {
  port: number;
  mails: ReceivedMail[];
  close(): Promise<void>;
}

/** Knows one login; refuses addresses that begin with "refused", and puts off those with "later". */
export async function startSmtpServer(options: SMTPServerOptions = {}): Promise<TestSmtpServer> {
  const mails: ReceivedMail[] = [];
  const server = new SMTPServer({
    cert: certificate,
    key: certificateKey,
    logger: false,
    onAuth({ username, password }, _, done) {
      const known = username === "ensemble" && password === "correct horse";
      done(known ? null : new Error("Invalid username or password"), { user: username });
    },
    onRcptTo({ address }, _, done) {
      if (address.startsWith("refused")) {
        done(Object.assign(new Error("No such mailbox"), { responseCode: 550 }));
      } else if (address.startsWith("later")) {
        done(Object.assign(new Error("Greylisted"), { responseCode: 451 }));
      } else {
        done();
      }
    },
    onData(stream, session, done) {
      let source = "";
      stream.setEncoding("utf8");
      stream.on("data", (part: string) => {
        source += part;
      });
      stream.on("end", () => {
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom ? mailFrom.address : "",
          to: rcptTo.map(({ address }) => address),
          secure: session.secure,
          user: (session.user as string | undefined) ?? null,
          source,
        });
        done();
      });
    },
    ...options,
  });
  // A client that goes away in the middle is part of the tests.
  server.on("error", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** The readable parts of a mail: its headers unfolded and decoded, its bodies decoded. */
export function readMail(source: string): { headers: Map<string, string[]>; bodies: string[] } {
  const [head = ""] = source.split(/\r?\n\r?\n/, 1);
  const headers = new Map<string, string[]>();
  for (const line of head.replaceAll(/\r?\n[ \t]+/g, " ").split(/\r?\n/)) {
    const at = line.indexOf(":");
    const name = line.slice(0, at).toLowerCase();
    headers.set(name, [...(headers.get(name) ?? []), decodeWords(line.slice(at + 1).trim())]);
  }
  const boundary = /boundary="([^"]+)"/.exec(source)?.[1];
  const parts = boundary ? source.split(`--${boundary}`).slice(1, -1) : [source];
  return { headers, bodies: parts.map(decodePart) };
}

function decodePart(part: string): string {
  const text = part.replace(/^[\s\S]*?\r?\n\r?\n/, "");
  if (/content-transfer-encoding:\s*base64/i.test(part)) {
    return Buffer.from(text, "base64").toString("utf8");
  }
  return /content-transfer-encoding:\s*quoted-printable/i.test(part) ? quoted(text) : text;
}

function quoted(text: string): string {
  const joined = text.replaceAll(/=\r?\n/g, "");
  const bytes = joined.replaceAll(/=([0-9A-F]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, "latin1").toString("utf8");
}

/** Encoded words of RFC 2047. */
function decodeWords(text: string): string {
  return text
    .replaceAll(/\?=\s+=\?/g, "?==?")
    .replaceAll(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, kind: string, word: string) =>
      kind.toLowerCase() === "b"
        ? Buffer.from(word, "base64").toString("utf8")
        : quoted(word.replaceAll("_", " ")),
    );
}
