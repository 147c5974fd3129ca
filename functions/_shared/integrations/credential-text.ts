import type { CapabilityContext } from "./capability.ts";
import { ProviderError } from "./provider-error.ts";

/** One text of a connection's credential. `provider` is its name for people. */
export function credentialText(
  { credential }: CapabilityContext,
  provider: string,
  name: string,
): string {
  const value = credential?.[name];
  if (typeof value !== "string" || value === "") {
    throw new ProviderError(
      "provider_unauthorized",
      `The connection to ${provider} has no ${name}.`,
      {
        hint: `Ask the connection's owner to connect ${provider} again.`,
      },
    );
  }
  return value;
}
