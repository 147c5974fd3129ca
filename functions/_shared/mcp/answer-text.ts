import type { McpToolAnswer } from "./mcp-session.ts";

/**
 * What a tool answered, as a text: what it says, its structured content where it says nothing, and
 * a word in place of what a text cannot hold.
 */
export function answerText(answer: McpToolAnswer): string {
  const said = answer.content.map(partText).filter((part) => part !== "");
  if (said.length > 0) {
    return said.join("\n\n");
  }
  return answer.structuredContent === undefined
    ? "(The tool answered without a word.)"
    : JSON.stringify(answer.structuredContent);
}

function partText(part: unknown): string {
  const { type, text, mimeType, uri, name, resource } = asRecord(part);
  if (type === "text" && typeof text === "string") {
    return text;
  }
  if (type === "resource") {
    const inner = asRecord(resource);
    return typeof inner.text === "string"
      ? inner.text
      : `[resource ${worded(inner.uri)} ${worded(inner.mimeType)}, not shown]`;
  }
  if (type === "resource_link") {
    return `[link ${worded(name)} ${worded(uri)}]`;
  }
  return `[${worded(type) || "something"} ${worded(mimeType)}, not shown]`;
}

function asRecord(value: unknown): Record<string, unknown> {
  return value !== null && typeof value === "object" ? (value as Record<string, unknown>) : {};
}

function worded(value: unknown): string {
  return typeof value === "string" ? value.slice(0, 300) : "";
}
