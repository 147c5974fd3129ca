import type { Entry } from "./entry.ts";

/**
 * Runs the contenders of an entry in turns, each round beginning with another one, and describes
 * the medians as a Markdown table. Ratios are taken within a round, where the machine was the same.
 */
export async function compare(
  entry: Entry,
  { rounds, serverUrl }: { rounds: number; serverUrl: string },
): Promise<string> {
  const { contenders, close } = await entry.open(serverUrl);
  const measured = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  try {
    for (let round = 0; round < rounds; round++) {
      for (let turn = 0; turn < contenders.length; turn++) {
        const contender = contenders[(round + turn) % contenders.length];
        if (contender) {
          const value = await contender.measure();
          measured.get(contender.name)?.push(value);
          console.error(`  ${round + 1}/${rounds} ${contender.name}: ${show(value)}`);
        }
      }
    }
  } finally {
    await close();
  }

  const [first] = contenders;
  const ours = measured.get(first?.name ?? "") ?? [];
  const lines = contenders.map(({ name }, place) => {
    const values = measured.get(name) ?? [];
    const ratios = values.map((value, round) => (ours[round] ?? Number.NaN) / value);
    const goal = entry.goals?.[name];
    return `| ${[
      name,
      show(median(values)),
      `${show(Math.min(...values))} – ${show(Math.max(...values))}`,
      place === 0 || entry.hasRatios === false
        ? ""
        : `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)} – ${Math.max(...ratios).toFixed(2)})`,
      goal === undefined ? "" : `≥ ${goal}: ${median(ratios) >= goal ? "met" : "missed"}`,
    ].join(" | ")} |`;
  });
  return [
    `### ${entry.title}`,
    "",
    `| | median ${entry.unit} | min – max | ${first?.name} to it | goal |`,
    "|---|---|---|---|---|",
    ...lines,
  ].join("\n");
}

/** The middle value. */
export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

function show(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en-US") : value.toFixed(2);
}
