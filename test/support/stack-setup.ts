import type { TestProject } from "vitest/node";
import { createTemplate, dropTemplate } from "./database/prepare.ts";
import { type SharedStack, startSharedStack } from "./stack.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** The folder with the migrated database in `template`, and room for copies. */
    stackTemplate: string;
    sharedStack: SharedStack;
  }
}

/**
 * Prepares once the database that the stacks of a run begin with, and starts the one that files
 * share. On a server each migrates its own: what migrations set for a role in a database does not
 * come along with a copy.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const template = process.env.TEST_SERVER_URL
    ? undefined
    : await createTemplate(undefined, { withHelpers: false });
  const directory = template?.kind === "embedded" ? template.directory : "";
  project.provide("stackTemplate", directory);

  const { url, keys, databaseUrl, stop } = await startSharedStack(() => directory);
  project.provide("sharedStack", { url, keys, databaseUrl });
  return async () => {
    await stop();
    if (template) await dropTemplate(template);
  };
}
