const segmenter = new Intl.Segmenter("en", { granularity: "sentence" });

/** Characters looked at together: the segmenter's time grows with the square of their number. */
const WINDOW = 2_000;

/** A line that goes on in the next one. */
const softBreak = /(?<![.!?:;])\n(?=\p{Ll})/gu;

/** The sentences of a text, each with the white space before it; together they are the text. */
export function sentencesOf(text: string): string[] {
  const flowing = text.replace(softBreak, " ");
  const ends: number[] = [];
  let from = 0;
  while (from < text.length) {
    const window = flowing.slice(from, from + WINDOW);
    const starts = [...segmenter.segment(window)].map(({ index }) => index).slice(1);
    if (from + WINDOW >= text.length) {
      ends.push(...starts.map((start) => from + start), text.length);
      break;
    }
    // The window's last sentence goes on in the next window, unless it fills this one.
    const whole = starts.length > 0 ? starts : [lastSpace(window)];
    ends.push(...whole.map((start) => from + start));
    from = ends.at(-1) as number;
  }
  return cut(text, ends);
}

/** The lines of a text, each with the line break before it; together they are the text. */
export function linesOf(text: string): string[] {
  return text.split(/(?=\n)(?<=[^\n])/);
}

function lastSpace(window: string): number {
  const space = window.search(/\s\S*$/);
  return space > 0 ? space : safeCut(window, window.length - 1);
}

/** A mark that belongs to the letter before it, or what joins two signs. */
const mark = /^(?:\p{M}|\u200d)/u;

/** The nearest place from `at` on, towards the end, that is not within a character. */
export function safeCut(text: string, at: number): number {
  let place = at;
  while (place - at < 20 && mark.test(text.slice(place, place + 2))) {
    place += 1;
  }
  return /^[\udc00-\udfff]/.test(text.slice(place, place + 1)) ? place - 1 : place;
}

function cut(text: string, ends: number[]): string[] {
  const parts: string[] = [];
  let from = 0;
  for (const end of ends) {
    const trailing = end < text.length ? (/\s*$/.exec(text.slice(from, end))?.[0].length ?? 0) : 0;
    const to = end - trailing;
    if (to > from) {
      parts.push(text.slice(from, to));
      from = to;
    }
  }
  if (from < text.length) {
    parts.push(text.slice(from));
  }
  return parts;
}
