/** One mail to one person. */
export interface Mail {
  /** A bare address. */
  to: string;
  subject: string;
  text: string;
  html: string;
}

/** Hands a mail to a server. Throws `HttpError`s only (see mail-failure.ts). */
export type SendMail = (mail: Mail) => Promise<void>;
