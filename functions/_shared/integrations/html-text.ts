/** Entities that mails really contain; numeric ones are all known. */
const entities: Record<string, string> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
  copy: "©",
  reg: "®",
  trade: "™",
  euro: "€",
  hellip: "…",
  ndash: "–",
  mdash: "—",
  lsquo: "‘",
  rsquo: "’",
  ldquo: "“",
  rdquo: "”",
  laquo: "«",
  raquo: "»",
  bull: "•",
  middot: "·",
  zwnj: "",
  zwj: "",
  shy: "",
};

/** Elements after which, and before which, a line ends. */
const BLOCK =
  /^(address|article|blockquote|br|dd|div|dl|dt|footer|h[1-6]|header|hr|li|ol|p|pre|section|table|tr|ul)$/;
/** Elements whose content is not text. */
const HIDDEN = /^(script|style|head|title|template|noscript)$/;

/**
 * The text of an HTML document, for reading, not for showing: it is never HTML again. One pass, in
 * time that grows with its length, whatever it consists of.
 */
export function htmlText(html: string): string {
  const lower = html.toLowerCase();
  let text = "";
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf("<", at);
    if (open < 0) {
      text += html.slice(at);
      break;
    }
    text += html.slice(at, open);
    if (html.startsWith("<!--", open)) {
      at = after(html, "-->", open);
      continue;
    }
    const name = /^\/?([a-z][a-z0-9]*)/.exec(lower.slice(open + 1, open + 32))?.[1];
    if (name === undefined && !/^[!?/]/.test(html.charAt(open + 1))) {
      text += "<"; // as in "a < b"
      at = open + 1;
      continue;
    }
    at = after(html, ">", open);
    if (name && HIDDEN.test(name) && lower.charAt(open + 1) !== "/") {
      at = after(html, ">", after(lower, `</${name}`, at) - 1);
    } else if (name && BLOCK.test(name)) {
      text += "\n";
    } else if (name === "td" || name === "th") {
      text += " ";
    }
  }
  return decodeEntities(text)
    .replaceAll(/[^\S\n]+/g, " ")
    .replaceAll(/ ?\n ?/g, "\n")
    .replaceAll(/\n{3,}/g, "\n\n")
    .trim();
}

/** Character references of HTML as the characters they mean; unknown ones stay. */
export function decodeEntities(text: string): string {
  return text.replaceAll(
    /&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,8}));/gi,
    (all, ten, hex, name) => {
      if (name) {
        return entities[name.toLowerCase()] ?? all;
      }
      const code = ten ? Number(ten) : Number.parseInt(hex, 16);
      return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff)
        ? String.fromCodePoint(code)
        : "";
    },
  );
}

/** Behind the next occurrence; the end where there is none. */
function after(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, Math.max(0, from));
  return found < 0 ? text.length : found + mark.length;
}
