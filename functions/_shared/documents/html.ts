import { decodeBytes } from "./decode-bytes.ts";
import type { OpenFormat } from "./document.ts";
import { documentOfBlocks } from "./document-of-blocks.ts";
import { htmlBlocks } from "./html-blocks.ts";
import { requireSize } from "./refusals.ts";

/** Of markup; what it comes to is kept in memory. */
const MOST_MEGABYTES = 16;
/** Where the standard has a page declare its encoding. */
const PRESCAN_BYTES = 1024;

/** Opens web pages, without their scripts, styles, navigation and whatever is hidden. */
export const openHtml: OpenFormat = async (bytes, { fileType, signal }) => {
  requireSize(bytes, MOST_MEGABYTES);
  const { title, blocks } = htmlBlocks(decodeBytes(bytes, charsetOf(bytes, fileType)));
  signal.throwIfAborted();
  return documentOfBlocks("html", title, blocks);
};

function charsetOf(bytes: Uint8Array, fileType: string): string {
  const beginning = new TextDecoder("latin1").decode(bytes.subarray(0, PRESCAN_BYTES));
  const declared = /<meta[^>]+charset\s*=\s*["']?\s*([\w:-]+)/i.exec(beginning);
  return declared?.[1] ?? /charset=["']?([\w:-]+)/i.exec(fileType)?.[1] ?? "";
}
