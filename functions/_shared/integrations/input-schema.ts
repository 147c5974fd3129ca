import { z } from "zod";
import type { Capability } from "./capability.ts";

/**
 * A capability's input as JSON Schema, as a model gives it (what has a default may be left out):
 * what the catalogue's `input_schema` holds.
 */
export function inputSchema({ input }: Capability): Record<string, unknown> {
  const { $schema: _, ...schema } = z.toJSONSchema(input, { io: "input" });
  return schema;
}
