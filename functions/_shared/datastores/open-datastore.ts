import { z } from "zod";
import type { DatastoreType } from "../../../types/schemas.ts";
import { HttpError } from "../errors/http-error.ts";
import { builtInDatastore } from "./built-in.ts";
import type { Datastore } from "./datastore.ts";
import { pineconeDatastore } from "./pinecone.ts";
import type { StoreNetwork } from "./store-api.ts";
import { zepDatastore } from "./zep.ts";

/** A datastore's row, its references resolved. */
export interface DatastoreSettings {
  type: DatastoreType;
  /** With `api_key` beside `api_key_ref`. */
  config: Record<string, unknown>;
}

/** Opens a datastore; nothing is sent yet. */
export function openDatastore(settings: DatastoreSettings, way: StoreNetwork): Datastore {
  switch (settings.type) {
    case "postgres":
      return builtInDatastore;
    case "pinecone": {
      const { host, namespace, api_key } = read(pineconeConfig, settings);
      return pineconeDatastore({ host, namespace }, { ...way, apiKey: api_key });
    }
    case "getzep": {
      const { graph_id, base_url, api_key } = read(zepConfig, settings);
      const place = { graphId: graph_id, ...(base_url ? { baseUrl: base_url } : {}) };
      return zepDatastore(place, { ...way, apiKey: api_key });
    }
  }
}

const apiKey = z.string().min(1);

const pineconeConfig = z.looseObject({
  host: z.string().min(1),
  namespace: z.string().min(1).default("__default__"),
  api_key: apiKey,
});

const zepConfig = z.looseObject({
  graph_id: z.string().min(1),
  base_url: z.string().min(1).optional(),
  api_key: apiKey,
});

function read<T>(schema: z.ZodType<T>, { type, config }: DatastoreSettings): T {
  const parsed = schema.safeParse(config);
  if (!parsed.success) {
    // Without the parser's words: they could repeat a value.
    throw new HttpError(409, "datastore_misconfigured", `The ${type} datastore is misconfigured.`, {
      hint: "Look at its config; api_key_ref names the organization's secret.",
    });
  }
  return parsed.data;
}
