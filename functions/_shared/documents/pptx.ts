import type { Block, OpenFormat } from "./document.ts";
import { officeTitle } from "./office-title.ts";
import { openZip, type ZipMembers } from "./open-zip.ts";
import { parseXml } from "./parse-xml.ts";
import { empty, requirePartSize } from "./refusals.ts";
import { relatedParts, relationId } from "./related-parts.ts";
import { isHiddenSlide, slideBlocks } from "./slide-blocks.ts";

/** Opens PowerPoint presentations, slide by slide; hidden slides count, and are left out. */
export const openPptx: OpenFormat = async (bytes, { signal }) => {
  const members = await openZip(bytes);
  const slides = await slideParts(members, signal);
  const read = (from: number, to: number, reading: AbortSignal) =>
    readSlides(members, slides.slice(from - 1, to), from, reading);
  let first: Block[] = [];
  for (let number = 1; number <= slides.length && first.length === 0; number += 1) {
    first = await read(number, number, signal);
  }
  if (first.length === 0) {
    throw empty();
  }
  const heading = first.find(({ kind }) => kind === "heading")?.text;
  return {
    format: "pptx",
    title: (await officeTitle(members, "docProps/core.xml", signal)) ?? heading ?? null,
    units: slides.length,
    hasPages: true,
    read,
    async close() {
      slides.length = 0;
    },
  };
};

async function slideParts(members: ZipMembers, signal: AbortSignal): Promise<string[]> {
  const main = (await relatedParts(members, "", signal)).ofType("officeDocument")[0]?.target;
  const name = main ?? "ppt/presentation.xml";
  const parts = await relatedParts(members, name, signal);
  const slides: string[] = [];
  parseXml(await members.bytes(name, signal), signal, {
    open(element, attributes) {
      const slide = element === "sldId" ? parts.byId(relationId(attributes)) : undefined;
      if (slide) {
        slides.push(slide.target);
      }
    },
  });
  return slides;
}

async function readSlides(
  members: ZipMembers,
  slides: readonly string[],
  from: number,
  signal: AbortSignal,
): Promise<Block[]> {
  const blocks: Block[] = [];
  for (const [index, slide] of slides.entries()) {
    signal.throwIfAborted();
    const content = await members.bytes(slide, signal);
    requirePartSize(content);
    if (isHiddenSlide(content, signal)) {
      continue;
    }
    const page = from + index;
    blocks.push(...slideBlocks(content, signal).map((block) => ({ ...block, page })));
    const parts = await relatedParts(members, slide, signal);
    for (const { target } of parts.ofType("diagramData")) {
      const texts = slideBlocks(await members.bytes(target, signal), signal);
      blocks.push(...texts.map(({ text }): Block => ({ kind: "list_item", text, page })));
    }
    for (const { target } of parts.ofType("notesSlide")) {
      const texts = slideBlocks(await members.bytes(target, signal), signal, "body");
      const text = texts.map((block) => block.text).join("\n");
      blocks.push(...(text ? [{ kind: "paragraph" as const, text: `Notes: ${text}`, page }] : []));
    }
  }
  return blocks;
}
