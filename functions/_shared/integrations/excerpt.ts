/** The beginning of a text, with a mark where it was cut; empty for nothing. */
export function excerpt(text: string | null | undefined, characters: number): string {
  const whole = text ?? "";
  if (whole.length <= characters) {
    return whole;
  }
  // A letter of two halves stays whole.
  const end = /[\uD800-\uDBFF]/.test(whole[characters - 2] ?? "") ? characters - 2 : characters - 1;
  return `${whole.slice(0, end)}…`;
}
