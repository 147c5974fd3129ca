import { stringify } from "csv-stringify/sync";

/** What a spreadsheet would take for a formula. A plain negative number is none. */
const formula = /^[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/;
const plainNumber = /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i;

/**
 * Rows as CSV (RFC 4180, lines ending in LF). A text that a spreadsheet would run gets an
 * apostrophe in front; an empty text is quoted, so that it differs from no value.
 */
export function toCsv(rows: readonly (readonly (string | null)[])[]): string {
  return stringify(
    rows.map((row) => row.map((value) => (value === null ? null : harmless(value)))),
    {
      quoted_match: /^$|[\r\n]/,
    },
  );
}

function harmless(value: string): string {
  return formula.test(value) && !plainNumber.test(value) ? `'${value}` : value;
}
