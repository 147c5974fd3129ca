import type { TestProject } from "vitest/node";
import { serveOnFreePort } from "../../../scripts/check/serve-embedded.ts";
import { type EmbeddedDatabase, vaultKeySetting } from "../../../scripts/stack/database/index.ts";
import prepare from "./global-setup.ts";
import { copyTemplate, openCopy } from "./prepare.ts";

/**
 * A prepared database behind a URL, for suites that bring their own Postgres clients: they find it in
 * TEST_DATABASE_URL, and in TEST_DATABASE_KIND whether it is `embedded` (one session behind all
 * connections, so no two transactions at once) or a `server`.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const release = await prepare(project);
  const template = project.getProvidedContext().template;
  const copy = await copyTemplate(template, "engine");
  process.env.TEST_DATABASE_KIND = template.kind;
  if ("url" in copy) {
    const url = new URL(copy.url);
    url.searchParams.set("options", `-c ${vaultKeySetting}=${template.vaultKey}`);
    process.env.TEST_DATABASE_URL = url.href;
    return release;
  }
  const database = (await openCopy(copy, template.vaultKey)) as EmbeddedDatabase;
  const { url, stop } = await serveOnFreePort(database);
  process.env.TEST_DATABASE_URL = url;
  return async () => {
    await stop();
    await database.close();
    await release();
  };
}
