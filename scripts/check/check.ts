import type { Workbench } from "./workbench.ts";

/** What a check found: problems (none means it passed), or why it could not run here. */
export type Finding = { problems: string[] } | { skipped: string };

/** One thing `npm run check` looks at. */
export interface Check {
  /** A sentence about how things should be. */
  name: string;
  run(workbench: Workbench): Promise<Finding>;
}
