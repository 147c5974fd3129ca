import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createApi } from "./api/lite-app.ts";
import { readProject } from "./config/project.ts";
import { layPlatform } from "./database/lay-platform.ts";
import { migrate } from "./database/migrate.ts";
import type { EmbeddedDatabase } from "./database/open-embedded.ts";
import { seed } from "./database/seed.ts";
import { Disposal } from "./disposal.ts";
import { functionsEnv } from "./functions/functions-env.ts";
import { startFunctions } from "./functions/functions-host.ts";
import { createGateway } from "./gateway/gateway.ts";
import { createTokenExchange } from "./gateway/token-exchange.ts";
import { openDoor, orPortTaken } from "./listen.ts";
import { openInProcess, openServer, requireMatchingVaultKey } from "./open-database.ts";
import { defaultPorts, type StackOptions } from "./options.ts";
import { onSchemaReload } from "./schema-reload.ts";
import { openDataDirectory } from "./settings/data-directory.ts";
import { readEnvFile, writeEnvFile } from "./settings/env-file.ts";
import { type Keys, keysFrom, keyVariables } from "./settings/keys.ts";
import { startTicker } from "./ticker.ts";
import { listenForWire, serveWire } from "./wire/wire-server.ts";

/** A running stack. */
export interface Stack {
  url: string;
  databaseUrl: string;
  keys: Keys;
  /** The names of the functions that can be called. */
  functions: string[];
  /** Migrations applied by this start. */
  applied: string[];
  stop(): Promise<void>;
}

/** The largest body of a request that is no upload. */
const bodyLimitBytes = 10 * 1024 * 1024;

/**
 * Starts every part and answers when all are ready.
 *
 * @throws StackFailure or MigrationError, whose messages are for the person who starts it; nothing
 *   is left running then
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const disposal = new Disposal();
  try {
    return await start(options, disposal);
  } catch (error) {
    await disposal.run();
    throw error;
  }
}

async function start(options: StackOptions, disposal: Disposal): Promise<Stack> {
  // lite and the CLI phone home unless told not to.
  process.env.DO_NOT_TRACK = "1";
  const root = resolve(options.root ?? process.cwd());
  const host = options.host ?? "127.0.0.1";
  const progress = options.onProgress ?? (() => undefined);
  const log = options.log ?? (() => undefined);
  const project = await readProject(root);

  // Ports come first: a stack that cannot be reached need not be built.
  const door = await openDoor(options.port ?? defaultPorts.gateway, host);
  disposal.add(() => door.close());
  const url = `http://${host === "0.0.0.0" ? "127.0.0.1" : host}:${door.port}`;

  const keys = keysFrom(options.envFile ? await readEnvFile(options.envFile) : {});
  const folders = await openFolders(options, root, disposal);

  progress(options.dbUrl ? "Connecting to the database" : "Opening the database");
  const { database, databaseUrl, serve } = options.dbUrl
    ? {
        database: await openServer(options.dbUrl, keys.vaultKey),
        databaseUrl: options.dbUrl,
        serve: () => undefined,
      }
    : await openEmbeddedWithWire(options, keys, folders.database, disposal);
  disposal.add(() => database.close());

  progress("Laying the platform");
  await layPlatform(database);
  await requireMatchingVaultKey(database, options.envFile ?? "this start");
  const applied = await migrate(database, {
    directory: join(root, "supabase", "migrations"),
    onApplied: ({ name }) => progress(`Applied the migration ${name}`),
  });
  await database.refreshTypes();
  await seed(database, join(root, "supabase", "seed.sql"));

  progress("Starting REST, Auth and Storage");
  const tokens = await createTokenExchange(keys.jwtSecret);
  const api = await createApi({
    database,
    project,
    keys,
    url,
    storageDirectory: folders.storage,
  });
  disposal.add(await onSchemaReload(database, databaseUrl, () => void api.reloadSchema()));

  progress("Starting the functions");
  const functions = await startFunctions({
    root,
    functions: project.functions,
    env: await functionsEnv({
      root,
      url,
      databaseUrl,
      keys,
      jwks: tokens.jwks,
      siteUrl: project.siteUrl,
      allowLoopback: host === "127.0.0.1",
      extra: options.functionsEnv,
    }),
    log,
  });
  disposal.add(() => functions.stop());

  door.serve(
    createGateway({
      api,
      functions,
      keys,
      project,
      tokens,
      bodyLimitBytes,
      fileLimitBytes: bytesOf(project.fileSizeLimit),
      checks: {
        database: async () => (await database.query("select 1")).length === 1,
        api: async () =>
          (
            await api.fetch(
              new Request(`${url}/auth/v1/health`, { headers: { apikey: keys.publishableKey } }),
            )
          ).ok,
        functions: () => functions.ready,
      },
    }),
  );
  serve();

  if (options.envFile) {
    await writeEnvFile(options.envFile, {
      SUPABASE_URL: url,
      DATABASE_URL: databaseUrl,
      ...keyVariables(keys),
    });
  }
  if (options.tick ?? true) {
    const ticker = startTicker({ url, secretKey: keys.secretKey, log });
    disposal.add(() => ticker.stop());
  }
  return {
    url,
    databaseUrl,
    keys,
    functions: project.functions.map(({ name }) => name).filter((name) => functions.has(name)),
    applied: applied.map(({ version, name }) => `${version}_${name}`),
    stop: () => disposal.run(),
  };
}

async function openFolders(options: StackOptions, root: string, disposal: Disposal) {
  if (options.memory) {
    const folder = await mkdtemp(join(tmpdir(), "ensemble-"));
    disposal.add(() => rm(folder, { recursive: true, force: true }));
    return { database: join(folder, "postgres"), storage: join(folder, "storage") };
  }
  const folder = await openDataDirectory(resolve(root, options.dataDir ?? ".data"));
  disposal.add(() => folder.release());
  return folder;
}

async function openEmbeddedWithWire(
  options: StackOptions,
  keys: Keys,
  directory: string,
  disposal: Disposal,
) {
  const port = options.dbPort ?? defaultPorts.database;
  // Never further than this machine: whoever reaches it is postgres.
  const server = await orPortTaken(port, "--db-port", () => listenForWire(port, "127.0.0.1"));
  disposal.add(() => server.close());
  const database: EmbeddedDatabase = await openInProcess(directory, keys.vaultKey);
  const { port: opened } = server.address() as AddressInfo;
  return {
    database,
    databaseUrl: `postgresql://postgres:postgres@127.0.0.1:${opened}/postgres`,
    serve: () => {
      const wire = serveWire(server, database);
      disposal.add(() => wire.stop());
    },
  };
}

/** Reads sizes as config.toml writes them, e.g. 50MiB. */
function bytesOf(size: string): number {
  const [, number, unit = "B"] = /^([\d.]+)\s*([KMG]?i?B)$/i.exec(size) ?? [];
  const power = ["B", "K", "M", "G"].indexOf(unit[0]?.toUpperCase() ?? "B");
  return Number(number ?? 50 * 1024 * 1024) * 1024 ** power;
}
