/** One statement of an SQL file, with the line it starts on. */
export interface Statement {
  sql: string;
  line: number;
}

// What a semicolon may hide in: comments, quoted strings (E'' with backslashes), identifiers, $tag$ bodies.
const OPAQUE =
  /--[^\n]*|\/\*[\s\S]*?\*\/|\b[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|(\$(?:[A-Za-z_]\w*)?\$)[\s\S]*?\1/y;

/**
 * Splits SQL into statements at its top-level semicolons, so that each can be sent alone and an
 * error names its line. Knows Postgres' quoting; does not know `begin atomic` function bodies.
 */
export function splitStatements(text: string): Statement[] {
  const statements: Statement[] = [];
  let start = 0;
  let position = 0;
  const push = (end: number) => {
    const raw = text.slice(start, end);
    const lead = /^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/.exec(raw)?.[0].length ?? 0;
    const sql = raw.slice(lead).trim();
    if (sql) statements.push({ sql, line: text.slice(0, start + lead).split("\n").length });
    start = end + 1;
  };
  while (position < text.length) {
    OPAQUE.lastIndex = position;
    const opaque = OPAQUE.exec(text);
    if (opaque) {
      position = OPAQUE.lastIndex;
      continue;
    }
    if (text[position] === ";") push(position);
    position += 1;
  }
  push(text.length);
  return statements;
}
