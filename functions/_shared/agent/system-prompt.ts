import type { AgentSettings } from "../../../types/schemas.ts";

/** What an agent is told before anything else. */
export function systemPrompt({ name, instructions }: AgentSettings): string {
  return instructions?.trim() || `You are ${name}.`;
}
