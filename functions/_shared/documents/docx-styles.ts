import { parseXml } from "./parse-xml.ts";

/** What a paragraph's style makes of it. */
export interface DocxStyle {
  /** 1 for the outermost; undefined for text. */
  level?: number | undefined;
  isTitle: boolean;
  isListItem: boolean;
  isCode: boolean;
  /** Whether it repeats headings, as a table of contents does. */
  isContents: boolean;
}

interface Declared {
  name: string;
  basedOn: string;
  outline?: number;
  isListItem: boolean;
}

const TEXT: DocxStyle = { isTitle: false, isListItem: false, isCode: false, isContents: false };
/** Styles that are based on each other in a circle end here. */
const MOST_ANCESTORS = 20;

/** The paragraph styles of a Word document by their id. Their names are English in any language. */
export function docxStyles(
  part: Uint8Array,
  signal: AbortSignal,
): (id: string | undefined) => DocxStyle {
  const declared = readStyles(part, signal);
  const known = new Map<string, DocxStyle>();

  return (id) => {
    if (id === undefined) {
      return TEXT;
    }
    const style = known.get(id) ?? styleOf(id, declared);
    known.set(id, style);
    return style;
  };
}

function readStyles(part: Uint8Array, signal: AbortSignal): Map<string, Declared> {
  const styles = new Map<string, Declared>();
  let style: Declared | null = null;
  parseXml(part, signal, {
    open(name, attributes) {
      const value = attributes["w:val"] ?? "";
      if (name === "style") {
        style = { name: "", basedOn: "", isListItem: false };
        styles.set(attributes["w:styleId"] ?? "", style);
      } else if (!style) {
        return;
      } else if (name === "name") {
        style.name = value;
      } else if (name === "basedOn") {
        style.basedOn = value;
      } else if (name === "outlineLvl") {
        style.outline = Number(value);
      } else if (name === "numId") {
        style.isListItem = value !== "0";
      }
    },
    close(name) {
      if (name === "style") {
        style = null;
      }
    },
  });
  return styles;
}

function styleOf(id: string, declared: ReadonlyMap<string, Declared>): DocxStyle {
  const result = { ...TEXT };
  let style = declared.get(id);
  for (let count = 0; style && count < MOST_ANCESTORS; count += 1) {
    const { name, outline } = style;
    if (/^subtitle$/i.test(name)) {
      break; // based on the title, in the looks alone
    }
    const heading = /^heading ([1-9])$/i.exec(name)?.[1];
    result.level ??= heading ? Number(heading) : levelOf(outline);
    result.isTitle ||= /^title$/i.test(name);
    result.isListItem ||= style.isListItem || /^list (bullet|number|paragraph)/i.test(name);
    result.isCode ||= /^(source code|code|html preformatted|preformatted text)$/i.test(name);
    result.isContents ||= /^(toc \d|table of figures)/i.test(name);
    style = declared.get(style.basedOn);
  }
  return result;
}

/** Word counts outline levels from 0; its ninth is text. */
export function levelOf(outline: number | undefined): number | undefined {
  return outline !== undefined && outline >= 0 && outline < 9 ? outline + 1 : undefined;
}
