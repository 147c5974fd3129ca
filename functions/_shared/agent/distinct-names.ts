import type { Tool } from "../tools/tool.ts";

/** Longest name that every provider of models takes. */
const MOST_NAME_CHARACTERS = 64;

/** Tools whose names models take, no two alike: what is alike is told apart by a number. */
export function distinctNames(tools: readonly Tool[]): Tool[] {
  const taken = new Set<string>();

  return tools.map((tool) => {
    const plain = tool.name.replace(/[^a-zA-Z0-9_-]/g, "_") || "tool";
    let name = plain.slice(0, MOST_NAME_CHARACTERS);
    for (let number = 2; taken.has(name); number += 1) {
      const suffix = `_${number}`;
      name = plain.slice(0, MOST_NAME_CHARACTERS - suffix.length) + suffix;
    }
    taken.add(name);
    return name === tool.name ? tool : { ...tool, name };
  });
}
