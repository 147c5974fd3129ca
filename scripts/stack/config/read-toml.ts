/** A value of a TOML file, as far as Supabase's config.toml uses them. */
export type TomlValue = string | number | boolean | TomlValue[];
/** The tables of a file by their full name, e.g. `functions.agent-chat`. */
export type TomlTables = Record<string, Record<string, TomlValue>>;

/**
 * Reads the part of TOML that config.toml is written in: tables, and keys with strings, numbers,
 * booleans and arrays of them, each on one line.
 */
export function readToml(text: string): TomlTables {
  const tables: TomlTables = { "": {} };
  let table = "";
  for (const [index, raw] of text.split("\n").entries()) {
    const line = withoutComment(raw).trim();
    if (!line) continue;
    const header = /^\[([^[\]]+)\]$/.exec(line)?.[1];
    if (header) {
      table = header.trim().replaceAll('"', "");
      tables[table] ??= {};
      continue;
    }
    const [, key, value] = /^([\w.-]+|"[^"]+")\s*=\s*(.+)$/.exec(line) ?? [];
    if (!key || !value) throw new Error(`line ${index + 1} is neither a table nor a key`);
    Object.assign(tables[table] ?? {}, { [key.replaceAll('"', "")]: readValue(value, index + 1) });
  }
  return tables;
}

function withoutComment(line: string): string {
  return /^(?:[^"'#]|"(?:[^"\\]|\\.)*"|'[^']*')*/.exec(line)?.[0] ?? line;
}

function readValue(text: string, line: number): TomlValue {
  if (text === "true" || text === "false") return text === "true";
  if (/^[+-]?[\d_]+(\.\d+)?$/.test(text)) return Number(text.replaceAll("_", ""));
  if (/^'[^']*'$/.test(text)) return text.slice(1, -1);
  try {
    // Basic strings and arrays of them are written as in JSON, but for a comma before the bracket.
    return JSON.parse(text.replace(/,\s*\]$/, "]")) as TomlValue;
  } catch (error) {
    throw new Error(`line ${line} has a value that cannot be read: ${text}`, { cause: error });
  }
}
