import ipaddr from "ipaddr.js";

/** Global unicast, the only IPv6 addresses that anybody is given (RFC 4291, section 2.4). */
const GLOBAL_UNICAST: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse("2000::"), 3];

/**
 * Whether an address literal belongs to the public internet, by the special-purpose registries of
 * IANA. IPv4 carried in IPv6 is judged by it when mapped, and refused when translated or tunnelled.
 */
export function isPublicAddress(address: string): boolean {
  const parsed = parse(address);
  if (parsed?.range() !== "unicast") {
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

function parse(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  const bare = text.replace(/^\[|\]$/g, "");
  return ipaddr.isValid(bare) ? ipaddr.process(bare) : null;
}
