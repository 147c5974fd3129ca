import type { TestProject } from "vitest/node";
import { createTemplate, dropTemplate } from "./database/prepare.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** The folder with the migrated database in `template`, and room for copies. */
    stackTemplate: string;
  }
}

/**
 * Prepares once the database that the stacks of a run begin with. On a server each migrates its own:
 * what migrations set for a role in a database does not come along with a copy.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (process.env.TEST_SERVER_URL) return async () => undefined;

  const template = await createTemplate(undefined, { withHelpers: false });
  if (template.kind === "embedded") project.provide("stackTemplate", template.directory);
  return () => dropTemplate(template);
}
