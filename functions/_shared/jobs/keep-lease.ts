import { isLeaseLost } from "../errors/is-lease-lost.ts";

/** A lease that is being kept; its signal aborts with the queue's error once it is lost. */
export interface KeptLease {
  lost: AbortSignal;
  stop: () => void;
}

/**
 * Extends a lease again and again until told to stop. A passing failure is left to the next turn:
 * there are several before the lease runs out.
 */
export function keepLease(extend: () => Promise<void>, everyMs: number): KeptLease {
  const lost = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;

  const turn = async () => {
    try {
      await extend();
    } catch (error) {
      if (isLeaseLost(error)) {
        lost.abort(error);
        return;
      }
    }
    schedule();
  };
  const schedule = () => {
    if (!stopped) {
      timer = setTimeout(() => void turn(), everyMs);
    }
  };
  schedule();

  return {
    lost: lost.signal,
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
