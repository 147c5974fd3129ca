import { relative } from "node:path";
import type { Statement } from "./split-statements.ts";

/** What Postgres tells about a failed statement, as far as either driver passes it on. */
interface PostgresFailure {
  message?: string;
  position?: string | number;
  detail?: string;
  hint?: string;
}

/** A migration that could not be applied or undone: `file:line: message`. */
export class MigrationError extends Error {
  override name = "MigrationError";

  constructor(
    readonly file: string,
    readonly line: number,
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`${relative(process.cwd(), file)}:${line}: ${reason}`, options);
  }
}

/** Says at which line of the file the statement failed. */
export function locateFailure(
  file: string,
  sql: string,
  statement: Statement,
  error: unknown,
): MigrationError {
  const failure = (error ?? {}) as PostgresFailure;
  const within = Math.max(Number(failure.position ?? 1) - 1, 0);
  const codeStart = failure.position ? within : leadingComments(statement.text);
  const line = sql.slice(0, statement.offset + codeStart).split("\n").length;
  const reason = [failure.message ?? String(error), failure.detail, failure.hint]
    .filter(Boolean)
    .join(" — ");
  return new MigrationError(file, line, reason, { cause: error });
}

/** A statement keeps the comments above it; the line to show is where its code starts. */
function leadingComments(text: string): number {
  return /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/.exec(text)?.[0].length ?? 0;
}
