import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Entry } from "./entry.ts";

const [port, databasePort, deadlineMs] = [54921, 54922, 120_000];

/** Starts the stack and returns the seconds until its first answer. */
async function start(directory: string): Promise<{ stack: ChildProcess; seconds: number }> {
  const begun = Date.now();
  const stack = spawn(
    process.execPath,
    [
      // As npm start does; without "--", Node 20 itself would take --env-file for its own.
      ...["--import", "tsx", "--", "scripts/start.ts", "--port", `${port}`],
      ...["--db-port", `${databasePort}`, "--data-dir", join(directory, "data")],
      ...["--env-file", join(directory, "env")],
    ],
    { stdio: "ignore" },
  );
  while (Date.now() - begun < deadlineMs && stack.exitCode === null) {
    const answer = await fetch(`http://127.0.0.1:${port}/health`).catch(() => null);
    if (answer?.ok) {
      return { stack, seconds: (Date.now() - begun) / 1000 };
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  stack.kill("SIGKILL");
  throw new Error("The stack did not answer");
}

async function stop(stack: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => stack.once("exit", resolve));
  stack.kill("SIGTERM");
  await gone;
}

/** Resident memory of a process and all below it, in MB. */
function residentMb(pid: number): number {
  const processes = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const status = readFileSync(`/proc/${name}/status`, "utf8");
        const field = (key: string) => Number(status.match(`${key}:\\s+(\\d+)`)?.[1] ?? 0);
        return [{ pid: Number(name), parent: field("PPid"), kb: field("VmRSS") }];
      } catch {
        return [];
      }
    });
  const below = (parent: number): number =>
    processes
      .filter((process) => process.parent === parent)
      .reduce((kb, process) => kb + process.kb + below(process.pid), 0);
  const own = processes.find((process) => process.pid === pid)?.kb ?? 0;
  return (own + below(pid)) / 1024;
}

/** What a newcomer waits for, and what the stack keeps when nobody asks it anything. */
export const startUp: Entry = {
  name: "start-up",
  title: "The embedded stack: seconds to its first answer, and MB of all its processes when idle",
  unit: "s or MB",
  needsServer: false,
  hasRatios: false,
  async open() {
    const directory = mkdtempSync(join(tmpdir(), "ensemble-bench-"));
    const data = join(directory, "data");
    const withStack = async (
      read: (started: { stack: ChildProcess; seconds: number }) => Promise<number>,
    ) => {
      const started = await start(directory);
      try {
        return await read(started);
      } finally {
        await stop(started.stack);
      }
    };
    const ensureData = () => withStack(async () => 0);
    return {
      close: async () => rmSync(directory, { recursive: true, force: true }),
      contenders: [
        {
          name: "first start (goal: 15 s)",
          measure: () => {
            rmSync(data, { recursive: true, force: true });
            return withStack(async ({ seconds }) => seconds);
          },
        },
        {
          name: "later start (goal: 6 s)",
          measure: async () => {
            await ensureData();
            return withStack(async ({ seconds }) => seconds);
          },
        },
        {
          name: "idle memory (goal: 700 MB)",
          measure: async () => {
            await ensureData();
            return withStack(async ({ stack }) => {
              await new Promise((resolve) => setTimeout(resolve, 10_000));
              return residentMb(stack.pid as number);
            });
          },
        },
      ],
    };
  },
};
