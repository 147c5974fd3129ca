const DELIMITERS = [",", ";", "\t", "|"];
const MOST_LINES = 50;
const MOST_CHARACTERS = 64 * 1024;

/** What parts the cells of a table, and the table without the line in which Excel is told so. */
export function sniffDelimiter(
  text: string,
  fileName: string,
): { delimiter: string; text: string } {
  const told = /^\ufeff?sep=([^\n])\n/i.exec(text);
  if (told?.[1]) {
    return { delimiter: told[1], text: text.slice(told[0].length) };
  }
  const preferred = /\.tsv$/i.test(fileName) ? "\t" : ",";
  const lines = firstLines(text);
  const scores = DELIMITERS.map((delimiter) => ({ delimiter, score: scoreOf(delimiter, lines) }));
  const most = Math.max(...scores.map(({ score }) => score));
  const best = scores.filter(({ score }) => score === most).map(({ delimiter }) => delimiter);
  return { delimiter: best.includes(preferred) ? preferred : (best[0] ?? preferred), text };
}

/** Lines without what is quoted: a cell's text says nothing of what parts it from the next. */
function firstLines(text: string): string[] {
  return text
    .slice(0, MOST_CHARACTERS)
    .replace(/"(?:[^"]|"")*"/g, '""')
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(0, MOST_LINES);
}

/** How many columns it makes, as long as it makes as many in most lines. */
function scoreOf(delimiter: string, lines: readonly string[]): number {
  const counts = lines.map((line) => line.split(delimiter).length - 1);
  const usual = counts.toSorted((one, other) => one - other)[Math.floor(counts.length / 2)] ?? 0;
  const agreeing = counts.filter((count) => count === usual).length;
  return usual === 0 ? 0 : agreeing / counts.length + Math.min(usual, 100) / 1000;
}
