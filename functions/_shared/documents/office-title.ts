import type { ZipMembers } from "./open-zip.ts";
import { parseXml } from "./parse-xml.ts";

/** The title in an office document's properties, unless a program put its file name there. */
export async function officeTitle(
  members: ZipMembers,
  part: string,
  signal: AbortSignal,
): Promise<string | null> {
  if (!members.has(part)) {
    return null;
  }
  let isTitle = false;
  let title = "";
  parseXml(await members.bytes(part, signal), signal, {
    open: (name) => {
      isTitle = name === "title";
    },
    close: () => {
      isTitle = false;
    },
    text: (text) => {
      title += isTitle ? text : "";
    },
  });
  const trimmed = title.trim();
  const isOfProgram =
    /^(microsoft (word|powerpoint|excel) - |document\d*$|presentation\d*$|powerpoint presentation$|untitled)/i;
  return trimmed === "" || isOfProgram.test(trimmed) ? null : trimmed;
}
