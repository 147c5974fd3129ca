import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const require = createRequire(import.meta.url);
const program = fileURLToPath(new URL("./create-cluster.mjs", import.meta.url));

/**
 * Makes an empty cluster in the folder, unless it holds one. The first one ever made is kept
 * beside the installed packages and copied from then on: a moment instead of seconds.
 */
export async function ensureCluster(directory: string): Promise<void> {
  if (existsSync(join(directory, "PG_VERSION"))) return;
  await mkdir(dirname(directory), { recursive: true });

  const template = await findTemplate();
  if (!existsSync(template)) {
    const made = `${template}.${process.pid}`;
    const kept = await createCluster(made)
      .then(() => rename(made, template))
      // Another start was faster, or the packages may not be written to.
      .catch(() => rm(made, { recursive: true, force: true }).catch(() => undefined));
    void kept;
  }
  const partial = `${directory}.new`;
  await rm(partial, { recursive: true, force: true });
  if (existsSync(template)) await cp(template, partial, { recursive: true });
  else await createCluster(partial);
  // A cluster is there whole or not at all, even when the copy is interrupted.
  await rename(partial, directory);
}

async function createCluster(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await promisify(execFile)(process.execPath, [program, directory]);
}

async function findTemplate(): Promise<string> {
  const entry = require.resolve("@electric-sql/pglite");
  const home = entry.slice(0, entry.lastIndexOf("node_modules") + "node_modules".length);
  const manifest = join(home, "@electric-sql", "pglite", "package.json");
  const { version } = JSON.parse(await readFile(manifest, "utf8"));
  return join(home, ".cache", "ensemble", `pglite-${version}`);
}
