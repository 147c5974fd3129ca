import { type ApiAnswer, startApi, type TestApi } from "./api-server.ts";

export const sendgridKey = "SG.a-key-of-the-tests";

interface MailSend {
  personalizations?: Record<"to" | "cc" | "bcc", { email?: string }[] | undefined>[];
  from?: { email?: string };
  subject?: string;
  content?: { type: string; value: string }[];
}

/** SendGrid's mail/send: https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send */
export function startSendgrid(): Promise<TestApi> {
  return startApi(({ method, path, headers, body }) => {
    if (headers.authorization !== `Bearer ${sendgridKey}`) {
      return refuse(401, "The provided authorization grant is invalid, expired, or revoked", null);
    }
    if (method !== "POST" || path !== "/v3/mail/send") {
      return refuse(404, "Not found", null);
    }
    return headers["content-type"] === "application/json"
      ? send(JSON.parse(body.toString()) as MailSend)
      : refuse(415, "Content-Type should be application/json.", null);
  });
}

function send({ personalizations = [], from, subject, content = [] }: MailSend): ApiAnswer {
  const [first] = personalizations;
  if (!first?.to?.length) {
    return refuse(
      400,
      "The to array is required for all personalization objects",
      "personalizations",
    );
  }
  for (const [name, list] of Object.entries(first)) {
    if (list?.length === 0) {
      return refuse(400, `The ${name} array, when used, must contain an address`, name);
    }
  }
  const all = [first.to, first.cc, first.bcc].flatMap((list) => list ?? []);
  const addresses = all.map(({ email }) => email?.toLowerCase());
  if (new Set(addresses).size !== addresses.length) {
    return refuse(
      400,
      "Each unique email address should only be included once.",
      "personalizations",
    );
  }
  if (from?.email !== "team@example.test") {
    return refuse(403, "The from address does not match a verified Sender Identity.", "from");
  }
  if (!subject || !content[0] || content.some(({ value }) => value === "")) {
    return refuse(
      400,
      "The content value must be a string at least one character in length.",
      "content",
    );
  }
  const types = content.map(({ type }) => type);
  if (types.includes("text/plain") && types[0] !== "text/plain") {
    return refuse(400, "If present, text/plain must be first, followed by text/html.", "content");
  }
  return { status: 202, headers: { "x-message-id": "sg-1" } };
}

function refuse(status: number, message: string, field: string | null): ApiAnswer {
  return { status, json: { errors: [{ message, field, help: null }] } };
}
