import type { TestProject } from "vitest/node";
import { createTemplate, dropTemplate, type Template } from "./database/prepare.ts";

declare module "vitest" {
  export interface ProvidedContext {
    stackTemplate: Template;
  }
}

/** Prepares once the database that every stack of a run begins with. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const template = await createTemplate(process.env.TEST_SERVER_URL, { withHelpers: false });
  project.provide("stackTemplate", template);
  return () => dropTemplate(template);
}
