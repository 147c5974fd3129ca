import { existsSync, readdirSync } from "node:fs";
import type { Check, Finding } from "./check.ts";
import { ROOT } from "./files.ts";
import type { CommandResult } from "./workbench.ts";

/** Biome finds nothing to format and nothing to fix. */
export const biome: Check = {
  name: "biome: formatted and without lint",
  run: async (workbench) =>
    findingOf(await workbench.command("biome", ["check", "--error-on-warnings", "--colors=off"])),
};

/** The TypeScript compiler accepts scripts, tests, types and what functions share with them. */
export const tsc: Check = {
  name: "tsc: the types hold",
  run: async (workbench) =>
    findingOf(await workbench.command("tsc", ["--noEmit", "--pretty", "false"])),
};

/** Deno accepts every function as it is deployed. */
export const deno: Check = {
  name: "deno check: the functions hold",
  async run(workbench) {
    const entries = readdirSync(`${ROOT}functions`)
      .map((name) => `functions/${name}/index.ts`)
      .filter((path) => existsSync(ROOT + path));
    if (entries.length === 0) return { problems: ["functions/: there is no function"] };
    return findingOf(
      await workbench.command("deno", [
        "check",
        // The packages that npm ci installed, and nothing downloaded.
        ...["--no-lock", "--node-modules-dir=manual", "--config", "functions/deno.json"],
        ...entries,
      ]),
    );
  },
};

/** Everything a failed command said. */
export function findingOf({ code, stdout, stderr }: CommandResult): Finding {
  if (code === 0) return { problems: [] };
  return { problems: [`${stdout}\n${stderr}`.trim() || `ended with code ${code}`] };
}
