import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as it came over the wire. */
export interface ApiRequest {
  method: string;
  /** The path as it was written, without the query. */
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** What a server answers; 200 unless said. */
export interface ApiAnswer {
  status?: number;
  headers?: Record<string, string>;
  json?: unknown;
  body?: string | Uint8Array;
}

/** A provider's API on loopback. */
export interface TestApi {
  /** Its address, without a slash at the end. */
  url: string;
  /** All it was asked, in order. */
  requests: ApiRequest[];
  /** Requests that were being answered at once, at most. */
  mostAtOnce(): number;
  /** What it answers next, whatever is asked. */
  answerNext(answer: ApiAnswer): void;
  /** Forgets requests and answers. */
  forget(): void;
  close(): Promise<void>;
}

/** Starts a server that answers as a provider's documentation says. */
export async function startApi(
  answer: (request: ApiRequest) => ApiAnswer | Promise<ApiAnswer>,
): Promise<TestApi> {
  const requests: ApiRequest[] = [];
  const planned: ApiAnswer[] = [];
  let atOnce = 0;
  let most = 0;
  const server = createServer(async (incoming, outgoing) => {
    atOnce += 1;
    most = Math.max(most, atOnce);
    const body: Buffer[] = [];
    for await (const piece of incoming) {
      body.push(piece);
    }
    const [path = "", query = ""] = (incoming.url ?? "").split(/\?(.*)/s);
    const request: ApiRequest = {
      method: incoming.method ?? "",
      path,
      query: new URLSearchParams(query),
      headers: incoming.headers,
      body: Buffer.concat(body),
    };
    requests.push(request);
    const { status = 200, headers, json, body: bytes } = planned.shift() ?? (await answer(request));
    // As long as a look-up may take, so that requests meet.
    await new Promise((resolve) => setTimeout(resolve, 5));
    outgoing.writeHead(status, {
      ...(json === undefined ? {} : { "content-type": "application/json; charset=UTF-8" }),
      ...headers,
    });
    outgoing.end(json === undefined ? bytes : JSON.stringify(json));
    atOnce -= 1;
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    mostAtOnce: () => most,
    answerNext: (next) => planned.push(next),
    forget() {
      requests.length = 0;
      planned.length = 0;
      most = 0;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
