import type { Connection } from "./connection.ts";
import { type Deadline, startDeadline } from "./deadline.ts";
import { exchange } from "./exchange.ts";
import { OutboundFailure } from "./outbound-failure.ts";
import { outboundHeaders } from "./outbound-headers.ts";
import type { OutboundNetwork } from "./outbound-network.ts";
import { guardOutboundUrl, type OutboundTarget } from "./outbound-url.ts";
import { followingRequest, type OutboundRequest, redirectTarget } from "./redirect.ts";

/** How long and how much a guarded request may take; each has a usual value. */
export interface OutboundLimits {
  /** From the first look-up to the last byte, redirects included (60 s). */
  timeoutMs?: number;
  /** Longest silence, and longest attempt to connect to one address (30 s, 10 s). */
  idleMs?: number;
  /** Largest answer (10 MB). */
  maxBytes?: number;
  /** Largest body that is sent (32 MB). */
  maxRequestBytes?: number;
  /** Redirects that are followed (3). */
  maxRedirects?: number;
}

const CONNECT_MS = 10_000;

/**
 * A `fetch` for every address that is not our own: what an organization, an agent or another server
 * names. Throws 422 `url_not_allowed`, an `OutboundFailure`, or the reason of `init.signal`.
 *
 * Each hop is looked up once, checked, and connected to at the checked address, so that a name
 * cannot lead elsewhere between the two. Redirects are followed here (`init.redirect` as usual).
 * Of `init`, method, headers, body, redirect and signal count; cookies and headers that came in
 * with a request never go out. The response streams; read or cancel its body.
 */
export async function guardedFetch(
  input: string | URL,
  init: RequestInit,
  network: OutboundNetwork,
  limits: OutboundLimits = {},
): Promise<Response> {
  const { timeoutMs = 60_000, idleMs = 30_000, maxBytes = 10_000_000, maxRedirects = 3 } = limits;
  if (typeof input !== "string" && !(input instanceof URL)) {
    throw new TypeError("guardedFetch() takes a URL: a Request would bring its headers along");
  }
  const deadline = startDeadline(timeoutMs, init.signal);
  try {
    let target = await allow(String(input), network, deadline);
    let request = await outboundRequest(target.url, init, limits.maxRequestBytes ?? 32_000_000);

    for (let redirects = 0; ; redirects += 1) {
      const connection = await connect(target, network, deadline);
      const { response, ended } = await exchange(connection, request, {
        deadline,
        idleMs,
        maxBytes,
      });
      const location = redirectTarget(response, request.url);
      if (location === null || init.redirect === "manual") {
        void ended.then(() => deadline.settle());
        Object.defineProperty(response, "redirected", { value: redirects > 0 });
        return response;
      }
      await response.body?.cancel();
      if (init.redirect === "error" || redirects >= maxRedirects) {
        throw new OutboundFailure(
          "outbound_redirect_refused",
          init.redirect === "error"
            ? "The server answers with a redirect, which is not followed."
            : `The server redirects more than ${maxRedirects} times.`,
          { hint: "Give the service's final address." },
        );
      }
      const next = await allow(location, redirectNetwork(network, target), deadline);
      request = followingRequest(request, response.status, next.url);
      target = next;
    }
  } catch (error) {
    deadline.settle();
    throw error;
  }
}

/** `guardedFetch` in the form of `fetch`, for libraries that take one. */
export function outboundFetch(network: OutboundNetwork, limits: OutboundLimits = {}): typeof fetch {
  return (input, init = {}) => guardedFetch(input as string | URL, init, network, limits);
}

async function allow(
  text: string,
  network: OutboundNetwork,
  deadline: Deadline,
): Promise<OutboundTarget> {
  return deadline.within(guardOutboundUrl(text, network), CONNECT_MS);
}

/** Only this machine leads on to this machine, and only as safely as before. */
function redirectNetwork(network: OutboundNetwork, from: OutboundTarget): OutboundNetwork {
  const allowLoopback = network.allowLoopback && from.isLoopback && from.url.protocol === "http:";
  return { ...network, allowLoopback };
}

async function connect(
  { addresses, port, url, host }: OutboundTarget,
  network: OutboundNetwork,
  deadline: Deadline,
): Promise<Connection> {
  const serverName = url.protocol === "https:" ? host : null;
  let failure: unknown;
  for (const address of addresses) {
    const attempt = startDeadline(CONNECT_MS, deadline.signal);
    try {
      return await attempt.within(network.connect({ address, port, serverName }, attempt.signal));
    } catch (error) {
      deadline.signal.throwIfAborted();
      failure = error;
    } finally {
      attempt.settle();
    }
  }
  throw new OutboundFailure("outbound_unreachable", "The server cannot be reached.", {
    hint: "Check its address, whether it is up, and its certificate.",
    cause: failure,
  });
}

/** Lets Request read whatever a body can be, and what headers follow from it. */
async function outboundRequest(
  url: URL,
  init: RequestInit,
  maxBytes: number,
): Promise<OutboundRequest> {
  const { method = "GET", headers, body } = init;
  const streaming = body instanceof ReadableStream ? { duplex: "half" } : {};
  const request = new Request("https://body.invalid", {
    method,
    ...(headers ? { headers } : {}),
    ...(body === undefined ? {} : { body }),
    ...streaming,
  } as RequestInit);
  return {
    method: request.method,
    url,
    headers: outboundHeaders(request.headers),
    body: request.body ? await collect(request.body, maxBytes) : null,
  };
}

async function collect(body: ReadableStream<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of body as unknown as AsyncIterable<Uint8Array>) {
    length += piece.length;
    if (length > maxBytes) {
      throw new OutboundFailure("outbound_too_large", "What is to be sent is too large.");
    }
    pieces.push(piece);
  }
  const whole = new Uint8Array(length);
  let place = 0;
  for (const piece of pieces) {
    whole.set(piece, place);
    place += piece.length;
  }
  return whole;
}
