/** A surrogate without its other half, or a NUL: neither fits into a PostgreSQL text. */
const unstorable = /\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** The text with what PostgreSQL cannot store replaced, so that places in it stay the same. */
export function storableText(text: string): string {
  return text.replace(unstorable, "\ufffd");
}
