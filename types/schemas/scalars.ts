import { z } from "zod";

/** A uuid as PostgreSQL accepts it: any version, any variant. */
export const uuid = z.guid();

/** An instant with its offset, as PostgREST writes `timestamptz`. */
export const timestamp = z.string().min(1);

/** Any JSON object. */
export const jsonObject = z.record(z.string(), z.unknown());
/** Any JSON object. */
export type JsonObject = z.infer<typeof jsonObject>;

/** A PostgreSQL bigint: a JSON number, or a string where the number would not be exact. */
export const bigint = z.union([z.int(), z.string().regex(/^-?\d+$/)]);
/** A PostgreSQL bigint as JSON carries it. */
export type Bigint = z.infer<typeof bigint>;
