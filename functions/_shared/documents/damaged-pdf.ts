import { DocumentError } from "./document.ts";

/** A PDF of which something cannot be read; the sentence says what. */
export function damagedPdf(sentence: string, cause: unknown): DocumentError {
  return new DocumentError(
    "document_broken",
    `${sentence} Open it in a PDF program, save it anew and upload that.`,
    { cause },
  );
}
