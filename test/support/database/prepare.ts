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
    await fill(await openEmbedded({ directory: home, vaultKey }), withHelpers);
    return { kind: "embedded", directory, vaultKey };
  }
  const { name, url } = await createScratchDatabase(serverUrl, "test");
  await fill(await connect(url, { vaultKey }), withHelpers);
  return { kind: "server", serverUrl, name, vaultKey };
}

/** Lays the platform, the migrations and perhaps the helpers, then lets go of the database. */
async function fill(database: Database, withHelpers: boolean): Promise<void> {
  try {
    await layPlatform(database);
    await migrate(database, { directory: join(ROOT, "supabase/migrations") });
    if (withHelpers) await installHelpers(database);
  } finally {
    await database.close();
  }
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
