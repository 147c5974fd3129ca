import { describe, expect, it } from "vitest";
import { mediaOf } from "../../../functions/_shared/agent/media-of.ts";
import type { Rpc } from "../../../functions/_shared/database/rpc.ts";
import type { ToolCaller } from "../../../functions/_shared/tools/tool.ts";
import { nowhere } from "../../support/internet/nowhere.ts";
import { agentId, channelId, organizationId, userId } from "../samples.ts";

const platform = {
  env: {},
  resolveHost: async () => [],
  connect: nowhere,
  waitUntil: () => {},
};

/** The filters that an agent's search for a caller keeps to, in each call of the database. */
async function filtersFor(caller: Omit<ToolCaller, "agentId" | "userId">) {
  const filters: unknown[] = [];
  const rpc: Rpc = async (name, input) => {
    if (name === "agent_datastore_targets") {
      return [];
    }
    filters.push(input?.p_filters);
    return name === "search_knowledge"
      ? []
      : [
          {
            organization_id: organizationId,
            media_ids: [],
            chunk_count: 1,
            embedding_models: [],
          },
        ];
  };
  const search = await mediaOf({ agentId, userId, ...caller }, rpc, { platform, log: () => {} });
  await search?.("How long is the leave?", 5, new AbortController().signal);
  return filters;
}

describe("the media that an agent draws on", () => {
  it("are those that may be told in the channel of a conversation", async () => {
    const told = { channel_id: channelId };
    expect(await filtersFor({ channelId })).toEqual([told, told, told]);
  });

  it("are those that are shared where a step's result is read by others", async () => {
    const shared = { visibility: "organization" };
    const runStepId = crypto.randomUUID();
    expect(await filtersFor({ runStepId })).toEqual([shared, shared, shared]);
    expect(await filtersFor({ runStepId, channelId })).toEqual([shared, shared, shared]);
  });

  it("are those that are shared where nobody knows who reads", async () => {
    const shared = { visibility: "organization" };
    expect(await filtersFor({})).toEqual([shared, shared, shared]);
  });
});
