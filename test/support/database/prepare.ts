import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  createScratchDatabase,
  databaseUrl,
  onServer,
} from "../../../scripts/check/scratch-database.ts";
import { asPostgres } from "../../../scripts/stack/database/as-postgres.ts";
import {
  connect,
  createVaultKey,
  type Database,
  layPlatform,
  migrate,
  openEmbedded,
} from "../../../scripts/stack/database/index.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const SUPPORT = ["helpers.sql", "catalog.sql", "fixtures.sql"];

/** A database that holds the platform and every migration, ready to be copied. */
export type Template =
  | { kind: "embedded"; directory: string; vaultKey: string }
  | { kind: "server"; serverUrl: string; name: string; vaultKey: string };

// Templates of one run differ by the helpers alone, so the migrations are applied once.
const state = globalThis as { ensembleMigrated?: Promise<string> };

/** A folder with a migrated database, which is there until the process ends. */
async function migratedFolder(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "ensemble-migrated-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  await fill(await openEmbedded({ directory: folder, vaultKey: createVaultKey() }), [
    layPlatform,
    applyMigrations,
  ]);
  return folder;
}

/**
 * Makes a template: in a folder for the in-process Postgres, or as a scratch database on the
 * server behind `serverUrl`, which must be a superuser's URL. It has the test helpers unless a
 * stack is to run on it.
 */
export async function createTemplate(
  serverUrl?: string,
  { withHelpers = true } = {},
): Promise<Template> {
  process.env.DO_NOT_TRACK = "1";
  const vaultKey = createVaultKey();
  if (!serverUrl) {
    const directory = mkdtempSync(join(tmpdir(), "ensemble-test-"));
    const home = join(directory, "template");
    state.ensembleMigrated ??= migratedFolder();
    cpSync(await state.ensembleMigrated, home, { recursive: true });
    if (withHelpers)
      await fill(await openEmbedded({ directory: home, vaultKey }), [installHelpers]);
    return { kind: "embedded", directory, vaultKey };
  }
  const { name, url } = await createScratchDatabase(serverUrl, "test");
  await fill(await connect(url, { vaultKey }), [
    layPlatform,
    applyMigrations,
    ...(withHelpers ? [installHelpers] : []),
  ]);
  return { kind: "server", serverUrl, name, vaultKey };
}

/** Does these steps in a database, then lets go of it. */
async function fill(
  database: Database,
  steps: ((database: Database) => Promise<unknown>)[],
): Promise<void> {
  try {
    for (const step of steps) await step(database);
  } finally {
    await database.close();
  }
}

function applyMigrations(database: Database): Promise<unknown> {
  return migrate(database, { directory: join(ROOT, "supabase/migrations") });
}

async function installHelpers(database: Database): Promise<void> {
  // On Supabase anybody may create pgTAP; elsewhere it takes the superuser.
  await database.exec("create extension if not exists pgtap with schema extensions");
  await database.exec(
    "do $$ begin execute format('grant create on database %I to postgres', current_database()); end $$",
  );
  await database.session((session) =>
    asPostgres(session, async () => {
      for (const file of SUPPORT)
        await session.exec(readFileSync(join(ROOT, "test/support/database", file), "utf8"));
    }),
  );
}

/** Removes the template and every copy made of it. */
export async function dropTemplate(template: Template): Promise<void> {
  if (template.kind === "embedded") {
    rmSync(template.directory, { recursive: true, force: true });
    return;
  }
  const server = await connect(template.serverUrl, { maxSessions: 1 });
  try {
    const copies = await server.query<{ name: string }>(
      "select datname as name from pg_database where starts_with(datname, $1)",
      [template.name],
    );
    for (const { name } of copies) await server.exec(`drop database ${name} with (force)`);
  } finally {
    await server.close();
  }
}

/** Where a copy of a template lives: a folder, or a database of a server. */
export type Copy = { directory: string } | { url: string };

/** Copies a template, so that whoever uses the copy meets nobody else's rows. */
export async function copyTemplate(template: Template, label: string): Promise<Copy> {
  if (template.kind === "embedded") {
    const directory = join(template.directory, label);
    cpSync(join(template.directory, "template"), directory, { recursive: true });
    return { directory };
  }
  const name = `${template.name}_${label}`;
  await onServer(template.serverUrl, `create database ${name} template ${template.name}`);
  return { url: databaseUrl(template.serverUrl, name) };
}

/** Opens a copy as its superuser, with Vault's key in the session. */
export function openCopy(copy: Copy, vaultKey: string): Promise<Database> {
  return "url" in copy
    ? connect(copy.url, { vaultKey })
    : openEmbedded({ directory: copy.directory, vaultKey });
}
