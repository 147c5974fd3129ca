import type { Chunk } from "./chunk.ts";

/** What of a chunk is embedded: its text under the headings it stands under but does not say. */
export function passageText({ content, heading_path }: Pick<Chunk, "content" | "heading_path">) {
  const unsaid = heading_path.filter((heading) => !content.includes(heading));
  return unsaid.length > 0 ? `${unsaid.join(" > ")}\n\n${content}` : content;
}
