/** Calls the scheduler as pg_cron does on Supabase. */
export interface Ticker {
  stop(): void;
}

/** Whom to call. */
export interface TickerOptions {
  url: string;
  secretKey: string;
  log: (line: string) => void;
}

const intervalMs = 3000;
const patienceMs = 30_000;

/**
 * Calls the function `task-scheduler` every three seconds, never twice at once. Quiet while there
 * is no such function; a failure is logged when it is another than the last one.
 */
export function startTicker({ url, secretKey, log }: TickerOptions): Ticker {
  const stopped = new AbortController();
  let timer: NodeJS.Timeout;
  let lastFailure = "";

  const tick = async () => {
    const failure = await callScheduler().catch((error: Error) => error.message);
    if (stopped.signal.aborted) return;
    if (failure && failure !== lastFailure) log(`ticker: ${failure}`);
    lastFailure = failure;
    timer = setTimeout(tick, intervalMs);
  };
  timer = setTimeout(tick, intervalMs);

  async function callScheduler(): Promise<string> {
    const response = await fetch(`${url}/functions/v1/task-scheduler`, {
      method: "POST",
      headers: { apikey: secretKey, "content-type": "application/json" },
      body: "{}",
      signal: AbortSignal.any([stopped.signal, AbortSignal.timeout(patienceMs)]),
    });
    const answer = await response.text();
    if (response.ok || response.status === 404) return "";
    return `task-scheduler answered ${response.status}: ${answer.slice(0, 500)}`;
  }

  return {
    stop() {
      stopped.abort();
      clearTimeout(timer);
    },
  };
}
