import { parse } from "csv-parse/sync";
import { cleanLine } from "./clean-text.ts";
import { sniffDelimiter } from "./csv-delimiter.ts";
import { decodeBytes } from "./decode-bytes.ts";
import { type Block, DocumentError, type OpenFormat } from "./document.ts";
import { empty, requireSize, tooLarge } from "./refusals.ts";
import { findHeader, HEADER_ROWS, rowBlocks } from "./table-header.ts";

const MOST_MEGABYTES = 32;
/** A unit ends after as many rows, or as many bytes. */
const UNIT_ROWS = 200;
const UNIT_BYTES = 64 * 1024;
/** A longer one is a quotation mark that nobody closed. */
const MOST_RECORD_BYTES = 256 * 1024;
/** The library takes its time for rows that are of another length than the first. */
const MOST_ROWS = 500_000;

interface Dialect {
  delimiter: string;
  quote: '"' | false;
}

/** Where a table's units begin, as parsed once from end to end. */
interface Layout {
  starts: number[];
  first: string[][];
  rows: number;
}

/** Opens tables of text whatever parts their cells, range of rows by range of rows. */
export const openCsv: OpenFormat = async (bytes, { fileName, signal }) => {
  requireSize(bytes, MOST_MEGABYTES);
  const { delimiter, text } = sniffDelimiter(decodeBytes(bytes), fileName);
  signal.throwIfAborted();
  requireShortLines(text);
  let data: Uint8Array = new TextEncoder().encode(text);
  const { dialect, layout } = understand(data, delimiter, signal);
  const { starts, rows } = layout;
  if (rows === 0) {
    throw empty();
  }
  const header = findHeader(layout.first);

  return {
    format: "csv",
    title: null,
    units: starts.length,
    hasPages: false,
    async read(from, to, reading) {
      const blocks: Block[] = [];
      const part = data.subarray(starts[from - 1] ?? data.length, starts[to] ?? data.length);
      eachRecord(part, dialect, (record, { records }) => {
        reading.throwIfAborted();
        const place = from === 1 ? records - 1 : HEADER_ROWS;
        blocks.push(...rowBlocks(record.map(cleanLine), place, header));
      });
      return blocks;
    },
    async close() {
      data = new Uint8Array();
    },
  };
};

/** A row becomes a list of its cells, and a line of nothing but delimiters has millions of them. */
function requireShortLines(text: string): void {
  for (let begin = 0; begin < text.length; ) {
    const end = text.indexOf("\n", begin) + 1 || text.length;
    if (end - begin > MOST_RECORD_BYTES) {
      throw tooLarge("256 kB in one row");
    }
    begin = end;
  }
}

/** Quotation marks that do not come in pairs are characters like any other. */
function understand(data: Uint8Array, delimiter: string, signal: AbortSignal) {
  let dialect: Dialect = { delimiter, quote: '"' };
  try {
    return { dialect, layout: layoutOf(data, dialect, signal) };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof DocumentError) {
      throw error;
    }
    dialect = { delimiter, quote: false };
    return { dialect, layout: layoutOf(data, dialect, signal) };
  }
}

function layoutOf(data: Uint8Array, dialect: Dialect, signal: AbortSignal): Layout {
  const layout: Layout = { starts: [0], first: [], rows: 0 };
  let begin = 0;
  let rowsOfUnit = 0;
  let end = 0;
  eachRecord(data, dialect, (record, { bytes }) => {
    signal.throwIfAborted();
    if (layout.rows < HEADER_ROWS) {
      layout.first.push(record.map(cleanLine));
    } else if (rowsOfUnit === UNIT_ROWS || end - begin > UNIT_BYTES) {
      layout.starts.push(end);
      begin = end;
      rowsOfUnit = 0;
    }
    layout.rows += 1;
    if (layout.rows > MOST_ROWS) {
      throw tooLarge("500,000 rows");
    }
    rowsOfUnit += 1;
    end = bytes;
  });
  return layout;
}

/** Parses records one by one, and keeps none. */
function eachRecord(
  data: Uint8Array,
  { delimiter, quote }: Dialect,
  take: (record: string[], info: { bytes: number; records: number }) => void,
): void {
  parse(data, {
    delimiter,
    quote,
    record_delimiter: "\n",
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: MOST_RECORD_BYTES,
    on_record: (record: string[], { bytes, records }) => {
      take(record, { bytes, records });
      return null;
    },
  });
}
