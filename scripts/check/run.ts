import type { Check, Finding } from "./check.ts";
import { dependencies } from "./dependencies.ts";
import { folders } from "./folders.ts";
import { leftovers } from "./leftovers.ts";
import { permissionsAreFresh } from "./permissions-table.ts";
import { rollbacks } from "./rollbacks.ts";
import { advisors, lint } from "./supabase.ts";
import { biome, deno, tsc } from "./tools.ts";
import { typesAreFresh } from "./types.ts";
import type { Workbench } from "./workbench.ts";

/** All checks, the quick ones first. */
export const CHECKS: Check[] = [
  folders,
  dependencies,
  leftovers,
  biome,
  tsc,
  deno,
  typesAreFresh,
  permissionsAreFresh,
  advisors,
  lint,
  rollbacks,
];

/** How a run ended: its last line, and whether it counts as passed. */
export interface CheckRun {
  summary: string;
  ok: boolean;
}

/** Runs all checks, also after a failed one, and tells how each ended as it ends. */
export async function runChecks(
  checks: Check[],
  workbench: Workbench,
  tell: (line: string) => void,
): Promise<CheckRun> {
  const count = { passed: 0, failed: 0, skipped: 0 };
  for (const [index, check] of checks.entries()) {
    const started = performance.now();
    const finding = await attempt(check, workbench);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const title = `[${index + 1}/${checks.length}] ${check.name}`;
    if ("skipped" in finding) {
      count.skipped += 1;
      tell(`- ${title}: left out, ${finding.skipped}`);
    } else if (finding.problems.length === 0) {
      count.passed += 1;
      tell(`✓ ${title} (${seconds} s)`);
    } else {
      count.failed += 1;
      tell(`✗ ${title} (${seconds} s)`);
      for (const problem of finding.problems) tell(problem.replace(/^/gm, "    "));
    }
  }
  const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : "";
  return {
    summary: `${count.passed} passed, ${count.failed} failed${skipped}`,
    ok: count.failed === 0 && count.passed > 0,
  };
}

async function attempt(check: Check, workbench: Workbench): Promise<Finding> {
  try {
    return await check.run(workbench);
  } catch (error) {
    return { problems: [error instanceof Error ? error.message : String(error)] };
  }
}
