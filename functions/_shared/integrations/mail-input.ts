import { z } from "zod";

/** A bare address by the HTML standard's pattern: no name, no comment, no line break, no list. */
export const emailAddress = z
  .string()
  .max(254)
  .regex(/^[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/)
  .describe("A bare address, such as nora@example.com.");

/** A text that stays on its line. */
export const singleLine = z
  .string()
  .regex(/^[^\r\n]*$/)
  // Beyond what every reader of schemas understands.
  .refine((text) => !/[\p{Cc}\u2028\u2029]/u.test(text), "Must be a single line");

/** What every mail has, whichever provider sends it. */
export const mailFields = {
  to: z.array(emailAddress).min(1).max(50).describe("Who the mail is for."),
  cc: z.array(emailAddress).max(50).optional().describe("Who gets a copy."),
  bcc: z
    .array(emailAddress)
    .max(50)
    .optional()
    .describe("Who gets a copy without the others knowing."),
  subject: singleLine.min(1).max(500).describe("The subject, one line."),
  body: z.string().min(1).max(100_000).describe("The text, plain, not Markdown."),
  html: z
    .string()
    .min(1)
    .max(200_000)
    .optional()
    .describe("The same as HTML, for readers that show it; usually left out."),
  reply_to: emailAddress.optional().describe("Where answers go, if not to the sender."),
};

export const mailInput = z.strictObject(mailFields);

export type MailInput = z.infer<typeof mailInput>;

/** Each address once, in the first of the lists that names it: some providers refuse repetition. */
export function withoutRepetition({
  to,
  cc = [],
  bcc = [],
}: Pick<MailInput, "to" | "cc" | "bcc">): {
  to: string[];
  cc: string[];
  bcc: string[];
} {
  const seen = new Set<string>();
  const [first = [], second = [], third = []] = [to, cc, bcc].map((list) =>
    list.filter((address) => {
      const key = address.toLowerCase();
      return !seen.has(key) && seen.add(key);
    }),
  );
  return { to: first, cc: second, bcc: third };
}
