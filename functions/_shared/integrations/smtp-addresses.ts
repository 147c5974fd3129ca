import { HttpError } from "../errors/http-error.ts";
import type { OutboundNetwork } from "../guard/outbound-network.ts";
import { guardOutboundHost } from "../guard/outbound-url.ts";
import { isLoopbackAddress } from "../guard/public-address.ts";
import { ProviderError } from "./provider-error.ts";

/** The ports on which servers take mail. */
const PORTS = new Set([25, 465, 587, 2465, 2525, 2587, 8025]);

/**
 * The addresses of a mail server that somebody names, in the order to try: public ones, on a port
 * of mail; in the embedded stack this machine too. Connect to these, not to the name.
 */
export async function smtpAddresses(
  host: string,
  port: number,
  { resolveHost, allowLoopback }: OutboundNetwork,
): Promise<string[]> {
  if (allowLoopback && (host === "localhost" || isLoopbackAddress(host))) {
    return [host === "localhost" ? "127.0.0.1" : host];
  }
  if (!PORTS.has(port)) {
    throw refused(`port ${port} is none of mail's`);
  }
  try {
    return await guardOutboundHost(host, resolveHost);
  } catch (error) {
    throw error instanceof HttpError && error.code === "url_not_allowed"
      ? refused("its address is not on the public internet")
      : error;
  }
}

function refused(reason: string): ProviderError {
  return new ProviderError("provider_invalid_input", `The mail server is refused: ${reason}.`, {
    hint: "Ask the connection's owner to correct its server.",
  });
}
