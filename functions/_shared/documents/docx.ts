import type { OpenFormat } from "./document.ts";
import { documentOfBlocks } from "./document-of-blocks.ts";
import { docxBlocks } from "./docx-blocks.ts";
import { docxStyles } from "./docx-styles.ts";
import { officeTitle } from "./office-title.ts";
import { openZip, type ZipMembers } from "./open-zip.ts";
import { parseXml } from "./parse-xml.ts";
import { requirePartSize } from "./refusals.ts";
import { relatedParts } from "./related-parts.ts";

/** Opens Word documents. Their pages are only made when they are printed, so there are none. */
export const openDocx: OpenFormat = async (bytes, { signal }) => {
  const members = await openZip(bytes);
  const main = (await relatedParts(members, "", signal)).ofType("officeDocument")[0]?.target;
  const name = main ?? "word/document.xml";
  const parts = await relatedParts(members, name, signal);

  const styles = parts.ofType("styles")[0]?.target;
  const style = docxStyles(styles ? await members.bytes(styles, signal) : new Uint8Array(), signal);
  const notes = new Map<string, string>();
  for (const kind of ["footnote", "endnote"]) {
    const part = parts.ofType(`${kind}s`)[0]?.target;
    if (part) {
      readNotes(await members.bytes(part, signal), kind, notes, signal);
    }
  }
  const content = await members.bytes(name, signal);
  requirePartSize(content);
  const { title, blocks } = docxBlocks(content, { style, notes, signal });
  return documentOfBlocks("docx", title ?? (await propertyTitle(members, signal)), blocks);
};

function propertyTitle(members: ZipMembers, signal: AbortSignal): Promise<string | null> {
  return officeTitle(members, "docProps/core.xml", signal);
}

function readNotes(
  part: Uint8Array,
  kind: string,
  notes: Map<string, string>,
  signal: AbortSignal,
): void {
  let id = "";
  let isText = false;
  let text = "";
  parseXml(part, signal, {
    open(name, attributes) {
      isText = name === "t";
      if (name === kind) {
        id = attributes["w:id"] ?? "";
        text = "";
      }
    },
    close(name) {
      isText = false;
      if (name === "p") {
        text += " ";
      } else if (name === kind) {
        notes.set(`${kind} ${id}`, text.replace(/\s+/g, " ").trim());
      }
    },
    text(piece) {
      text += isText ? piece : "";
    },
  });
}
