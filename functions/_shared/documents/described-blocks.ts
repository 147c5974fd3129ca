import type { Block } from "./document.ts";

/** A model's words for an image, which are Markdown at its simplest, as blocks. */
export function describedBlocks(text: string, page?: number): Block[] {
  const place = page === undefined ? {} : { page };
  return text
    .split(/\n\s*\n/)
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .flatMap((part): Block[] => {
      const heading = /^(#{1,6})\s+(.+)$/.exec(part);
      return heading
        ? [{ kind: "heading", level: heading[1]?.length ?? 1, text: heading[2] ?? "", ...place }]
        : [{ kind: "paragraph", text: part, ...place }];
    });
}
