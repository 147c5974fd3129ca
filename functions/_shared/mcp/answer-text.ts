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
      : `[${words("resource", inner.uri, inner.mimeType)}, not shown]`;
  }
  return type === "resource_link"
    ? `[${words("link", name, uri)}]`
    : `[${words(type ?? "something", mimeType)}, not shown]`;
}

function asRecord(value: unknown): Record<string, unknown> {
  return value !== null && typeof value === "object" ? (value as Record<string, unknown>) : {};
}

function words(...parts: unknown[]): string {
  return parts
    .filter((part) => typeof part === "string")
    .map((part) => part.slice(0, 300))
    .join(" ");
}
