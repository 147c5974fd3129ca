import type { ModelProviderName } from "../../../types/schemas.ts";

/** Where a model is and how to call it. */
export interface ModelSettings {
  provider: ModelProviderName;
  /** Null means the provider's own address. */
  baseUrl: string | null;
  apiKey: string | null;
  model: string;
  /** How it is reached: past the guard for the operator's own address, through it for others. */
  fetch: typeof fetch;
  /** Longest time from the request to the answer's last byte. */
  timeoutMs: number;
}
