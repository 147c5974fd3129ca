import { vi } from "vitest";
import type { Tool, ToolOutcome } from "../../functions/_shared/tools/tool.ts";

type Answer = (input: unknown, signal: AbortSignal) => string | Promise<string>;

/** A tool that answers as told, with a record of its calls. */
export function sampleTool(name: string, answer: Answer = () => `${name} is done`) {
  const call = vi.fn(async (input: unknown, signal: AbortSignal): Promise<ToolOutcome> => {
    return { status: "completed", text: await answer(input, signal), isTruncated: false };
  });
  return {
    name,
    description: `Does ${name}.`,
    inputSchema: { type: "object", properties: { what: { type: "string" } } },
    call,
  } satisfies Tool;
}

/** A tool that ends in another way. */
export function failingTool(name: string, outcome: Partial<ToolOutcome>): Tool {
  return {
    ...sampleTool(name),
    call: async () => ({ status: "failed", text: "It failed.", isTruncated: false, ...outcome }),
  };
}
