import { HttpError } from "../errors/http-error.ts";
import { OutboundFailure } from "../guard/outbound-failure.ts";
import { sleep } from "../sleep.ts";
import { ModelFailure } from "./model-failure.ts";
import { backoffMs, retryAfterSeconds } from "./retry-delay.ts";

/** How a model call's requests behave. */
export interface ModelFetchOptions {
  fetch: typeof fetch;
  /** Attempts after the first. */
  maxRetries: number;
  /** Waits longer than this are left to the queue. */
  maxWaitMs: number;
  /** Largest answer, in bytes: what a provider sends must not fill the memory. */
  maxBytes: number;
  /** Told of each attempt after the first. */
  onRetry: () => void;
}

/** A call's usual patience: three more attempts, none after a wait of over 20 s, 8 MB. */
export const PATIENCE = { maxRetries: 3, maxWaitMs: 20_000, maxBytes: 8_000_000 };

/**
 * A fetch for models: tries again on 429, 408, 5xx and network errors, as the provider asks by
 * retry-after or with growing waits; follows no redirect, which could lead past the URL guard; and
 * ends an answer that grows too large.
 *
 * Done here, before the SDK reads anything, it serves streams too, and each attempt is counted
 * (the SDK's own retries honour retry-after as well, but not above 60 s and without a count).
 */
export function modelFetch(options: ModelFetchOptions): typeof fetch {
  return async (input, init) => {
    const signal = init?.signal ?? undefined;

    for (let attempt = 0; ; attempt += 1) {
      let response: Response | null = null;
      let failure: unknown;
      try {
        response = await options.fetch(input, { ...init, redirect: "manual" });
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof HttpError && !(error instanceof OutboundFailure)) {
          throw error; // refused by the guard, and so it will be again
        }
        failure = error;
      }
      if (response && !isPassing(response.status)) {
        return limited(refuseRedirect(response), options.maxBytes);
      }
      const asked = response ? retryAfterSeconds(response.headers) : null;
      const wait = asked === null ? backoffMs(attempt) : asked * 1000;
      if (attempt >= options.maxRetries || wait > options.maxWaitMs) {
        if (response) {
          return limited(response, options.maxBytes);
        }
        throw failure;
      }
      await response?.body?.cancel();
      await sleep(wait, signal);
      options.onRetry();
    }
  };
}

function isPassing(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

function refuseRedirect(response: Response): Response {
  if (response.type === "opaqueredirect" || (response.status >= 300 && response.status < 400)) {
    throw new ModelFailure(
      502,
      "model_redirected",
      "The model provider answered with a redirect, which is not followed.",
      { hint: "Give the provider's final address." },
    );
  }
  return response;
}

function limited(response: Response, maxBytes: number): Response {
  if (!response.body) {
    return response;
  }
  let bytes = 0;
  const body = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        bytes += chunk.byteLength;
        if (bytes > maxBytes) {
          controller.error(
            new ModelFailure(502, "model_bad_answer", "The model provider's answer is too large."),
          );
        } else {
          controller.enqueue(chunk);
        }
      },
    }),
  );
  const { status, statusText, headers } = response;
  return new Response(body, { status, statusText, headers });
}
