import { type CellFormat, formatOf } from "./cell-format.ts";
import type { ZipMembers } from "./open-zip.ts";
import { parseXml } from "./parse-xml.ts";
import { tooLarge } from "./refusals.ts";
import { type RelatedPart, relatedParts, relationId } from "./related-parts.ts";

/** Texts that cells share are kept in memory. */
const MOST_SHARED_CHARACTERS = 12_000_000;
const MOST_SHEETS = 1000;

/** A workbook without the cells of its sheets. */
export interface Workbook {
  sheets: { name: string; target: string; isHidden: boolean }[];
  /** Texts that cells refer to by their number. */
  texts: string[];
  /** How numbers are shown, by the number of the cell's style. */
  formats: CellFormat[];
  /** Whether days are counted from 1904, as on old Macintoshes. */
  isFrom1904: boolean;
}

/** Reads what the sheets of a workbook have in common. */
export async function readWorkbook(members: ZipMembers, signal: AbortSignal): Promise<Workbook> {
  const main = (await relatedParts(members, "", signal)).ofType("officeDocument")[0]?.target;
  const name = main ?? "xl/workbook.xml";
  const parts = await relatedParts(members, name, signal);
  const read = async (part: RelatedPart | undefined) =>
    part ? members.bytes(part.target, signal) : new Uint8Array();

  const workbook: Workbook = {
    sheets: [],
    texts: readTexts(await read(parts.ofType("sharedStrings")[0]), signal),
    formats: readFormats(await read(parts.ofType("styles")[0]), signal),
    isFrom1904: false,
  };
  parseXml(await members.bytes(name, signal), signal, {
    open(element, attributes) {
      if (element === "workbookPr") {
        workbook.isFrom1904 = /^(1|true)$/.test(attributes.date1904 ?? "");
      }
      const part = element === "sheet" ? parts.byId(relationId(attributes)) : undefined;
      if (part?.type === "worksheet") {
        const isHidden = (attributes.state ?? "visible") !== "visible";
        workbook.sheets.push({ name: attributes.name ?? "", target: part.target, isHidden });
      }
      if (workbook.sheets.length > MOST_SHEETS) {
        throw tooLarge(`${MOST_SHEETS} sheets`);
      }
    },
  });
  return workbook;
}

function readTexts(part: Uint8Array, signal: AbortSignal): string[] {
  const texts: string[] = [];
  let text = "";
  let length = 0;
  let isText = false;
  let phonetic = 0;
  parseXml(part, signal, {
    open(name) {
      if (name === "si") {
        text = "";
      } else if (name === "rPh") {
        phonetic += 1;
      }
      isText = name === "t" && phonetic === 0;
    },
    close(name) {
      isText = false;
      if (name === "rPh") {
        phonetic -= 1;
      } else if (name === "si") {
        texts.push(text);
        length += text.length;
        if (length > MOST_SHARED_CHARACTERS) {
          throw tooLarge("12 million characters of text");
        }
      }
    },
    text(piece) {
      text += isText ? piece : "";
    },
  });
  return texts;
}

function readFormats(part: Uint8Array, signal: AbortSignal): CellFormat[] {
  const codes = new Map<number, string>();
  const formats: CellFormat[] = [];
  let isOfCells = false;
  parseXml(part, signal, {
    open(name, attributes) {
      if (name === "numFmt") {
        codes.set(Number(attributes.numFmtId), attributes.formatCode ?? "");
      } else if (name === "cellXfs") {
        isOfCells = true;
      } else if (name === "xf" && isOfCells) {
        const id = Number(attributes.numFmtId ?? "0");
        formats.push(formatOf(id, codes.get(id)));
      }
    },
    close(name) {
      if (name === "cellXfs") {
        isOfCells = false;
      }
    },
  });
  return formats;
}
