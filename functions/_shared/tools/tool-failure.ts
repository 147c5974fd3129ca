import { HttpError } from "../errors/http-error.ts";
import { redact } from "../redact.ts";
import { cleanText } from "./clean-document.ts";

const MOST_CHARACTERS = 1000;

/** A tool that was not allowed to run; its sentence says why. */
export class ToolDenied extends Error {
  override name = "ToolDenied";
}

/** A failure as sentences for a model: what happened, and what can be done about it. */
export function toolFailureText(error: unknown, secrets: readonly string[] = []): string {
  const text =
    error instanceof HttpError
      ? [error.message, error.hint].filter(Boolean).join(" ")
      : error instanceof ToolDenied
        ? error.message
        : "The tool failed for a reason of its own. Do not try the same again.";
  return redact(cleanText(text, secrets)).slice(0, MOST_CHARACTERS);
}
