import type { CountTokens } from "../tokens/count-tokens.ts";
import type { Tool } from "../tools/tool.ts";

/** Most tools that a model is told of; more than this, and models choose badly. */
const MOST_TOOLS = 64;
/** Tokens that a format spends around the definition of a tool. */
const PER_TOOL = 12;

/** How an agent's context_window_size is shared. */
export interface SharedContext {
  /** Those whose definitions fit, in the order given. */
  tools: Tool[];
  /** Tokens of their definitions. */
  toolTokens: number;
  /** Tokens that the prompt may take. */
  promptLimit: number;
}

/**
 * Shares a context window between a prompt, of which `least` tokens are indispensable, the
 * definitions of tools, and what the tools will answer: of what is free the definitions take at
 * most half, and of the rest the answers have half. Without tools it is all the prompt's.
 */
export function shareContext(
  all: readonly Tool[],
  { window, least }: { window: number; least: number },
  count: CountTokens,
): SharedContext {
  const free = window - least;
  const tools: Tool[] = [];
  let toolTokens = 0;
  for (const tool of all.slice(0, MOST_TOOLS)) {
    const more = definitionTokens(tool, count);
    if (toolTokens + more <= free / 2) {
      toolTokens += more;
      tools.push(tool);
    }
  }
  const answers = tools.length === 0 ? 0 : Math.ceil((free - toolTokens) / 2);
  return { tools, toolTokens, promptLimit: window - toolTokens - answers };
}

function definitionTokens({ name, description, inputSchema }: Tool, count: CountTokens): number {
  return count(name) + count(description) + count(JSON.stringify(inputSchema)) + PER_TOOL;
}
