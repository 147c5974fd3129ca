import { z } from "zod";
import { type Capability, defineCapability } from "./capability.ts";
import { excerpt } from "./excerpt.ts";
import { keyApi } from "./key-api.ts";

const searchMemory = defineCapability({
  key: "zep_search_memory",
  input: z
    .strictObject({
      query: z.string().trim().min(1).max(400),
      user_id: z.string().min(1).max(200).optional().describe("Whose memory to search."),
      graph_id: z.string().min(1).max(200).optional().describe("Or which shared graph."),
      scope: z
        .enum(["edges", "nodes", "episodes"])
        .default("edges")
        .describe("edges are facts, nodes are entities, episodes are what was said."),
      limit: z.int().min(1).max(50).default(10).describe("Most results."),
    })
    .refine(
      ({ user_id, graph_id }) => (user_id === undefined) !== (graph_id === undefined),
      "Give exactly one of user_id and graph_id",
    ),
  async execute(json, context) {
    const api = keyApi("Zep", context, (key) => ({ authorization: `Api-Key ${key}` }));
    const { edges, nodes, episodes } = await api.json(answer, {
      method: "POST",
      path: "graph/search",
      json,
    });
    return {
      facts: edges?.map(({ fact, valid_at, invalid_at }) => ({ fact, valid_at, invalid_at })),
      entities: nodes?.map(({ name, summary, labels }) => ({
        name,
        summary: excerpt(summary, 1000),
        labels,
      })),
      episodes: episodes?.map(({ content, role, created_at }) => ({
        content: excerpt(content, 2000),
        from: role,
        time: created_at,
      })),
    };
  },
});

/** What agents can do at Zep. */
export const zepCapabilities: readonly Capability[] = [searchMemory];

const answer = z.object({
  edges: z
    .array(
      z.object({
        fact: z.string(),
        valid_at: z.string().nullish(),
        invalid_at: z.string().nullish(),
      }),
    )
    .optional(),
  nodes: z
    .array(
      z.object({
        name: z.string(),
        summary: z.string().nullish(),
        labels: z.array(z.string()).nullish(),
      }),
    )
    .optional(),
  episodes: z
    .array(
      z.object({
        content: z.string(),
        role: z.string().nullish(),
        created_at: z.string().nullish(),
      }),
    )
    .optional(),
});
