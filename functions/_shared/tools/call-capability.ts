import { z } from "zod";
import { authorizeToolCallInput, toolCallVerdict } from "../../../types/schemas.ts";
import { describeError } from "../errors/describe-error.ts";
import { HttpError } from "../errors/http-error.ts";
import { outboundFetch } from "../guard/guarded-fetch.ts";
import type { OutboundNetwork } from "../guard/outbound-network.ts";
import type { Capability, CapabilityContext } from "../integrations/capability.ts";
import { capabilities } from "../integrations/index.ts";
import { ProviderError } from "../integrations/provider-error.ts";
import { denyCall, type LoggedCall, type LoggedCallDeps, loggedCall } from "./logged-call.ts";
import type { ToolOutcome } from "./tool.ts";
import { toolFailureText } from "./tool-failure.ts";

/** What a connection's credential is, as far as a call needs it. */
export interface ToolCredential {
  access_token?: string | null;
  credential?: Record<string, unknown> | null;
  /** Counts the tokens that the connection has had. */
  token_version: number;
  configuration_metadata: Record<string, unknown>;
}

/**
 * A connection's credential, refreshed where its token ends. With `rejectedVersion`, the provider
 * has refused the token of that version: answers a newer one, or throws.
 */
export type FreshCredential = (
  connectionId: string,
  options: { signal: AbortSignal; rejectedVersion?: number },
) => Promise<ToolCredential>;

/** A call of a capability with one connection. */
export interface CapabilityCall extends LoggedCall {
  connectionId: string;
  capabilityKey: string;
}

export interface CapabilityDeps extends LoggedCallDeps {
  freshCredential: FreshCredential;
  network: OutboundNetwork;
  /** Those that can be executed; all of them unless said. */
  registry?: Readonly<Record<string, Capability>>;
}

/** The largest input, in characters of its JSON: more than a model writes. */
const MOST_INPUT_CHARACTERS = 200_000;

/**
 * Calls a capability for an agent: asks the database whether it may, now and with this connection,
 * enters it into the log, and only then takes the credential and goes out. Never throws.
 */
export async function callCapability(
  call: CapabilityCall,
  deps: CapabilityDeps,
): Promise<ToolOutcome> {
  const { rpc, log, registry = capabilities } = deps;
  const { connectionId, capabilityKey, caller } = call;

  let refusal: string | null;
  try {
    const verdict = toolCallVerdict.parse(
      await rpc(
        "authorize_tool_call",
        authorizeToolCallInput.parse({
          p_agent_id: caller.agentId,
          p_connection_id: connectionId,
          p_capability_key: capabilityKey,
          p_user_id: caller.userId,
        }),
      ),
    );
    refusal = verdict.allowed
      ? null
      : [verdict.message ?? "This is not allowed.", verdict.hint].filter(Boolean).join(" ");
  } catch (error) {
    // Without an answer, it is no.
    log("error", "a tool call was not authorized", {
      tool: call.toolName,
      error: describeError(error),
    });
    return { status: "failed", text: toolFailureText(error), isTruncated: false };
  }
  if (refusal !== null) {
    return denyCall(call, refusal, deps);
  }

  return loggedCall(
    call,
    async ({ signal, hide }) => {
      const capability = Object.hasOwn(registry, capabilityKey)
        ? registry[capabilityKey]
        : undefined;
      if (!capability) {
        throw new HttpError(501, "tool_not_available", "This tool is not available here.", {
          hint: "Use another one, or say that it could not be done.",
        });
      }
      const input = parseInput(capability, call.input);

      const used = await deps.freshCredential(connectionId, { signal });
      hide(secretsOf(used));
      const answered = { count: 0 };
      try {
        return await capability.execute(input, contextOf(used, signal, answered, deps));
      } catch (error) {
        // A token may end early. Only where nothing has happened yet is it tried again, and once.
        // Where a bot does the work, its token is not the connection's.
        const isTokenAtFault = used.access_token && !used.credential && isUnauthorized(error);
        if (!isTokenAtFault || answered.count > ownAnswers(error)) {
          throw error;
        }
        const renewed = await deps.freshCredential(connectionId, {
          signal,
          rejectedVersion: used.token_version,
        });
        hide(secretsOf(renewed));
        if (renewed.token_version === used.token_version) {
          throw error;
        }
        return await capability.execute(input, contextOf(renewed, signal, answered, deps));
      }
    },
    deps,
  );
}

function parseInput(capability: Capability, input: unknown): unknown {
  if ((JSON.stringify(input ?? null) ?? "").length > MOST_INPUT_CHARACTERS) {
    throw invalidInput("it is too long");
  }
  const parsed = capability.input.safeParse(input);
  if (!parsed.success) {
    throw invalidInput(z.prettifyError(parsed.error).slice(0, 600));
  }
  return parsed.data;
}

function invalidInput(reason: string): HttpError {
  return new HttpError(422, "tool_input_invalid", `The tool does not take this input: ${reason}`, {
    hint: "Correct it as the tool's schema says.",
  });
}

function contextOf(
  { access_token, credential, configuration_metadata: metadata }: ToolCredential,
  signal: AbortSignal,
  answered: { count: number },
  { network }: CapabilityDeps,
): CapabilityContext {
  const guarded = outboundFetch(network);
  return {
    baseUrl: String(metadata.api_base_url ?? "").replace(/\/+$/, ""),
    metadata,
    ...(access_token ? { accessToken: access_token } : {}),
    ...(credential ? { credential } : {}),
    network,
    // Nothing leaves once the call is over, whether or not the capability passes the signal on.
    fetch: async (input, init = {}) => {
      const either = init.signal ? AbortSignal.any([signal, init.signal]) : signal;
      const response = await guarded(input, { ...init, signal: either });
      answered.count += response.status === 401 ? 0 : 1;
      return response;
    },
    signal,
  };
}

function isUnauthorized(error: unknown): boolean {
  return error instanceof HttpError && error.code === "provider_unauthorized";
}

/** How many of the answers counted were the refusal: some providers refuse with status 200. */
function ownAnswers(error: unknown): number {
  return error instanceof ProviderError && error.providerStatus === 200 ? 1 : 0;
}

/** The texts that must not come back: the token, and what of a credential is named as a secret. */
function secretsOf({ access_token, credential }: ToolCredential): string[] {
  const named = Object.entries(credential ?? {})
    .filter(([name]) => /key|password|secret|token/i.test(name))
    .map(([, value]) => value);
  return [access_token, ...named].filter((secret) => typeof secret === "string");
}
