import { execFile } from "node:child_process";
import {
  connect,
  type Database,
  type EmbeddedDatabase,
  layPlatform,
  migrate,
  openEmbedded,
} from "../stack/database/index.ts";
import { ROOT } from "./files.ts";
import { createScratchDatabase } from "./scratch-database.ts";
import { serveOnFreePort } from "./serve-embedded.ts";

/** What a command printed, and how it ended. */
export interface CommandResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** A database for checks: empty but for the platform, reachable by its URL. */
export interface BenchDatabase {
  database: Database;
  url: string;
  close(): Promise<void>;
}

/** What checks work with: commands, and databases of their own. */
export interface Workbench {
  /** True where databases are made on a real server, which has extensions that PGlite lacks. */
  readonly onServer: boolean;
  /** A freshly migrated database, shared by the checks that only read it. */
  migrated(): Promise<BenchDatabase>;
  /** A database with the platform and no migration, for one check alone. */
  laid(): Promise<BenchDatabase>;
  /** Runs a program of node_modules/.bin. */
  command(program: string, args: string[], input?: string): Promise<CommandResult>;
  close(): Promise<void>;
}

/** Opens a workbench, on the server of a superuser's URL or on the in-process Postgres. */
export function openWorkbench(serverUrl?: string): Workbench {
  const opened: BenchDatabase[] = [];
  let migratedOnce: Promise<BenchDatabase> | undefined;

  const laid = async () => {
    const bench = serverUrl ? await onServer(serverUrl) : await inProcess();
    opened.push(bench);
    await layPlatform(bench.database);
    return bench;
  };
  return {
    onServer: serverUrl !== undefined,
    laid,
    migrated() {
      migratedOnce ??= laid().then(async (bench) => {
        await migrate(bench.database, { directory: `${ROOT}supabase/migrations` });
        return bench;
      });
      return migratedOnce;
    },
    command: runCommand,
    async close() {
      for (const bench of opened) await bench.close();
    },
  };
}

async function onServer(serverUrl: string): Promise<BenchDatabase> {
  const scratch = await createScratchDatabase(serverUrl, "check");
  const database = await connect(scratch.url);
  return {
    database,
    url: scratch.url,
    async close() {
      await database.close();
      await scratch.drop();
    },
  };
}

async function inProcess(): Promise<BenchDatabase> {
  const database: EmbeddedDatabase = await openEmbedded();
  const { url, stop } = await serveOnFreePort(database);
  return {
    database,
    url,
    async close() {
      await stop();
      await database.close();
    },
  };
}

function runCommand(program: string, args: string[], input?: string): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = execFile(
      `${ROOT}node_modules/.bin/${program}`,
      args,
      {
        cwd: ROOT,
        maxBuffer: 64 * 1024 * 1024,
        timeout: 300_000,
        env: { ...process.env, DO_NOT_TRACK: "1", SUPABASE_TELEMETRY_DISABLED: "1", NO_COLOR: "1" },
      },
      (error, stdout, stderr) => {
        const code = error ? (typeof error.code === "number" ? error.code : 1) : 0;
        resolve({ code, stdout, stderr });
      },
    );
    child.stdin?.end(input ?? "");
  });
}
