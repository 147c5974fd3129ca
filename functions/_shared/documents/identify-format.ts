import { decodeBytes } from "./decode-bytes.ts";
import { DocumentError, type DocumentFormat, type OpenOptions } from "./document.ts";
import { FORMAT_NAMES, formatOfName, formatOfType, isTextual } from "./format-names.ts";
import { identifyOffice } from "./identify-office.ts";
import { binaryKind, imageType } from "./signatures.ts";

/** As much as is looked at to tell text from other data. */
const SAMPLE_BYTES = 16 * 1024;

/**
 * What a file is, by its content; its name and declared type only tell kinds of text from each
 * other. Throws a `DocumentError` when it is nothing that can be read, or something else than it
 * says: whoever uploaded a picture as a report has taken the wrong file.
 */
export async function identifyFormat(
  bytes: Uint8Array,
  { fileName, fileType, signal }: Pick<OpenOptions, "fileName" | "fileType" | "signal">,
): Promise<DocumentFormat> {
  if (bytes.length === 0) {
    throw new DocumentError("document_empty", "The file is empty: it has not a single byte.");
  }
  const named = formatOfName(fileName);
  const typed = formatOfType(fileType);
  const claims: Claim[] = [
    ...(named ? [{ format: named, words: `is named "${fileName}"` }] : []),
    ...(typed ? [{ format: typed, words: `was uploaded as ${FORMAT_NAMES[typed]}` }] : []),
  ];
  const found = (await binaryFormat(bytes, claims, signal)) ?? textFormat(bytes, claims);
  refuseOther(claims, found, FORMAT_NAMES[found]);
  return found;
}

/** What an uploader says that the file is. */
interface Claim {
  format: DocumentFormat;
  words: string;
}

function refuseOther(claims: readonly Claim[], found: DocumentFormat, called: string): void {
  for (const claim of claims) {
    if (claim.format !== found && !(isTextual(claim.format) && isTextual(found))) {
      throw mislabelled(claim, called);
    }
  }
}

async function binaryFormat(
  bytes: Uint8Array,
  claims: readonly Claim[],
  signal: AbortSignal,
): Promise<DocumentFormat | null> {
  if (imageType(bytes)) {
    return "image";
  }
  const kind = binaryKind(bytes);
  switch (kind?.name) {
    case undefined:
      return null;
    case "pdf":
      return "pdf";
    case "zip":
      return await identifyOffice(bytes, signal);
    case "encrypted office":
      throw new DocumentError(
        "document_encrypted",
        "The file is protected by a password. Remove the password and upload it again.",
      );
    default: {
      const { called = "", advice = "", mayBecome = [] } = kind ?? {};
      const claim = claims.find(({ format }) => !isTextual(format) && !mayBecome.includes(format));
      throw claim ? mislabelled(claim, called) : new DocumentError("document_unsupported", advice);
    }
  }
}

function textFormat(bytes: Uint8Array, claims: readonly Claim[]): DocumentFormat {
  const text = decodeBytes(bytes.subarray(0, SAMPLE_BYTES));
  if (hasControls(text)) {
    const claim = claims.find(({ format }) => !isTextual(format));
    throw claim
      ? new DocumentError(
          "document_broken",
          `The file ${claim.words} but does not begin as ${FORMAT_NAMES[claim.format]} does: it is damaged, or something else.`,
        )
      : new DocumentError(
          "document_unsupported",
          "The file holds data of a kind that cannot be read. Upload it as PDF, as a document or as text.",
        );
  }
  if (text.trim() === "" && bytes.length <= SAMPLE_BYTES) {
    throw new DocumentError("document_empty", "The file holds nothing but blanks.");
  }
  if (/^\s*(<\?xml[^>]*>\s*)?(<!--[\s\S]*?-->\s*)*<(!doctype\s+html|html)\b/i.test(text)) {
    // Often the page of a login or an error, saved under the name of what was asked for.
    const claim = claims.find(({ format }) => ["csv", "json", "eml"].includes(format));
    if (claim) {
      throw mislabelled(claim, FORMAT_NAMES.html);
    }
    return "html";
  }
  const [first] = claims;
  return first && isTextual(first.format) ? first.format : "text";
}

/** Controls that no text has. The sample may end within a character, which is no sign. */
function hasControls(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const controls = text.match(/[\x00-\x08\x0e-\x1a\x1c-\x1f]/g)?.length ?? 0;
  return controls > text.length / 500 || text.includes("\u0000");
}

function mislabelled(claim: Claim, found: string): DocumentError {
  return new DocumentError(
    "document_mislabelled",
    `The file ${claim.words} but holds ${found}. Upload the right file, or this one under its right name.`,
  );
}
