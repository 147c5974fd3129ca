/** One server-sent event; its data goes out as JSON. */
export interface ServerSentEvent {
  event: string;
  data: unknown;
}

/** How often a silent stream says that it is alive, so that proxies do not close it. */
const KEEP_ALIVE_MS = 15_000;

/**
 * Streams events to the client as they come.
 *
 * When the client goes away the given controller aborts; the producer then has the time it needs
 * to settle what it began, and `settled` (given to the platform's waitUntil) waits for that.
 */
export function sse(
  events: AsyncIterable<ServerSentEvent>,
  gone: AbortController,
): { response: Response; settled: Promise<void> } {
  const encoder = new TextEncoder();
  let finish = () => {};
  const settled = new Promise<void>((resolve) => {
    finish = resolve;
  });

  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const send = (text: string) => {
        if (!gone.signal.aborted) {
          controller.enqueue(encoder.encode(text));
        }
      };
      const alive = setInterval(() => send(": alive\n\n"), KEEP_ALIVE_MS);

      void (async () => {
        try {
          for await (const { event, data } of events) {
            send(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
          }
          if (!gone.signal.aborted) {
            controller.close();
          }
        } catch (error) {
          controller.error(error);
        } finally {
          clearInterval(alive);
          finish();
        }
      })();
    },
    cancel() {
      gone.abort(new DOMException("The client went away.", "AbortError"));
    },
  });

  const response = new Response(body, {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache, no-transform",
      "x-accel-buffering": "no",
    },
  });
  return { response, settled };
}
