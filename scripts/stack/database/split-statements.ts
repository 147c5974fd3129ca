/** One statement of a file and the offset at which it starts there. */
export interface Statement {
  text: string;
  offset: number;
}

/**
 * Splits a file into statements as the Supabase CLI does when it records a migration: at each
 * semicolon outside quotes, comments, dollar quotes and `begin atomic … end`; the semicolon and
 * the space around are dropped, comments stay with the statement that follows them.
 */
export function splitStatements(sql: string): Statement[] {
  const statements: Statement[] = [];
  let start = 0;
  let depth = 0;

  const end = (at: number) => {
    const raw = sql.slice(start, at);
    const text = raw.trim();
    if (text) statements.push({ text, offset: start + raw.indexOf(text) });
    start = at + 1;
  };

  let at = 0;
  while (at < sql.length) {
    const skipped = skipQuoted(sql, at);
    if (skipped > at) {
      at = skipped;
      continue;
    }
    const word = wordAt(sql, at);
    if (word) {
      depth = nextDepth(sql, at, word.toLowerCase(), depth);
      at += word.length;
      continue;
    }
    if (sql[at] === ";" && depth === 0) end(at);
    at += 1;
  }
  end(sql.length);
  return statements;
}

/** Inside `begin atomic` every `case` needs an `end` of its own. */
function nextDepth(sql: string, at: number, word: string, depth: number): number {
  if (word === "begin" && /^begin\s+atomic\b/i.test(sql.slice(at, at + 200))) return depth + 1;
  if (depth === 0) return 0;
  if (word === "case") return depth + 1;
  return word === "end" ? depth - 1 : depth;
}

function wordAt(sql: string, at: number): string | undefined {
  if (!/[A-Za-z_\u0080-\uffff]/.test(sql[at] ?? "")) return undefined;
  return /^[\w$\u0080-\uffff]+/.exec(sql.slice(at, at + 256))?.[0];
}

/** The end of the comment or quotation that starts here, or the same place if none does. */
function skipQuoted(sql: string, at: number): number {
  const two = sql.slice(at, at + 2);
  if (two === "--") return endOf(sql.indexOf("\n", at), sql);
  if (two === "/*") return skipBlockComment(sql, at);
  if (sql[at] === "'") return skipString(sql, at, false);
  if (/^e'/i.test(two)) return skipString(sql, at + 1, true);
  if (sql[at] === '"') return endOf(sql.indexOf('"', at + 1), sql, 1);
  if (sql[at] === "$") return skipDollarQuote(sql, at);
  return at;
}

function skipBlockComment(sql: string, from: number): number {
  let depth = 0;
  for (let at = from; at < sql.length; at += 1) {
    const two = sql.slice(at, at + 2);
    if (two === "/*") depth += 1;
    else if (two === "*/") depth -= 1;
    else continue;
    at += 1;
    if (depth === 0) return at + 1;
  }
  return sql.length;
}

function skipString(sql: string, from: number, escapes: boolean): number {
  for (let at = from + 1; at < sql.length; at += 1) {
    if (escapes && sql[at] === "\\") at += 1;
    else if (sql[at] === "'") return at + 1;
  }
  return sql.length;
}

function skipDollarQuote(sql: string, at: number): number {
  const tag = /^\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/.exec(
    sql.slice(at, at + 128),
  )?.[0];
  if (!tag) return at;
  return endOf(sql.indexOf(tag, at + tag.length), sql, tag.length);
}

function endOf(found: number, sql: string, length = 0): number {
  return found < 0 ? sql.length : found + length;
}
