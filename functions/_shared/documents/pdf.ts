import { getDocumentProxy } from "unpdf";
import { describedBlocks } from "./described-blocks.ts";
import { type Block, DocumentError, type OpenDocument, type OpenFormat } from "./document.ts";
import { guardPdf } from "./guard-pdf.ts";
import { outlineKey, type PageStructure, pageBlocks } from "./pdf-blocks.ts";
import { type PageLines, withoutFurniture } from "./pdf-furniture.ts";
import { type TextRun, toLines } from "./pdf-lines.ts";
import { typographyOf } from "./pdf-typography.ts";
import { empty } from "./refusals.ts";
import { hasImages, scannedImage } from "./scanned-image.ts";

type Pdf = Awaited<ReturnType<typeof getDocumentProxy>>;

/** By so many pages, spread over the document, its typography is judged. */
const SAMPLE_PAGES = 12;
/** Running headers are told by the pages around; those of left and right pages may differ. */
const PAGES_AROUND = 2;
/** Larger images within a page are not decoded. */
const MOST_PIXELS = 40_000_000;
/** Entries of an outline that are looked at. */
const MOST_ENTRIES = 5000;

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
    throw damaged("The PDF is damaged and cannot be opened.", error);
  }
}

async function opened(
  pdf: Pdf,
  pages: PageReader,
  structure: PageStructure,
  describeImage: Parameters<OpenFormat>[1]["describeImage"],
): Promise<OpenDocument> {
  async function readPage(number: number, signal: AbortSignal): Promise<Block[]> {
    const page = await pages.lines(number);
    if (page.lines.length === 0) {
      const image = describeImage ? await scannedImage(pdf, number) : null;
      return image && describeImage
        ? describedBlocks(await describeImage(image, "image/png", signal), number)
        : [];
    }
    const around = async (from: number, to: number) => {
      const lines: PageLines[] = [];
      for (let other = Math.max(from, 1); other <= Math.min(to, pdf.numPages); other += 1) {
        lines.push(await pages.lines(other));
      }
      return lines;
    };
    const before = await around(number - PAGES_AROUND, number - 1);
    const after = await around(number + 1, number + PAGES_AROUND);
    return pageBlocks(
      withoutFurniture(page, before, after, structure.typography.bodySize),
      number,
      structure,
    );
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

/** Reads lines of pages, and remembers the last few: each page is asked for by its neighbours. */
class PageReader {
  private readonly known = new Map<number, PageLines>();

  constructor(private readonly pdf: Pdf) {}

  async lines(number: number): Promise<PageLines> {
    const known = this.known.get(number) ?? (await this.read(number));
    this.known.delete(number);
    this.known.set(number, known);
    for (const oldest of [...this.known.keys()].slice(0, -2 * PAGES_AROUND - 2)) {
      this.known.delete(oldest);
    }
    return known;
  }

  private async read(number: number): Promise<PageLines> {
    try {
      const page = await this.pdf.getPage(number);
      const { items } = await page.getTextContent();
      const { transform, height } = page.getViewport({ scale: 1 });
      page.cleanup();
      return { lines: toLines(items as TextRun[], transform), height };
    } catch (error) {
      throw damaged(`Page ${number} of the PDF is damaged and cannot be read.`, error);
    }
  }
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

/** Refuses what has neither text nor images that somebody could read. */
async function requireText(
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
  if (!(await hasImages(pdf, signal))) {
    throw empty();
  }
  if (!canDescribe) {
    throw new DocumentError(
      "image_model_missing",
      "The PDF has no text, only images of its pages, and no model that reads images is set up here. Upload a version with text.",
    );
  }
}

interface OutlineEntry {
  title: string;
  items: OutlineEntry[];
}

async function outlineOf(pdf: Pdf): Promise<Map<string, number>> {
  const levels = new Map<string, number>();
  const add = (entries: readonly OutlineEntry[], level: number) => {
    for (const { title, items } of entries) {
      const key = outlineKey(title);
      if (key && !levels.has(key) && levels.size < MOST_ENTRIES) {
        levels.set(key, level);
      }
      add(items, Math.min(level + 1, 6));
    }
  };
  add((await pdf.getOutline().catch(() => null)) ?? [], 1);
  return levels;
}

async function titleOf(pdf: Pdf): Promise<string | null> {
  const { info } = await pdf.getMetadata().catch(() => ({ info: {} }));
  const title = (info as { Title?: unknown }).Title;
  const text = typeof title === "string" ? title.replace(/\s+/g, " ").trim() : "";
  // What programs put there by themselves is the name of a file or of nothing.
  return text === "" || /^(untitled|microsoft word|.*\.(docx?|indd|tex|pdf|odt|qxd))\b/i.test(text)
    ? null
    : text.slice(0, 300);
}

function damaged(sentence: string, cause: unknown): DocumentError {
  return new DocumentError(
    "document_broken",
    `${sentence} Open it in a PDF program, save it anew and upload that.`,
    { cause },
  );
}
