import type { XmlHandlers } from "./parse-xml.ts";

/** What a paragraph's style makes of it. */
export type OdtKind = "title" | "code" | "text";

const MOST_ANCESTORS = 20;
const KINDS: Readonly<Record<string, OdtKind>> = {
  Title: "title",
  Preformatted_20_Text: "code",
  Source_20_Code: "code",
};

/** Gathers styles from the parts of an OpenDocument text: a style of its own follows a named one. */
export class OdtStyles implements XmlHandlers {
  private readonly parents = new Map<string, string>();
  private readonly hidden = new Set<string>();
  private name = "";

  open = (element: string, attributes: Record<string, string>): void => {
    if (element === "style") {
      this.name = attributes["style:name"] ?? "";
      this.parents.set(this.name, attributes["style:parent-style-name"] ?? "");
    } else if (element === "text-properties" && attributes["text:display"] === "none") {
      this.hidden.add(this.name);
    }
  };

  /** Whether text of that style is not shown. */
  isHidden(name: string | undefined): boolean {
    return name !== undefined && this.hidden.has(name);
  }

  kindOf(name: string | undefined): OdtKind {
    let style = name;
    for (let count = 0; style && count < MOST_ANCESTORS; count += 1) {
      const kind = KINDS[style];
      if (kind) {
        return kind;
      }
      style = this.parents.get(style);
    }
    return "text";
  }
}
