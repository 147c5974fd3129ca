import { ByteReader, brokeOff } from "./byte-reader.ts";
import type { Connection } from "./connection.ts";
import type { Deadline } from "./deadline.ts";
import { decompressed } from "./decompressed.ts";
import { OutboundFailure } from "./outbound-failure.ts";
import { limitBytes, type ResponseHead, readBody, readHead } from "./read-response.ts";
import type { OutboundRequest } from "./redirect.ts";
import { writeRequest } from "./write-request.ts";

/** What an exchange is held to. */
export interface ExchangeLimits {
  deadline: Deadline;
  /** Longest silence. */
  idleMs: number;
  maxBytes: number;
}

/** A response, and when its connection is no longer needed. */
export interface Exchange {
  response: Response;
  ended: Promise<void>;
}

const WITHOUT_BODY = [204, 205, 304];

/**
 * Sends a request over a connection of its own and answers as soon as the head of the response is
 * there; its body streams. The connection closes with the body, at the deadline, or on a failure.
 *
 * HTTP/1.1 is spoken here, not by `fetch` or `node:https`, because neither can be told in every
 * runtime which address to connect to: `fetch` looks names up for itself, and the Edge Runtime's
 * `node:https` refuses `lookup` and passes over `createConnection`.
 */
export async function exchange(
  connection: Connection,
  request: OutboundRequest,
  { deadline, idleMs, maxBytes }: ExchangeLimits,
): Promise<Exchange> {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const close = () => {
    deadline.signal.removeEventListener("abort", close);
    connection.close();
    end();
  };
  // Also when nobody is reading just then.
  deadline.signal.addEventListener("abort", close, { once: true });

  const reader = new ByteReader(() => within(connection.read(), deadline, idleMs));
  try {
    // Read at once: a server may answer before it has all of the request, and hang up.
    const sent = within(connection.write(writeRequest(request)), deadline);
    sent.catch(() => undefined);
    const head = await readHead(reader);
    return { response: toResponse(head, request, reader, maxBytes, close), ended };
  } catch (error) {
    close();
    throw error;
  }
}

function toResponse(
  { status, statusText, headers }: ResponseHead,
  request: OutboundRequest,
  reader: ByteReader,
  maxBytes: number,
  close: () => void,
): Response {
  let body: ReadableStream<Uint8Array<ArrayBuffer>> | null = null;
  if (request.method === "HEAD" || WITHOUT_BODY.includes(status)) {
    close();
  } else {
    const framed = limitBytes(readBody(reader, headers, maxBytes), maxBytes);
    const plain = decompressed(framed, headers.get("content-encoding"));
    body = streamOf(limitBytes(plain, maxBytes), close);
  }
  const response = new Response(body, { status, statusText, headers: readable(headers) });
  Object.defineProperty(response, "url", { value: request.url.href });
  return response;
}

/** The headers without those of the connection and of a coding that is undone. */
function readable(given: Headers): Headers {
  const headers = new Headers(given);
  const packed = headers.has("content-encoding") ? ["content-encoding", "content-length"] : [];
  const gone = ["connection", "keep-alive", "transfer-encoding", "trailer", "upgrade", ...packed];
  for (const name of gone) {
    headers.delete(name);
  }
  return headers;
}

/** A stream that takes a piece when one is asked for, and closes the connection when it ends. */
function streamOf(
  pieces: AsyncGenerator<Uint8Array, void>,
  close: () => void,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { value, done } = await pieces.next();
          if (done) {
            close();
            controller.close();
          } else {
            controller.enqueue(new Uint8Array(value));
          }
        } catch (error) {
          close();
          controller.error(error);
        }
      },
      cancel: close,
    },
    { highWaterMark: 0 },
  );
}

/** A step of the connection; what the runtime throws becomes a failure of ours. */
async function within<T>(step: Promise<T>, deadline: Deadline, ms?: number): Promise<T> {
  try {
    return await deadline.within(step, ms);
  } catch (error) {
    deadline.signal.throwIfAborted();
    throw error instanceof OutboundFailure ? error : brokeOff(error);
  }
}
