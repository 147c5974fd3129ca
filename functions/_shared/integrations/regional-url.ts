import type { CapabilityContext } from "./capability.ts";

/** The address of a provider's API in the region that a connection names, if it names one. */
export function regionalUrl({ baseUrl, metadata, credential }: CapabilityContext): string {
  const regions = metadata.regions as Record<string, unknown> | undefined;
  const url = regions?.[String(credential?.region)];
  return typeof url === "string" ? url : baseUrl;
}
