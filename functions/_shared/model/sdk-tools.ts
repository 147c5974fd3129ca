import { InvalidToolInputError, jsonSchema, type ToolSet, tool } from "ai";
import type { ModelToolCall } from "./model-answer.ts";
import type { ModelRequest } from "./model-request.ts";

/** What the AI SDK is told of the tools: their shapes alone, for we call them ourselves. */
export function sdkTools({ tools = [], mayCallTools = true }: ModelRequest) {
  if (tools.length === 0) {
    return {};
  }
  // Without a prototype: a model may name a tool "constructor".
  const set: ToolSet = Object.create(null);
  for (const { name, description, inputSchema } of tools) {
    set[name] = tool({ description, inputSchema: jsonSchema(inputSchema, { validate: isObject }) });
  }
  // Providers refuse calls in the conversation whose tools they are not told of.
  return { tools: set, ...(mayCallTools ? {} : { toolChoice: "none" as const }) };
}

/** A call as the AI SDK read it. */
export function toModelCall(part: {
  toolCallId: string;
  toolName: string;
  input: unknown;
  error?: unknown;
}): ModelToolCall {
  return {
    id: part.toolCallId,
    name: part.toolName,
    input: part.input,
    isMalformed: InvalidToolInputError.isInstance(part.error),
  };
}

/** The tools themselves say what is wrong with an object. */
function isObject(value: unknown) {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? { success: true as const, value }
    : { success: false as const, error: new Error("The input is no JSON object") };
}
