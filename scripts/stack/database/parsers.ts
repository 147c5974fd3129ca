import pg from "pg";

const oid = { int8: 20, json: 114, jsonb: 3802, numeric: 1700 };
/** date, time, timestamp, timestamptz, timetz */
const instants = new Set([1082, 1083, 1114, 1184, 1266]);

type Parser = (text: string) => unknown;

const bigint: Parser = (text) => {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
};

const numeric: Parser = (text) => {
  const number = Number(text);
  return Number.isFinite(number) && String(number) === text ? number : text;
};

/**
 * How values arrive: whole numbers and numerics as numbers while exact, json parsed, instants as
 * Postgres writes them. It is what @supabase/lite expects, so one session serves both.
 */
export const parsers: Record<number, Parser> = {
  [oid.int8]: bigint,
  [oid.json]: JSON.parse,
  [oid.jsonb]: JSON.parse,
  [oid.numeric]: numeric,
  ...Object.fromEntries([...instants].map((type) => [type, (text: string) => text])),
};

/** The parser of a type for `pg`: ours, or else the driver's own. */
export function parseValue(type: number): Parser {
  return parsers[type] ?? pg.types.getTypeParser(type);
}
