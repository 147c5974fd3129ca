import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import type { Session } from "../../../scripts/stack/database/index.ts";
import { splitStatements } from "../../../scripts/stack/database/index.ts";
import { inRolledBackSession } from "./prepared.ts";
import { parseTap, planProblem, type TapResult } from "./tap.ts";

interface Run {
  result: TapResult;
  /** What stopped the file before its end, as `line n: message`. */
  problem: string | undefined;
}

/**
 * Runs a pgTAP file and registers one vitest test for each of its assertions, and one more when the
 * file as a whole fails: an SQL error, a plan that does not hold, a transaction left open.
 */
export async function registerPgTap(path: string): Promise<void> {
  const { result, problem } = await runPgTap(readFileSync(path, "utf8"));
  for (const assertion of result.assertions) {
    it.skipIf(assertion.skipped)(assertion.description, () => {
      if (!assertion.passed) throw failure(`${assertion.description}\n${assertion.diagnostics}`);
      expect(assertion.passed).toBe(true);
    });
  }
  if (problem)
    it("runs to its end as planned", () => {
      throw failure(problem);
    });
}

/** Runs the statements of a pgTAP file one by one, so that what ran before an error still counts. */
export async function runPgTap(sql: string): Promise<Run> {
  const statements = splitStatements(sql).map(({ text, offset }) => ({
    text: withoutComments(text),
    line: sql.slice(0, offset + leadOf(text)).split("\n").length,
  }));
  const first = statements.shift();
  const last = statements.pop();
  if (first?.text !== "begin" || last?.text !== "rollback")
    return {
      result: parseTap([]),
      problem: "The file must begin with begin; and end with rollback;",
    };

  return inRolledBackSession(async (session) => {
    const lines: string[] = [];
    let problem: string | undefined;
    for (const statement of statements) {
      problem = await collect(session, statement, lines);
      if (problem) break;
    }
    const result = parseTap(lines);
    return { result, problem: problem ?? planProblem(result) };
  });
}

async function collect(
  session: Session,
  statement: { text: string; line: number },
  lines: string[],
): Promise<string | undefined> {
  if (/^(commit|rollback|end|begin|start transaction)$/i.test(statement.text))
    return `line ${statement.line}: "${statement.text}" inside the file's one transaction`;
  try {
    for (const row of await session.query(statement.text))
      for (const value of Object.values(row))
        if (typeof value === "string") lines.push(...value.split("\n"));
    return undefined;
  } catch (error) {
    const { message, detail, hint, where } = error as Record<string, string | undefined>;
    const rest = [detail, hint, where].filter(Boolean).join("\n");
    return `line ${statement.line}: ${message ?? String(error)}${rest && `\n${rest}`}`;
  }
}

function leadOf(text: string): number {
  return /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/.exec(text)?.[0].length ?? 0;
}

function withoutComments(text: string): string {
  return text.slice(leadOf(text)).trim();
}

/** An error without a stack: where it was thrown says nothing about the SQL. */
function failure(message: string): Error {
  const error = new Error(message);
  error.stack = "";
  return error;
}
