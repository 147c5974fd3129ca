import { access, constants, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { StackFailure } from "../failure.ts";

/** A folder that keeps one stack's data, held by this process alone. */
export interface DataDirectory {
  database: string;
  storage: string;
  release(): Promise<void>;
}

/** The major version of the in-process Postgres. */
const postgresVersion = "17";

/**
 * Makes the folder ready and takes hold of it.
 *
 * @throws StackFailure when it cannot be written, holds another version's data or is in use
 */
export async function openDataDirectory(path: string): Promise<DataDirectory> {
  try {
    await mkdir(path, { recursive: true });
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new StackFailure(`Cannot use the data folder ${path}: ${(error as Error).message}`);
  }
  const release = await holdFolder(path);
  const database = join(path, "postgres");
  try {
    await requireVersion(database);
  } catch (error) {
    await release();
    throw error;
  }
  return { database, storage: join(path, "storage"), release };
}

async function requireVersion(database: string): Promise<void> {
  const version = await readFile(join(database, "PG_VERSION"), "utf8").catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw new StackFailure(`Cannot read the data in ${database}: ${error.message}`);
    },
  );
  if (version === undefined || version.trim() === postgresVersion) return;
  throw new StackFailure(
    `Cannot use the data in ${database}: it is of PostgreSQL ${version.trim()}, ` +
      `this stack has ${postgresVersion}. Choose another --data-dir or remove the folder.`,
  );
}

/** Writes who holds the folder; a holder that is gone (after kill -9) is passed over. */
async function holdFolder(path: string): Promise<() => Promise<void>> {
  const file = join(path, "lock");
  const me = await identify(process.pid);
  const holder = await readFile(file, "utf8").catch(() => "");
  const pid = Number.parseInt(holder, 10);
  if (pid && holder !== me && holder === (await identify(pid))) {
    throw new StackFailure(
      `Cannot use the data folder ${path}: the stack with process id ${pid} is using it. ` +
        "Stop it or choose another --data-dir.",
    );
  }
  if (pid && holder === me) {
    throw new StackFailure(`Cannot use the data folder ${path}: this process uses it already.`);
  }
  await writeFile(file, me);
  return () => rm(file, { force: true });
}

/** Names a living process; on Linux together with its start, since process ids are used again. */
async function identify(pid: number): Promise<string> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return "";
  }
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => "");
  const start = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  return [pid, start, boot.trim()].filter((part) => part !== "").join(" ");
}
