import { HttpError, type HttpErrorOptions } from "../errors/http-error.ts";
import { redact } from "../redact.ts";

/** Why an MCP server did not do what it was asked. */
export type McpFailureCode =
  /** It took too long, as a whole. */
  | "mcp_timeout"
  /** It refuses the secret, or wants one. */
  | "mcp_unauthorized"
  /** It cannot be reached, or answers with an HTTP error. */
  | "mcp_unreachable"
  /** What it says is no MCP, or breaks its rules. */
  | "mcp_bad_answer"
  /** It says or asks more than is listened to. */
  | "mcp_too_much"
  /** It answered a request with an error of its own. */
  | "mcp_refused";

/** A failure of an MCP server, in a sentence without its secrets. */
export class McpFailure extends HttpError {
  override name = "McpFailure";

  constructor(code: McpFailureCode, message: string, options?: HttpErrorOptions) {
    super(code === "mcp_timeout" ? 504 : 502, code, message, options);
  }
}

/** Words of a server in a sentence of ours: short, on one line, without what looks like a key. */
export function quoted(words: string, secrets: readonly (string | null)[] = []): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  const plain = redact(words.slice(0, 2000), secrets).replace(/[\u0000-\u001f\u007f\s]+/g, " ");
  return plain.trim().slice(0, 300);
}
