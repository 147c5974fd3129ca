import { readFileSync } from "node:fs";
import type { Database } from "../stack/database/index.ts";

/** Everything a catalogue holds, by kind and name. */
export type Catalogue = Map<string, string>;

const SNAPSHOT = readFileSync(new URL("./catalogue.sql", import.meta.url), "utf8");

/** Reads schemas, relations, columns, constraints, functions, grants, comments and seeded rows. */
export async function readCatalogue(database: Database): Promise<Catalogue> {
  const rows = await database.query<{ kind: string; name: string; definition: string }>(SNAPSHOT);
  const catalogue: Catalogue = new Map(
    rows.map(({ kind, name, definition }) => [`${kind} ${name}`, definition]),
  );
  const seeded = rows.filter(({ kind }) => kind === "seeded table");
  for (const { name, definition } of seeded) {
    catalogue.delete(`seeded table ${name}`);
    const contents = await database.query<{ row: string }>(definition);
    for (const [index, { row }] of contents.entries())
      catalogue.set(`row ${index + 1} of ${name}`, row);
  }
  return catalogue;
}

/** What one catalogue has and the other has not, or has otherwise. */
export function differences(expected: Catalogue, found: Catalogue): string[] {
  const missing = [...expected.keys()].filter((name) => !found.has(name));
  const added = [...found.keys()].filter((name) => !expected.has(name));
  const changed = [...expected].filter(
    ([name, definition]) => found.has(name) && found.get(name) !== definition,
  );
  return [
    ...missing.map((name) => `${name} is gone`),
    ...added.map((name) => `${name} is left`),
    ...changed.map(([name, was]) => `${name} was "${was}" and is "${found.get(name)}"`),
  ];
}
