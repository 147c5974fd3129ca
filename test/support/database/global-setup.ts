import type { TestProject } from "vitest/node";
import { createTemplate, dropTemplate, type Template } from "./prepare.ts";

declare module "vitest" {
  export interface ProvidedContext {
    template: Template;
  }
}

// Projects share the template: whoever comes first makes it, whoever goes last drops it.
const state = globalThis as { ensembleTemplate?: Promise<Template>; ensembleUsers?: number };

/** Prepares the database once for a whole run, on the server of TEST_SERVER_URL if there is one. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  state.ensembleUsers = (state.ensembleUsers ?? 0) + 1;
  state.ensembleTemplate ??= createTemplate(process.env.TEST_SERVER_URL);
  const template = await state.ensembleTemplate;
  project.provide("template", template);
  return async () => {
    state.ensembleUsers = (state.ensembleUsers ?? 1) - 1;
    if (state.ensembleUsers > 0) return;
    state.ensembleTemplate = undefined;
    await dropTemplate(template);
  };
}
