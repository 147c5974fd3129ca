import { OutboundFailure } from "./outbound-failure.ts";

/** When an exchange is over: by its caller's will, as a whole too late, or once it is settled. */
export interface Deadline {
  signal: AbortSignal;
  /** Waits for a step not beyond the deadline, nor longer than `ms` where that is given. */
  within<T>(step: Promise<T>, ms?: number): Promise<T>;
  /** Takes the timer back; nothing waits for it any more. */
  settle(): void;
}

/** A deadline that passes after `timeoutMs`, or when the caller's signal aborts. */
export function startDeadline(timeoutMs: number, caller?: AbortSignal | null): Deadline {
  const own = new AbortController();
  const timer = setTimeout(() => own.abort(tooSlow()), timeoutMs);
  const onAbort = () => own.abort(caller?.reason);
  caller?.addEventListener("abort", onAbort, { once: true });
  if (caller?.aborted) {
    onAbort();
  }
  const { signal } = own;

  return {
    signal,
    within: (step, ms) => race(step, signal, ms),
    settle() {
      clearTimeout(timer);
      caller?.removeEventListener("abort", onAbort);
    },
  };
}

function race<T>(step: Promise<T>, signal: AbortSignal, ms?: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = ms === undefined ? undefined : setTimeout(() => end(() => reject(tooSlow())), ms);
    const onAbort = () => end(() => reject(signal.reason));
    const end = (settle: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      settle();
    };
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) {
      onAbort();
    }
    step.then(
      (value) => end(() => resolve(value)),
      (error) => end(() => reject(error)),
    );
  });
}

function tooSlow(): OutboundFailure {
  return new OutboundFailure("outbound_timeout", "The server took too long to answer.");
}
