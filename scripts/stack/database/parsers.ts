import pg from "pg";

const type = {
  bool: 16,
  bytea: 17,
  int8: 20,
  int2: 21,
  int4: 23,
  oid: 26,
  json: 114,
  float4: 700,
  float8: 701,
  timestamp: 1114,
  date: 1082,
  time: 1083,
  timestamptz: 1184,
  timetz: 1266,
  numeric: 1700,
  jsonb: 3802,
};

/** Turns the text of a value into what JavaScript sees. */
export type Parser = (text: string) => unknown;

const asText: Parser = (text) => text;

const bigint: Parser = (text) => {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
};

const numeric: Parser = (text) => {
  const number = Number(text);
  return Number.isFinite(number) && String(number) === text ? number : text;
};

/** As Postgres writes instants in JSON, and so PostgREST answers them: ISO 8601. */
const instant: Parser = (text) =>
  text.replace(/^(\d{4,}-\d\d-\d\d) /, "$1T").replace(/([+-]\d\d)$/, "$1:00");

/**
 * How values arrive, from either driver: whole numbers and numerics as numbers while exact, json
 * parsed, instants in ISO 8601, bytes as `\x…`; anything else as its text.
 */
export const parsers: Record<number, Parser> = {
  [type.bool]: (text) => text === "t",
  [type.bytea]: asText,
  [type.int2]: Number,
  [type.int4]: Number,
  [type.oid]: Number,
  [type.float4]: Number,
  [type.float8]: Number,
  [type.int8]: bigint,
  [type.numeric]: numeric,
  [type.json]: JSON.parse,
  [type.jsonb]: JSON.parse,
  [type.date]: asText,
  [type.time]: asText,
  [type.timetz]: asText,
  [type.timestamp]: (text) => text.replace(/^(\d{4,}-\d\d-\d\d) /, "$1T"),
  [type.timestamptz]: instant,
};

/** Which types are arrays, and of what: answers `[array, element]` pairs. */
export const arrayTypes = `
  select oid::int8 as array, typelem::int8 as element
  from pg_catalog.pg_type
  where typcategory = 'A' and typelem <> 0
`;

interface ArrayParser {
  create(text: string, parse: Parser): { parse(): unknown[] };
}

/** The parser of a type for `pg`, which knows only the arrays of some built-in types. */
export function parserOf(oid: number, elements: ReadonlyMap<number, number>): Parser {
  const element = elements.get(oid);
  if (element === undefined) return parsers[oid] ?? asText;
  const { arrayParser } = pg.types as unknown as { arrayParser: ArrayParser };
  const parse = parsers[element] ?? asText;
  return (text) => arrayParser.create(text, parse).parse();
}
