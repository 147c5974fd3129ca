import { shownNumber } from "./cell-format.ts";
import { cleanLine } from "./clean-text.ts";
import { xmlSlices } from "./parse-xml.ts";
import type { Workbook } from "./workbook.ts";

/** Columns beyond it are left out; a sheet has 16,384. */
const MOST_COLUMNS = 1000;

/** Empty cells in a row beyond as many say nothing. */
const MOST_GAP = 20;

/** The rows of a sheet that say something, as texts by column. Parses only as far as it is asked. */
export function* sheetRows(part: Uint8Array, workbook: Workbook): Generator<string[], void> {
  const ready: string[][] = [];
  let row: string[] = [];
  let column = 0;
  /** The last column with a value. */
  let filled = 0;
  let type = "";
  let style = 0;
  let value = "";
  let isValue = false;
  let phonetic = 0;

  const slices = xmlSlices(part, {
    open(name, attributes) {
      isValue = false;
      if (name === "row") {
        row = [];
        column = 0;
        filled = 0;
      } else if (name === "c") {
        column = columnOf(attributes.r) ?? column + 1;
        type = attributes.t ?? "n";
        style = Number(attributes.s ?? "0");
        value = "";
      } else if (name === "rPh") {
        phonetic += 1;
      } else {
        isValue = name === "v" || (name === "t" && phonetic === 0);
      }
    },
    close(name) {
      isValue = false;
      if (name === "rPh") {
        phonetic -= 1;
      } else if (name === "c") {
        const isKept = value !== "" && column <= MOST_COLUMNS;
        const text = isKept ? cleanLine(shown(value, type, style, workbook)) : "";
        if (text !== "") {
          const gap = Math.min(Math.max(column - 1 - filled, 0), MOST_GAP);
          row.push(...Array<string>(gap).fill(""), text.replaceAll("\n", " "));
          filled = column;
        }
      } else if (name === "row" && row.length > 0) {
        ready.push(row);
        row = [];
      }
    },
    text(piece) {
      value += isValue ? piece : "";
    },
  });
  for (const _ of slices) {
    yield* ready.splice(0);
  }
}

function shown(value: string, type: string, style: number, workbook: Workbook): string {
  switch (type) {
    case "s":
      return unescaped(workbook.texts[Number(value)] ?? "");
    case "b":
      return value === "1" ? "TRUE" : value === "0" ? "FALSE" : "";
    case "n":
      return shownNumber(value, workbook.formats[style] ?? "number", workbook.isFrom1904);
    case "e":
      return "";
    default:
      return unescaped(value);
  }
}

/** Characters that XML cannot say are written by their number. */
function unescaped(text: string): string {
  return text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, code) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
}

/** The number of the column in a place as "AB12", from 1. */
function columnOf(place: string | undefined): number | undefined {
  const letters = /^[A-Z]{1,3}(?=\d)/.exec(place ?? "")?.[0];
  if (!letters) {
    return undefined;
  }
  let column = 0;
  for (const letter of letters) {
    column = column * 26 + letter.charCodeAt(0) - 64;
  }
  return column;
}
