import type { getDocumentProxy } from "unpdf";
import { damagedPdf } from "./damaged-pdf.ts";
import type { PageLines } from "./pdf-furniture.ts";
import { type TextRun, toLines, turnOf } from "./pdf-lines.ts";

/** A document as PDF.js has it. */
export type Pdf = Awaited<ReturnType<typeof getDocumentProxy>>;

/** How many pages are remembered: a page asks for three before and three behind it. */
const REMEMBERED = 8;

/** Reads lines of pages, and remembers the last few: each page is asked for by its neighbours. */
export class PageReader {
  private readonly known = new Map<number, PageLines>();

  constructor(private readonly pdf: Pdf) {}

  async lines(number: number): Promise<PageLines> {
    const known = this.known.get(number) ?? (await this.read(number));
    this.known.delete(number);
    this.known.set(number, known);
    for (const oldest of [...this.known.keys()].slice(0, -REMEMBERED)) {
      this.known.delete(oldest);
    }
    return known;
  }

  private async read(number: number): Promise<PageLines> {
    try {
      const page = await this.pdf.getPage(number);
      const { items } = await page.getTextContent();
      const runs = items as TextRun[];
      const turn = turnOf(runs, page.getViewport({ scale: 1 }).transform);
      const rotation = (page.rotate + 360 - turn) % 360;
      const { transform, height } = page.getViewport({ scale: 1, rotation });
      page.cleanup();
      return { lines: toLines(runs, transform), height };
    } catch (error) {
      throw damagedPdf(`Page ${number} of the PDF is damaged and cannot be read.`, error);
    }
  }
}
