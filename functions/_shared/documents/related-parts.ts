import type { ZipMembers } from "./open-zip.ts";
import { parseXml } from "./parse-xml.ts";

/** A part of an office document that another part refers to. */
export interface RelatedPart {
  id: string;
  /** The last word of the relation's type, as `slide` or `styles`. */
  type: string;
  /** The name of the member; one that is there. */
  target: string;
}

/** The parts that the part of that name refers to; of the document itself for an empty name. */
export async function relatedParts(
  members: ZipMembers,
  name: string,
  signal: AbortSignal,
): Promise<{
  ofType: (type: string) => RelatedPart[];
  byId: (id: string) => RelatedPart | undefined;
}> {
  const folder = name.slice(0, name.lastIndexOf("/") + 1);
  const relations = `${folder}_rels/${name.slice(folder.length)}.rels`;
  const parts: RelatedPart[] = [];
  if (members.has(relations)) {
    parseXml(await members.bytes(relations, signal), signal, {
      open(element, { Id, Type, Target, TargetMode }) {
        // What lies outside of the file is never read.
        if (element !== "Relationship" || TargetMode === "External") {
          return;
        }
        const target = resolved(folder, Target ?? "");
        if (members.has(target)) {
          parts.push({ id: Id ?? "", type: (Type ?? "").replace(/^.*\//, ""), target });
        }
      },
    });
  }
  return {
    ofType: (type) => parts.filter((part) => part.type === type),
    byId: (id) => parts.find((part) => part.id === id),
  };
}

/** The identifier of the relation that an element refers by, whatever its namespace is called. */
export function relationId(attributes: Record<string, string>): string {
  const name = Object.keys(attributes).find((each) => each.endsWith(":id"));
  return attributes[name ?? ""] ?? "";
}

function resolved(folder: string, target: string): string {
  const steps = target.startsWith("/") ? [] : folder.split("/").filter(Boolean);
  for (const step of target.split("/")) {
    if (step === "..") {
      steps.pop();
    } else if (step !== "" && step !== ".") {
      steps.push(step);
    }
  }
  return steps.join("/");
}
