import { z } from "zod";

/** The body of every error an edge function answers. */
export const errorBody = z.object({
  /** A stable machine key, such as `model_not_configured`. */
  code: z.string(),
  /** A sentence for people. */
  message: z.string(),
  /** What is wrong where (for an invalid body: a list of `{ path, message }`), or null. */
  details: z.unknown().nullable(),
  /** What to do about it, or null. */
  hint: z.string().nullable(),
  /** Finds this request in the logs. */
  correlation_id: z.string(),
});
/** The body of every error an edge function answers. */
export type ErrorBody = z.infer<typeof errorBody>;
