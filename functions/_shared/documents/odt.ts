import type { OpenFormat } from "./document.ts";
import { documentOfBlocks } from "./document-of-blocks.ts";
import { odtBlocks } from "./odt-blocks.ts";
import { officeTitle } from "./office-title.ts";
import { openZip } from "./open-zip.ts";
import { requirePartSize } from "./refusals.ts";

/** Opens OpenDocument texts. Their pages are only made when they are printed, so there are none. */
export const openOdt: OpenFormat = async (bytes, { signal }) => {
  const members = await openZip(bytes);
  const styles = members.has("styles.xml") ? [await members.bytes("styles.xml", signal)] : [];
  const content = await members.bytes("content.xml", signal);
  requirePartSize(content);
  const { title, blocks } = odtBlocks(content, styles, signal);
  return documentOfBlocks("odt", title ?? (await officeTitle(members, "meta.xml", signal)), blocks);
};
