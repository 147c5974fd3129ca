import ipaddr from "ipaddr.js";

/** Global unicast, the only IPv6 addresses that anybody is given (RFC 4291, section 2.4). */
const GLOBAL_UNICAST: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse("2000::"), 3];

/** Azure's host agent answers every virtual machine there, with credentials among its answers. */
const AZURE_HOST = "168.63.129.16";

/**
 * Whether an address literal belongs to the public internet, by the special-purpose registries of
 * IANA. IPv4 carried within IPv6 (mapped, translated, tunnelled) is refused, whatever it carries.
 */
export function isPublicAddress(address: string): boolean {
  const parsed = parse(address);
  if (parsed?.range() !== "unicast" || address === AZURE_HOST) {
    return false;
  }
  return parsed instanceof ipaddr.IPv4 || parsed.match(GLOBAL_UNICAST);
}

/** Whether an address literal means this machine. */
export function isLoopbackAddress(address: string): boolean {
  return parse(address)?.range() === "loopback";
}

/** Whether a host is written as an address rather than a name. */
export function isAddress(host: string): boolean {
  return parse(host) !== null;
}

/** Four decimal parts or IPv6, nothing else: 127.1, 0177.0.0.1 and fe80::1%eth0 are none. */
function parse(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) {
    return ipaddr.IPv4.parse(text);
  }
  return ipaddr.IPv6.isValid(text) && !text.includes("%") ? ipaddr.IPv6.parse(text) : null;
}
