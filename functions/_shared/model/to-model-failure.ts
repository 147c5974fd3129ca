import {
  APICallError,
  InvalidResponseDataError,
  JSONParseError,
  ToolChoiceViolationError,
  TypeValidationError,
} from "ai";
import { HttpError } from "../errors/http-error.ts";
import { OutboundFailure } from "../guard/outbound-failure.ts";
import { redact } from "../redact.ts";
import { ModelFailure } from "./model-failure.ts";
import type { ModelSettings } from "./model-settings.ts";
import { retryAfterSeconds } from "./retry-delay.ts";

/** Most characters of a provider's own words that are passed on. */
const QUOTE_CHARACTERS = 300;

/** Says in our words why a model call gave no answer, and whether to try again. */
export function toModelFailure(error: unknown, settings: ModelSettings): HttpError {
  const own = causes(error).find(
    (cause) => cause instanceof HttpError && !(cause instanceof OutboundFailure),
  ) as HttpError | undefined;
  if (own) {
    return own;
  }
  if (causes(error).some(isTimeout)) {
    const seconds = settings.timeoutMs / 1000;
    return new ModelFailure(
      504,
      "model_timeout",
      `The model ${settings.model} did not finish within ${seconds} s.`,
      { retryable: true, cause: error },
    );
  }
  if (APICallError.isInstance(error) && error.statusCode !== undefined) {
    return fromStatus(error, error.statusCode, settings);
  }
  if (ToolChoiceViolationError.isInstance(error)) {
    return new ModelFailure(
      502,
      "model_gave_no_answer",
      "The model went on calling tools when it had to answer.",
      { hint: "Ask for less at once, or raise the agent's context_window_size.", cause: error },
    );
  }
  if (isUnreadable(error)) {
    return new ModelFailure(
      502,
      "model_bad_answer",
      `The model provider's answer cannot be read${quote(error, settings)}.`,
      { retryable: true, cause: error },
    );
  }
  return new ModelFailure(502, "model_unavailable", "The model provider cannot be reached.", {
    retryable: true,
    hint: "Check the provider's address and whether it is up.",
    cause: error,
  });
}

function isTimeout(error: unknown): boolean {
  return error instanceof OutboundFailure
    ? error.code === "outbound_timeout"
    : error instanceof Error && error.name === "TimeoutError";
}

function fromStatus(error: APICallError, status: number, settings: ModelSettings): ModelFailure {
  const said = quote(error, settings);
  if (status < 400) {
    return new ModelFailure(
      502,
      "model_bad_answer",
      "The model provider's answer broke off or cannot be read.",
      {
        retryable: true,
        cause: error,
      },
    );
  }
  if (status === 401 || status === 403) {
    return new ModelFailure(
      502,
      "model_unauthorized",
      `The model provider refuses the key${said}.`,
      {
        hint: "Check the API key and what it may use.",
      },
    );
  }
  if (status === 404) {
    return new ModelFailure(
      502,
      "model_not_found",
      `The model provider knows no model ${settings.model}, or has another address${said}.`,
    );
  }
  if (status === 429) {
    const headers = new Headers(error.responseHeaders ?? {});
    return new ModelFailure(503, "model_rate_limited", `The model provider is busy${said}.`, {
      retryable: true,
      retryAfterSeconds: retryAfterSeconds(headers),
      hint: "Try again later.",
    });
  }
  if (status === 408 || status >= 500) {
    const headers = new Headers(error.responseHeaders ?? {});
    return new ModelFailure(
      502,
      "model_unavailable",
      `The model provider fails (${status})${said}.`,
      {
        retryable: true,
        retryAfterSeconds: retryAfterSeconds(headers),
      },
    );
  }
  return new ModelFailure(
    502,
    "model_refused",
    `The model provider refuses the request (${status})${said}.`,
  );
}

function isUnreadable(error: unknown): boolean {
  return (
    JSONParseError.isInstance(error) ||
    TypeValidationError.isInstance(error) ||
    InvalidResponseDataError.isInstance(error) ||
    !(error instanceof Error)
  );
}

function quote(error: unknown, settings: ModelSettings): string {
  const said = (error as { message?: unknown } | null)?.message;
  const text = typeof said === "string" && !isSdkText(error) ? said : "";
  const clean = redact(text, [settings.apiKey]).replace(/\s+/g, " ").trim().replace(/\.$/, "");
  return clean ? `: ${clean.slice(0, QUOTE_CHARACTERS)}` : "";
}

function isSdkText(error: unknown): boolean {
  return JSONParseError.isInstance(error) || TypeValidationError.isInstance(error);
}

function causes(error: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let at = error; at !== undefined && at !== null && chain.length < 8; ) {
    chain.push(at);
    at = at instanceof Error ? at.cause : undefined;
  }
  return chain;
}
