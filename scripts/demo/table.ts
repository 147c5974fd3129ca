/** A column: its heading, whether it holds numbers, and how wide it may grow. */
export interface Column {
  title: string;
  isNumber?: boolean;
  width?: number;
}

/** Rows as an aligned table with a line under the headings; long texts wrap at word ends. */
export function table(columns: Column[], rows: string[][]): string {
  const cells = rows.map((row) =>
    row.map((text, at) => wrap(text, columns[at]?.width ?? Number.POSITIVE_INFINITY)),
  );
  const widths = columns.map(({ title }, at) =>
    Math.max(title.length, ...cells.flatMap((row) => row[at]?.map(({ length }) => length) ?? [])),
  );
  const line = (texts: string[]) =>
    columns
      .map(({ isNumber }, at) => {
        const text = texts[at] ?? "";
        return isNumber ? text.padStart(widths[at] ?? 0) : text.padEnd(widths[at] ?? 0);
      })
      .join("  ")
      .trimEnd();

  const body = cells.flatMap((row) => {
    const height = Math.max(...row.map(({ length }) => length));
    return Array.from({ length: height }, (_, index) => line(row.map((part) => part[index] ?? "")));
  });
  return [
    line(columns.map(({ title }) => title)),
    widths.map((width) => "─".repeat(width)).join("  "),
    ...body,
  ].join("\n");
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let current = "";
  for (const word of text.split(/\s+/)) {
    if (current && current.length + 1 + word.length > width) {
      lines.push(current);
      current = word;
    } else {
      current = current ? `${current} ${word}` : word;
    }
  }
  return [...lines, current];
}
