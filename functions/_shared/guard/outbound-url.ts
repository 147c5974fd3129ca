import { HttpError } from "../errors/http-error.ts";
import { isAddress, isLoopbackAddress, isPublicAddress } from "./public-address.ts";

/** Looks up the addresses of a host name; none when it has none. */
export type ResolveHost = (host: string) => Promise<string[]>;

/** What the guard needs to decide. */
export interface OutboundGuard {
  resolveHost: ResolveHost;
  /** Set by the embedded stack alone: plain http to this machine is then allowed. */
  allowLoopback: boolean;
}

/**
 * Lets a URL through that an organization gave us, or throws a 422 `url_not_allowed`.
 *
 * Only https, without credentials in it, and only to names all of whose addresses are public: what
 * an organization writes must not reach the machine's own services, the private network or the
 * cloud's metadata. Redirects must not be followed by whoever fetches it. A name can change its
 * address between this look-up and the connection; runtimes with a network policy close that gap.
 */
export async function guardOutboundUrl(text: string, guard: OutboundGuard): Promise<URL> {
  const url = parse(text);
  const host = url.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");

  if (guard.allowLoopback && (host === "localhost" || isLoopbackAddress(host))) {
    return url;
  }
  if (url.protocol !== "https:") {
    throw refused("it must start with https://");
  }
  if (isAddress(host)) {
    if (!isPublicAddress(host)) {
      throw refused("its address is not on the public internet");
    }
    return url;
  }
  const addresses = await guard.resolveHost(host);
  if (addresses.length === 0) {
    throw refused("its host name has no address");
  }
  if (!addresses.every(isPublicAddress)) {
    throw refused("its host name leads to an address that is not on the public internet");
  }
  return url;
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
  return new HttpError(422, "url_not_allowed", `The model provider's URL is refused: ${reason}.`, {
    hint: "Give the public https address of the provider.",
  });
}
