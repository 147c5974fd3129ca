import { outlineKey } from "./pdf-blocks.ts";
import type { Pdf } from "./pdf-pages.ts";

/** Entries of an outline that are looked at. */
const MOST_ENTRIES = 5000;

interface OutlineEntry {
  title: string;
  items: OutlineEntry[];
}

/** The levels of an outline's entries, by the text that their headings have on the page. */
export async function outlineOf(pdf: Pdf): Promise<Map<string, number>> {
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

/** What the document says that it is called, unless only its program says so. */
export async function titleOf(pdf: Pdf): Promise<string | null> {
  const { info } = await pdf.getMetadata().catch(() => ({ info: {} }));
  const title = (info as { Title?: unknown }).Title;
  const text = typeof title === "string" ? title.replace(/\s+/g, " ").trim() : "";
  // What programs put there by themselves is the name of a file or of nothing.
  return text === "" || /^(untitled|microsoft word|.*\.(docx?|indd|tex|pdf|odt|qxd))\b/i.test(text)
    ? null
    : text.slice(0, 300);
}
