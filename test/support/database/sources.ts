import { splitStatements } from "../../../scripts/stack/database/index.ts";

/** A migration or rollback as a rule sees it. */
export interface Source {
  name: string;
  sql: string;
}

/** Reads one source and answers what breaks the rule, each as `name:line: reason`. */
export type SourceRule = (source: Source) => string[];

const VERBS =
  /^(create|add|alter|drop|rename|move|grant|replace|split|merge|fill|seed|allow|forbid|enable|disable|let|keep|stop|give|make|set|tighten|loosen|restrict|require|remove|speed|correct|publish|schedule|extend|audit|search|archive|manage|refuse|check|limit|count|report|delete|clean|export|import|record|resolve|refresh|connect|authorize|confirm|assign|receive|guard|process|embed|sync|recall|revoke|forget|index)_/;

/** Founding migrations are numbered 20260101HHMM00; later ones carry real UTC time and start with a verb. */
export const isNamedByRule: SourceRule = ({ name }) => {
  const match = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})_([a-z][a-z0-9_]*)\.sql$/.exec(name);
  if (!match) return [`${name}: not <14 digits>_<name in snake_case>.sql`];
  const [, year, month, day, hour, minute, second, noun = ""] = match;
  if (name.startsWith("20260101"))
    return second === "00" ? [] : [`${name}: a founding migration ends its number with 00`];
  const time = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const instant = new Date(`${time}Z`);
  if (Number.isNaN(instant.getTime()) || !instant.toISOString().startsWith(time))
    return [`${name}: its number is not a time`];
  return VERBS.test(noun) ? [] : [`${name}: a later migration starts with a verb`];
};

/** The first line says why the file exists. */
export const startsWithReason: SourceRule = ({ name, sql }) =>
  /^-- \S/.test(sql) ? [] : [`${name}:1: does not start with a comment that says why it exists`];

/** Lines end before column 101, without tabs or trailing spaces, and keywords are lowercase. */
export const isSetInHouseStyle: SourceRule = ({ name, sql }) =>
  sql.split("\n").flatMap((line, index) => {
    const at = `${name}:${index + 1}:`;
    const code = line.replace(/--.*$/, "").replace(/'(?:[^']|'')*'/g, "''");
    const problems: string[] = [];
    if (line.length > 100) problems.push(`${at} ${line.length} columns`);
    if (/\t|\s$/.test(line)) problems.push(`${at} a tab or trailing space`);
    if (/\b(CREATE|SELECT|INSERT|UPDATE|DELETE|BEGIN|END|RETURNS|WHERE|FROM|GRANT)\b/.test(code))
      problems.push(`${at} a keyword in capitals`);
    return problems;
  });

const CLAUSES: [string, RegExp][] = [
  ["returns", /\breturns\b/],
  ["language", /\blanguage\s/],
  ["volatility", /\b(immutable|stable|volatile)\b/],
  ["security", /\bsecurity\s+(definer|invoker)\b/],
  ["search_path", /\bset\s+search_path\s*(=|to)\s*''/],
];

/** Every function states volatility and search_path, its clauses in the house order. */
export const statesItsClauses: SourceRule = (source) =>
  functionsOf(source).flatMap(({ at, header, hasOutParameters }) => {
    const found = CLAUSES.map(([clause, pattern]) => ({ clause, at: header.search(pattern) }));
    const missing = found
      .filter((each) => each.at < 0 && each.clause !== "security")
      .filter((each) => each.clause !== "returns" || !hasOutParameters)
      .map((each) => `${at} does not state its ${each.clause}`);
    const present = found.filter((each) => each.at >= 0);
    const ordered = present.every(
      (each, index) => index === 0 || each.at > (present[index - 1]?.at ?? 0),
    );
    return ordered
      ? missing
      : [
          ...missing,
          `${at} clauses are not in the order ${CLAUSES.map(([name]) => name).join(", ")}`,
        ];
  });

/** A definer says why on the same line. */
export const explainsDefiners: SourceRule = ({ name, sql }) =>
  sql
    .split("\n")
    .flatMap((line, index) =>
      /^\s*security\s+definer\b/.test(line) && !/security\s+definer\s+-- \S/.test(line)
        ? [`${name}:${index + 1}: security definer without its reason on the line`]
        : [],
    );

/** Errors carry a PTxyz state, a message, a machine key in detail and a hint. */
export const raisesForTheCaller: SourceRule = (source) =>
  functionsOf(source).flatMap(({ at, body }) =>
    splitStatements(body).flatMap(({ text }) => {
      const bare = text.replace(/--[^\n]*|'(?:[^']|'')*'/g, (part) =>
        /^'PT\d{3}'$/.test(part) ? part : "''",
      );
      const raise = /\braise\s+(?!notice\b|log\b|debug\b|info\b|warning\b)(\S[\s\S]*)$/.exec(
        bare,
      )?.[1];
      if (raise === undefined) return [];
      const missing = ["message", "detail", "hint"].filter(
        (part) => !new RegExp(`\\b${part}\\s*=`).test(raise),
      );
      if (!/^sqlstate\s+'PT\d{3}'/.test(raise)) return [`${at} raises without a PTxyz state`];
      return missing.length > 0 ? [`${at} raises without ${missing.join(", ")}`] : [];
    }),
  );

interface FunctionSource {
  /** `file:line: name`, to begin a report with. */
  at: string;
  /** The clauses between the arguments and the body. */
  header: string;
  body: string;
  /** These are what the function returns, in place of the clause. */
  hasOutParameters: boolean;
}

function functionsOf({ name, sql }: Source): FunctionSource[] {
  return splitStatements(sql).flatMap(({ text, offset }) => {
    const start = text.search(/^create\s+(or\s+replace\s+)?function\s/im);
    if (start < 0 || /^\s*(comment|grant|revoke|do)\b/i.test(text.replace(/^(\s*--[^\n]*\n)*/, "")))
      return [];
    const definition = text.slice(start);
    const quote = /\bas\s+(\$\w*\$)/.exec(definition);
    const header = quote ? definition.slice(0, quote.index) : definition;
    const body = quote
      ? definition.slice(quote.index + quote[0].length, definition.lastIndexOf(quote[1] ?? "$$"))
      : "";
    const called = /function\s+([\w."]+)/i.exec(definition)?.[1];
    const line = sql.slice(0, offset + start).split("\n").length;
    return [
      {
        at: `${name}:${line}: ${called}`,
        header: withoutArguments(header),
        body,
        hasOutParameters: /[(,]\s*(in)?out\s/.test(header),
      },
    ];
  });
}

/** The header without its argument list, whose names may look like clauses. */
function withoutArguments(header: string): string {
  const open = header.indexOf("(");
  let depth = 0;
  for (let at = open; at < header.length; at += 1) {
    if (header[at] === "(") depth += 1;
    if (header[at] === ")") depth -= 1;
    if (depth === 0) return header.slice(0, open) + header.slice(at + 1).replace(/--[^\n]*/g, "");
  }
  return header;
}
