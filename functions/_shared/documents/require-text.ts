import { DocumentError } from "./document.ts";
import type { PageReader, Pdf } from "./pdf-pages.ts";
import { paintedOn } from "./pdf-painting.ts";
import { empty } from "./refusals.ts";

/** So many pages tell what a document without text is made of. */
const PAGES_SEEN = 5;

/** Refuses a PDF on which there is nothing that could be read, and says why that is. */
export async function requireText(
  pdf: Pdf,
  pages: PageReader,
  canDescribe: boolean,
  signal: AbortSignal,
): Promise<void> {
  for (let number = 1; number <= pdf.numPages; number += 1) {
    signal.throwIfAborted();
    if ((await pages.lines(number)).lines.length > 0) {
      return;
    }
  }
  let hasLetters = false;
  for (let number = 1; number <= Math.min(pdf.numPages, PAGES_SEEN); number += 1) {
    signal.throwIfAborted();
    const { images, isLettered } = await paintedOn(pdf, number);
    hasLetters ||= isLettered;
    if (images.length > 0) {
      return requireModel(canDescribe);
    }
  }
  throw hasLetters
    ? new DocumentError(
        "document_unsupported",
        "The PDF shows letters but does not tell which they are. Export it anew from the program it was made with, with its fonts, and upload that.",
      )
    : empty();
}

function requireModel(canDescribe: boolean): void {
  if (!canDescribe) {
    throw new DocumentError(
      "image_model_missing",
      "The PDF has no text, only images of its pages, and no model that reads images is set up here. Upload a version with text.",
    );
  }
}
