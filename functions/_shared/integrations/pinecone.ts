import { z } from "zod";
import { type Capability, type CapabilityContext, defineCapability } from "./capability.ts";
import { excerpt } from "./excerpt.ts";
import { keyApi } from "./key-api.ts";
import { type ProviderApi, pathOf } from "./provider-api.ts";
import { ProviderError } from "./provider-error.ts";

const query = defineCapability({
  key: "pinecone_query",
  input: z
    .strictObject({
      index: z
        .string()
        .regex(/^[a-z0-9][a-z0-9-]{0,44}$/)
        .describe("The name of the index."),
      namespace: z.string().min(1).max(512).default("__default__"),
      text: z
        .string()
        .min(1)
        .max(20_000)
        .optional()
        .describe("What to look for, where the index embeds texts itself."),
      vector: z
        .array(z.number())
        .min(1)
        .max(20_000)
        .optional()
        .describe("An embedding, as long as the index's dimension."),
      id: z.string().min(1).max(512).optional().describe("A record whose like to look for."),
      top_k: z.int().min(1).max(100).default(10).describe("Most records."),
      filter: z
        .looseObject({})
        .optional()
        .describe('By metadata, such as {"genre": {"$eq": "drama"}}.'),
    })
    .refine(
      ({ text, vector, id }) => [text, vector, id].filter((by) => by !== undefined).length === 1,
      "Give exactly one of text, vector and id",
    ),
  async execute({ index, namespace, text, vector, id, top_k, filter }, context) {
    const api = await indexApi(index, context);
    if (text !== undefined) {
      const { result } = await api.json(hits, {
        method: "POST",
        path: pathOf`records/namespaces/${namespace}/search`,
        json: { query: { inputs: { text }, top_k, ...(filter ? { filter } : {}) } },
      });
      return {
        matches: result.hits.map(({ _id, _score, fields }) => ({
          id: _id,
          score: _score,
          fields: short(fields),
        })),
      };
    }
    const { matches } = await api.json(found, {
      method: "POST",
      path: "query",
      json: {
        namespace,
        topK: top_k,
        includeMetadata: true,
        includeValues: false,
        ...(vector ? { vector } : { id }),
        ...(filter ? { filter } : {}),
      },
    });
    return {
      matches: matches.map(({ id, score, metadata }) => ({ id, score, fields: short(metadata) })),
    };
  },
});

/** What agents can do at Pinecone. */
export const pineconeCapabilities: readonly Capability[] = [query];

const fields = z.record(z.string(), z.unknown()).nullish();

const hits = z.object({
  result: z.object({
    hits: z.array(z.object({ _id: z.string(), _score: z.number(), fields })),
  }),
});

const found = z.object({
  matches: z.array(z.object({ id: z.string(), score: z.number(), metadata: fields })),
});

/** An index answers at a host of its own, which the control plane names: nobody else may. */
async function indexApi(index: string, context: CapabilityContext): Promise<ProviderApi> {
  const { host } = await pinecone(context).json(z.object({ host: z.string().min(1) }), {
    path: pathOf`indexes/${index}`,
  });
  const { protocol, hostname } = new URL(context.baseUrl);
  const address = host.includes("://") ? host : `${protocol}//${host}`;
  const isIts =
    URL.canParse(address) &&
    (hostname !== "api.pinecone.io" || new URL(address).hostname.endsWith(".pinecone.io"));
  if (!isIts) {
    throw new ProviderError("provider_bad_answer", "Pinecone names no host of its for the index.");
  }
  return pinecone({ ...context, baseUrl: new URL(address).origin });
}

function pinecone(context: CapabilityContext): ProviderApi {
  return keyApi("Pinecone", context, (key) => ({
    "api-key": key,
    "x-pinecone-api-version": "2025-01",
  }));
}

function short(metadata: Record<string, unknown> | null | undefined): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(metadata ?? {}).map(([name, value]) => [
      name,
      typeof value === "string" ? excerpt(value, 2000) : value,
    ]),
  );
}
