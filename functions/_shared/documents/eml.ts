import PostalMime, { type Address, type Attachment, type Email } from "postal-mime";
import { cleanLine, LINE_BREAK } from "./clean-text.ts";
import type { Block, OpenFormat } from "./document.ts";
import { documentOfBlocks } from "./document-of-blocks.ts";
import { htmlBlocks } from "./html-blocks.ts";
import { requireSize, tooLarge } from "./refusals.ts";

/** With its attachments, which are decoded and not read. */
const MOST_MEGABYTES = 25;
/** Attachments have some ten thousand in each megabyte; the library takes its time for each. */
const MOST_LINES = 400_000;
const MOST_NAMED_ATTACHMENTS = 100;
const LIMITS = { maxNestingDepth: 50, maxRfc822NestingDepth: 5 };

/** Opens e-mails: what was written, by whom and when, and the names of what was attached. */
export const openEml: OpenFormat = async (bytes, { signal }) => {
  requireSize(bytes, MOST_MEGABYTES);
  requireLines(bytes);
  const email = await PostalMime.parse(bytes, LIMITS);
  signal.throwIfAborted();
  const subject = cleanLine(email.subject ?? "");
  const body = bodyBlocks(email);
  const attachments = await attachmentBlocks(email);
  const isBlank = subject === "" && body.length + attachments.length === 0;
  const blocks = isBlank ? [] : [...headBlocks(email, subject), ...body, ...attachments];
  return documentOfBlocks("eml", subject, blocks);
};

function requireLines(bytes: Uint8Array): void {
  let lines = 0;
  for (let place = bytes.indexOf(10); place >= 0; place = bytes.indexOf(10, place + 1)) {
    lines += 1;
  }
  if (lines > MOST_LINES) {
    throw tooLarge("400,000 lines");
  }
}

function headBlocks(email: Email, subject: string): Block[] {
  const lines = [
    ["From", email.from ? shown([email.from]) : ""],
    ["To", shown(email.to)],
    ["Cc", shown(email.cc)],
    ["Date", email.date],
  ].flatMap(([name, value]) => (value ? [cleanLine(`${name}: ${value}`)] : []));
  return [
    ...(subject ? [{ kind: "heading" as const, level: 1, text: subject }] : []),
    ...(lines.length > 0 ? [{ kind: "paragraph" as const, text: lines.join("\n") }] : []),
  ];
}

function shown(addresses: readonly Address[] = []): string {
  return addresses
    .flatMap((address) => address.group ?? [address])
    .map(({ name, address }) => (name && address ? `${name} <${address}>` : name || address))
    .join(", ");
}

/** The text; the page where there is no text, or one that only says to look at the page. */
function bodyBlocks({ text = "", html = "" }: Email): Block[] {
  const ofText = text
    .split(/\r?\n[^\S\n]*\r?\n/)
    .map((part) => cleanLine(part.replaceAll("\n", LINE_BREAK)))
    .filter((part) => part !== "")
    .map((part): Block => ({ kind: "paragraph", text: part }));
  const ofHtml = html ? htmlBlocks(html).blocks : [];
  return lengthOf(ofText) * 3 < lengthOf(ofHtml) ? ofHtml : ofText;
}

function lengthOf(blocks: readonly Block[]): number {
  return blocks.reduce((sum, { text }) => sum + text.length, 0);
}

async function attachmentBlocks({ attachments }: Email): Promise<Block[]> {
  const blocks: Block[] = [];
  for (const attachment of attachments.slice(0, MOST_NAMED_ATTACHMENTS)) {
    const name = attachment.related ? null : await nameOf(attachment);
    const text = cleanLine(`Attachment: ${name ?? ""}`);
    blocks.push(...(name ? [{ kind: "list_item" as const, text }] : []));
  }
  return blocks;
}

/** Messages that are attached are called by their subject. */
async function nameOf({ filename, mimeType, content }: Attachment): Promise<string | null> {
  if (filename || mimeType !== "message/rfc822") {
    return filename;
  }
  return (await PostalMime.parse(content, LIMITS)).subject ?? null;
}
