import { migrate, rollback } from "../stack/database/index.ts";
import { type Catalogue, differences, readCatalogue } from "./catalogue.ts";
import type { Check } from "./check.ts";
import { ROOT } from "./files.ts";

/** Up, down and up again leave the catalogue as the first time; down leaves it as it was found. */
export const rollbacks: Check = {
  name: "rollbacks: up, down and up again make the same catalogue",
  async run(workbench) {
    const { database } = await workbench.laid();
    const snapshot = () => readCatalogue(database);
    const up = () => migrate(database, { directory: `${ROOT}supabase/migrations` });

    const before = await snapshot();
    const applied = await up();
    const first = await snapshot();
    for (const { version } of applied.toReversed())
      await rollback(database, version, `${ROOT}supabase/rollbacks`);
    const problems = say("after down", before, await snapshot());
    try {
      await up();
      problems.push(...say("after down and up", first, await snapshot()));
    } catch (error) {
      problems.push(`up again: ${error instanceof Error ? error.message : String(error)}`);
    }
    return { problems };
  },
};

function say(when: string, expected: Catalogue, found: Catalogue): string[] {
  return differences(expected, found).map((difference) => `${when}: ${difference}`);
}
