import { HttpError } from "../errors/http-error.ts";
import type { ResolveHost } from "./outbound-network.ts";
import { isAllowedPort } from "./outbound-ports.ts";
import { isAddress, isLoopbackAddress, isPublicAddress } from "./public-address.ts";

/** What the guard needs to decide. */
export interface OutboundGuard {
  resolveHost: ResolveHost;
  /** Set by the embedded stack alone: plain http to this machine is then allowed. */
  allowLoopback: boolean;
}

/** A URL that may be fetched, and where exactly that is. */
export interface OutboundTarget {
  url: URL;
  /** Checked, in the order to try. Whoever connects uses these and looks nothing up again. */
  addresses: string[];
  port: number;
  /** The host without brackets and final dot. */
  host: string;
  /** Whether it is this machine, which only the embedded stack allows. */
  isLoopback: boolean;
}

/** More addresses than these are not tried. */
const MOST_ADDRESSES = 4;

/**
 * Lets a URL through that an organization or another server gave us, or throws a 422
 * `url_not_allowed`.
 *
 * Only https, without credentials in it, on the ports of the web, and only to names all of whose
 * addresses are public: what an organization writes must not reach the machine's own services, the
 * private network or the cloud's metadata. One private address among public ones refuses the name.
 */
export async function guardOutboundUrl(
  text: string,
  guard: OutboundGuard,
): Promise<OutboundTarget> {
  const url = parse(text);
  const host = url.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  const isPlain = url.protocol === "http:";
  const port = url.port === "" ? (isPlain ? 80 : 443) : Number(url.port);

  if (guard.allowLoopback && (host === "localhost" || isLoopbackAddress(host))) {
    const addresses = host === "localhost" ? ["127.0.0.1", "::1"] : [host];
    return { url, addresses, port, host, isLoopback: true };
  }
  if (isPlain) {
    throw refused("it must start with https://");
  }
  if (!isAllowedPort(port)) {
    throw refused("its port is not one of the web's");
  }
  const addresses = await guardOutboundHost(host, guard.resolveHost);
  return { url, addresses, port, host, isLoopback: false };
}

/**
 * The addresses of a host, in the order to try; 422 `url_not_allowed` unless all of them are
 * public. For what is no web server, such as one of mail: connect to these, not to the name.
 */
export async function guardOutboundHost(host: string, resolveHost: ResolveHost): Promise<string[]> {
  const addresses = isAddress(host) ? [host] : [...new Set(await resolveHost(host))];
  if (addresses.length === 0) {
    throw refused("its host name has no address");
  }
  if (!addresses.every(isPublicAddress)) {
    throw refused(
      isAddress(host)
        ? "its address is not on the public internet"
        : "its host name leads to an address that is not on the public internet",
    );
  }
  // IPv4 first: not every function has a way out over IPv6.
  return addresses
    .toSorted((one, other) => Number(one.includes(":")) - Number(other.includes(":")))
    .slice(0, MOST_ADDRESSES);
}

function parse(text: string): URL {
  if (!URL.canParse(text)) {
    throw refused("it is not a URL");
  }
  const url = new URL(text);
  if (!["https:", "http:"].includes(url.protocol)) {
    throw refused("it must start with https://");
  }
  if (url.username || url.password) {
    throw refused("it must not carry a user name or password");
  }
  return url;
}

function refused(reason: string): HttpError {
  return new HttpError(422, "url_not_allowed", `The URL is refused: ${reason}.`, {
    hint: "Give the public https address of the service.",
  });
}
