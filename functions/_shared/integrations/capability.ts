import type { ZodType } from "zod";
import type { OutboundNetwork } from "../guard/outbound-network.ts";

/** One thing that agents can do at a provider; its catalogue row has the same key. */
export interface Capability<I = unknown> {
  /** `integration_capabilities.capability_key`, such as `gmail_send_email`. */
  key: string;
  /** What a model has to give; the row's `input_schema` is its JSON Schema. */
  input: ZodType<I>;
  /**
   * Does it, against the provider's public API. Answers with what JSON can say, and as little as a
   * model needs. Throws an `HttpError` whose sentence and hint tell a model what to do.
   */
  execute(input: I, context: CapabilityContext): Promise<unknown>;
}

/** What a capability works with. Nothing in it outlives the call. */
export interface CapabilityContext {
  /** The provider's API, without a slash at the end: `configuration_metadata.api_base_url`. */
  baseUrl: string;
  /** The provider's `configuration_metadata`. */
  metadata: Record<string, unknown>;
  /** Of an OAuth connection. */
  accessToken?: string;
  /** Of an API-key or SMTP connection. */
  credential?: Record<string, unknown>;
  /** Guarded: the one way out for HTTP. Pass `signal` with every request. */
  fetch: typeof fetch;
  /** The guarded way out for what is no HTTP (SMTP). */
  network: OutboundNetwork;
  /** Aborts when the caller no longer waits, or the call takes too long. */
  signal: AbortSignal;
}

/** Takes a capability as it is, and its input's type from its schema. */
export function defineCapability<I>(capability: Capability<I>): Capability {
  return capability as Capability;
}
