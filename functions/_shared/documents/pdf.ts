import { getDocumentProxy } from "unpdf";
import { damagedPdf } from "./damaged-pdf.ts";
import { describedBlocks } from "./described-blocks.ts";
import { type Block, DocumentError, type OpenDocument, type OpenFormat } from "./document.ts";
import { guardPdf } from "./guard-pdf.ts";
import { type PageStructure, pageBlocks } from "./pdf-blocks.ts";
import { type PageLines, withoutFurniture } from "./pdf-furniture.ts";
import type { Line } from "./pdf-lines.ts";
import { outlineOf, titleOf } from "./pdf-outline.ts";
import { withWholeWords } from "./pdf-page-break.ts";
import { PageReader, type Pdf } from "./pdf-pages.ts";
import { typographyOf } from "./pdf-typography.ts";
import { requireText } from "./require-text.ts";
import { scannedImage } from "./scanned-image.ts";

/** By so many pages, spread over the document, its typography is judged. */
const SAMPLE_PAGES = 12;
/** Running headers are told by the pages around; those of left and right pages may differ. */
const PAGES_AROUND = 2;
/** Larger images within a page are not decoded. */
const MOST_PIXELS = 40_000_000;

/**
 * Opens PDFs and reads them page by page: headings by their size, font and the outline, paragraphs
 * from lines, without what runs along the margins. A page without text is an image, which a model
 * reads when there is one.
 *
 * A page's blocks depend on the document alone, not on which pages are read together.
 */
export const openPdf: OpenFormat = async (bytes, { signal, describeImage }) => {
  await guardPdf(bytes, signal);
  const pdf = await load(bytes);
  try {
    const pages = new PageReader(pdf);
    const structure = {
      typography: typographyOf(await sample(pages, pdf.numPages, signal)),
      outline: await outlineOf(pdf),
    };
    if (structure.typography.bodySize === 0) {
      await requireText(pdf, pages, describeImage !== undefined, signal);
    }
    return opened(pdf, pages, structure, describeImage);
  } catch (error) {
    await pdf.destroy();
    throw error;
  }
};

async function load(bytes: Uint8Array): Promise<Pdf> {
  try {
    return await getDocumentProxy(bytes, {
      verbosity: 0,
      maxImageSize: MOST_PIXELS,
      disableFontFace: true,
      useSystemFonts: false,
      enableXfa: false,
    });
  } catch (error) {
    if ((error as Error).name === "PasswordException") {
      throw new DocumentError(
        "document_encrypted",
        "The PDF is protected by a password. Remove the password and upload it again.",
        { cause: error },
      );
    }
    throw damagedPdf("The PDF is damaged and cannot be opened.", error);
  }
}

async function opened(
  pdf: Pdf,
  pages: PageReader,
  structure: PageStructure,
  describeImage: Parameters<OpenFormat>[1]["describeImage"],
): Promise<OpenDocument> {
  const { bodySize } = structure.typography;

  async function around(from: number, to: number): Promise<PageLines[]> {
    const found: PageLines[] = [];
    for (let number = Math.max(from, 1); number <= Math.min(to, pdf.numPages); number += 1) {
      found.push(await pages.lines(number));
    }
    return found;
  }

  async function body(number: number): Promise<Line[]> {
    const [page] = await around(number, number);
    const before = await around(number - PAGES_AROUND, number - 1);
    const after = await around(number + 1, number + PAGES_AROUND);
    return page ? withoutFurniture(page, before, after, bodySize) : [];
  }

  async function readPage(number: number, signal: AbortSignal): Promise<Block[]> {
    const lines = await body(number);
    if (lines.length === 0) {
      const image = describeImage ? await scannedImage(pdf, number) : null;
      return image && describeImage
        ? describedBlocks(await describeImage(image, "image/png", signal), number)
        : [];
    }
    const [before, after] = [await body(number - 1), await body(number + 1)];
    return pageBlocks(withWholeWords(lines, before, after), number, structure);
  }

  return {
    format: "pdf",
    title: await titleOf(pdf),
    units: pdf.numPages,
    hasPages: true,
    async read(from, to, signal) {
      const blocks: Block[] = [];
      for (let number = from; number <= Math.min(to, pdf.numPages); number += 1) {
        signal.throwIfAborted();
        blocks.push(...(await readPage(number, signal)));
      }
      // Fonts and images of these pages are kept otherwise.
      await pdf.cleanup();
      return blocks;
    },
    close: () => pdf.destroy(),
  };
}

async function sample(pages: PageReader, count: number, signal: AbortSignal) {
  const lines: PageLines["lines"][] = [];
  const step = Math.max(count / SAMPLE_PAGES, 1);
  for (let place = 0; Math.floor(place) < count; place += step) {
    signal.throwIfAborted();
    lines.push((await pages.lines(Math.floor(place) + 1)).lines);
  }
  return lines;
}
