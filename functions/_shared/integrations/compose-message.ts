import nodemailer from "nodemailer";
import type { MailInput } from "./mail-input.ts";

/** What belongs to a message beside what its writer gives. */
export interface MessageFrame {
  /** Left out where the provider writes the sender. */
  from?: { name: string; address: string };
  /** The `Message-ID` that this one answers, with its angle brackets. */
  inReplyTo?: string;
}

/** The options of nodemailer that say a mail. Addresses as objects are taken for one address each. */
export function messageOptions(mail: MailInput, { from, inReplyTo }: MessageFrame = {}) {
  const addresses = (list: readonly string[] = []) =>
    list.map((address) => ({ name: "", address }));
  return {
    ...(from ? { from } : {}),
    to: addresses(mail.to),
    cc: addresses(mail.cc),
    bcc: addresses(mail.bcc),
    ...(mail.reply_to ? { replyTo: addresses([mail.reply_to]) } : {}),
    ...(inReplyTo ? { inReplyTo, references: [inReplyTo] } : {}),
    subject: mail.subject,
    text: mail.body,
    ...(mail.html ? { html: mail.html } : {}),
    // Nothing that a model writes may name a file or a URL to fetch.
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/**
 * A mail as it goes over the wire (RFC 5322, MIME), with its Bcc header: providers that take whole
 * messages deliver by it and take it off. Without a sender there is no Message-ID either: it would
 * name this machine, and the provider gives its own.
 */
export async function composeMessage(
  mail: MailInput,
  frame: MessageFrame = {},
): Promise<Uint8Array> {
  const composer = nodemailer.createTransport({
    streamTransport: true,
    buffer: true,
    newline: "windows",
  });
  const { message } = await composer.sendMail(messageOptions(mail, frame));
  const bytes = message as Buffer;
  if (frame.from) {
    return new Uint8Array(bytes);
  }
  // As latin1 each byte is a letter, so that nothing else changes.
  const [, head = "", rest = ""] = /^(.*?\r\n\r\n)(.*)$/s.exec(bytes.toString("latin1")) ?? [];
  const without = head.replace(/^Message-ID:.*\r\n(?:[ \t].*\r\n)*/im, "");
  return Uint8Array.from(without + rest, (letter) => letter.charCodeAt(0));
}
