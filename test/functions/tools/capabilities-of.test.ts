import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { defineCapability } from "../../../functions/_shared/integrations/capability.ts";
import { capabilitiesOf } from "../../../functions/_shared/tools/capabilities-of.ts";

const caller = {
  agentId: "11111111-1111-4111-8111-111111111111",
  userId: "22222222-2222-4222-8222-222222222222",
};
const callId = "44444444-4444-4444-8444-444444444444";

function row(connection: number, name: string, key: string) {
  return {
    connection_id: `33333333-3333-4333-8333-33333333333${connection}`,
    connection_name: name,
    provider_name: "post",
    provider_display_name: "Post",
    capability_key: key,
    display_label: "Read",
    description: "Reads mail.",
    effect: "read",
    input_schema: { type: "object", properties: {} },
  };
}

function registered(...keys: string[]) {
  return Object.fromEntries(
    keys.map((key) => [
      key,
      defineCapability({
        key,
        input: z.strictObject({}),
        execute: async (_, { accessToken }) => ({ by: accessToken?.length }),
      }),
    ]),
  );
}

function depsWith(rows: unknown[], keys: string[]) {
  const rpc = vi.fn(async (name: string, _args?: Record<string, unknown>) =>
    name === "list_agent_capabilities"
      ? rows
      : name === "authorize_tool_call"
        ? {
            allowed: true,
            reason: null,
            message: null,
            hint: null,
            permission_id: null,
            capability_id: null,
            organization_id: null,
          }
        : name === "begin_tool_call"
          ? callId
          : null,
  );
  return {
    rpc,
    log: vi.fn(),
    freshCredential: async () => ({
      access_token: "a-token",
      token_version: 1,
      configuration_metadata: {},
    }),
    network: { allowLoopback: false, resolveHost: async () => [], connect: vi.fn() },
    registry: registered(...keys),
  };
}

describe("capabilitiesOf", () => {
  it("makes a tool of each capability of each connection, told apart by its name", async () => {
    const deps = depsWith(
      [row(1, "Mine", "post_read"), row(2, "Ours", "post_read")],
      ["post_read"],
    );

    const tools = await capabilitiesOf(caller, deps);

    expect(tools.map(({ name, description }) => [name, description])).toEqual([
      ["post_read", 'Reads mail. Uses the connection "Mine" to Post.'],
      ["post_read_2", 'Reads mail. Uses the connection "Ours" to Post.'],
    ]);
  });

  it("gives names that are unlike each other, and that providers of models take", async () => {
    const long = "a".repeat(64);
    const rows = [1, 2, 3].map((place) => row(place, `C${place}`, long));
    const deps = depsWith(
      [...rows, row(4, "D", "post_read"), row(5, "E", "post_read_2"), row(6, "F", "post_read")],
      [long, "post_read", "post_read_2"],
    );

    const names = (await capabilitiesOf(caller, deps)).map(({ name }) => name);

    expect(new Set(names).size).toBe(6);
    expect(names.every((name) => /^[a-zA-Z0-9_-]{1,64}$/.test(name))).toBe(true);
  });

  it("leaves out what cannot be executed here", async () => {
    const deps = depsWith(
      [row(1, "Mine", "post_read"), row(1, "Mine", "post_burn")],
      ["post_read"],
    );

    expect(await capabilitiesOf(caller, deps)).toHaveLength(1);
  });

  it("asks anew when a tool is called, with the connection it stands for", async () => {
    const deps = depsWith(
      [row(1, "Mine", "post_read"), row(2, "Ours", "post_read")],
      ["post_read"],
    );
    const tools = await capabilitiesOf(caller, deps);

    const outcome = await tools[1]?.call({}, new AbortController().signal);

    expect(outcome).toMatchObject({ status: "completed", text: '{"by":7}' });
    expect(deps.rpc).toHaveBeenCalledWith(
      "authorize_tool_call",
      expect.objectContaining({ p_connection_id: row(2, "", "").connection_id }),
    );
  });
});
