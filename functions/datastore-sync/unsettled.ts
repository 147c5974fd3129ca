import { ProviderError } from "../_shared/integrations/provider-error.ts";

/** A chunk whose sending broke off is not found, and too little time has passed to rely on that. */
export function unsettled(): ProviderError {
  return new ProviderError(
    "provider_conflict",
    "A sending broke off, and what was sent may still arrive; it goes on in some minutes.",
    { retryAfterSeconds: 60 },
  );
}
