import { describeError } from "./errors/describe-error.ts";
import { CORRELATION_HEADER } from "./http/correlation-id.ts";
import type { Log } from "./log.ts";

/** Calls another function without waiting for its end. */
export type Wake = (name: string) => void;

/** What waking takes. */
export interface WakeOptions {
  /** The project's URL. */
  url: string;
  secretKey: string;
  correlationId: string;
  log: Log;
  waitUntil: (promise: Promise<unknown>) => void;
  fetch?: typeof fetch;
}

/** Wakes functions with a POST and the secret key; what goes wrong is logged, and cron comes again. */
export function waker({
  url,
  secretKey,
  correlationId,
  log,
  waitUntil,
  ...more
}: WakeOptions): Wake {
  const send = more.fetch ?? fetch;
  return (name) => {
    const done = send(`${url.replace(/\/$/, "")}/functions/v1/${name}`, {
      method: "POST",
      headers: {
        apikey: secretKey,
        "content-type": "application/json",
        [CORRELATION_HEADER]: correlationId,
      },
      body: "{}",
    }).then(
      async (response) => {
        await response.body?.cancel();
        if (!response.ok) {
          log("error", "a function did not wake", { name, status: response.status });
        }
      },
      (error) => log("error", "a function did not wake", { name, error: describeError(error) }),
    );
    waitUntil(done);
  };
}
