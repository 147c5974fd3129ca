/**
 * A text without what a reader would not see: control and format characters (zero-width, bidi, tag
 * characters) can carry words to a model past whoever accepts a tool.
 */
export function visibleText(text: string): string {
  return text.replace(/[\p{Cf}\p{Co}\p{Cn}]|(?![\n\t])\p{Cc}/gu, "");
}
