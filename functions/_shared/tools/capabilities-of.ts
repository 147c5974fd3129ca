import { z } from "zod";
import { agentCapability, listAgentCapabilitiesInput } from "../../../types/schemas.ts";
import { capabilities } from "../integrations/index.ts";
import { type CapabilityDeps, callCapability } from "./call-capability.ts";
import type { Tool, ToolCaller } from "./tool.ts";

/** Longest name that every provider of models takes. */
const MOST_NAME_CHARACTERS = 64;

/**
 * The capabilities that an agent may use in work for a user, as tools. Where several connections
 * have the same one, each is a tool of its own, told apart by a number and the connection's name.
 * The list is a courtesy to the model: whether a call is allowed is asked again when it is made.
 */
export async function capabilitiesOf(caller: ToolCaller, deps: CapabilityDeps): Promise<Tool[]> {
  const { rpc, registry = capabilities } = deps;
  const rows = z
    .array(agentCapability)
    .parse(
      await rpc(
        "list_agent_capabilities",
        listAgentCapabilitiesInput.parse({ p_agent_id: caller.agentId, p_user_id: caller.userId }),
      ),
    );
  const named = rows.filter(({ capability_key }) => Object.hasOwn(registry, capability_key));
  const taken = new Set<string>();

  return named.map((row) => {
    const name = freeName(row.capability_key, taken);
    taken.add(name);
    const connection = `"${row.connection_name}" to ${row.provider_display_name}`;
    return {
      name,
      description: `${row.description} Uses the connection ${connection}.`,
      inputSchema: row.input_schema,
      call: (input, signal) =>
        callCapability(
          {
            caller,
            toolName: name,
            input,
            connectionId: row.connection_id,
            capabilityKey: row.capability_key,
            signal,
          },
          deps,
        ),
    };
  });
}

function freeName(key: string, taken: ReadonlySet<string>): string {
  for (let count = 1; ; count += 1) {
    const suffix = count === 1 ? "" : `_${count}`;
    const name = `${key.slice(0, MOST_NAME_CHARACTERS - suffix.length)}${suffix}`;
    if (!taken.has(name)) {
      return name;
    }
  }
}
