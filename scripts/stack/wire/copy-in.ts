import { splitStatements } from "../database/split-statements.ts";

/** How a message relates to `copy … from stdin`. */
export type CopyKind = "none" | "copy" | "unsupported";

/**
 * PGlite reads a copy's data from the very buffer that brought the command, and is beyond help
 * when that ends too early. So a copy is collected whole before it is handed over; one that
 * cannot be recognized with certainty, for being in the middle of other statements, is refused.
 */
export function copyKind(type: string, message: Uint8Array): CopyKind {
  if (type !== "Q" && type !== "P") return "none";
  const text = Buffer.from(message.subarray(5)).toString("utf8");
  if (!/\bcopy\b/i.test(text) || !/\bstdin\b/i.test(text)) return "none";
  const statements = splitStatements(text.replace(/\0[\s\S]*$/, ""));
  const alone = type === "Q" && statements.length === 1;
  const bare = /^(?:\s+|--[^\n]*\n|\/\*[\s\S]*?\*\/)*copy\b[\s\S]*\bfrom\s+stdin\b/i;
  if (alone && bare.test(statements[0]?.text ?? "")) return "copy";
  return statements.some(({ text }) => bare.test(text)) || type === "P" ? "unsupported" : "none";
}

/** CopyInResponse, text format: tells the client to send its data. */
export const copyInResponse = Buffer.from([0x47, 0, 0, 0, 7, 0, 0, 0]);

/** The answer without PGlite's own CopyInResponse, which the client has had already. */
export function withoutCopyInResponse(answer: Buffer): Buffer {
  const kept: Buffer[] = [];
  for (let at = 0; at + 5 <= answer.length; ) {
    const end = at + 1 + answer.readInt32BE(at + 1);
    if (answer[at] !== 0x47) kept.push(answer.subarray(at, end));
    at = end;
  }
  return Buffer.concat(kept);
}
