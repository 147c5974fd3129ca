import { readFile, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { StackFailure } from "../../../scripts/stack/failure.ts";
import { type StackOptions, startStack } from "../../../scripts/stack/index.ts";
import { createProject, startCommand } from "./support.ts";

const running = /API URL: (http:\S+)/;
const migration = "supabase/migrations/20260101000000_first.sql";

describe("npm start", () => {
  const undo: (() => unknown)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });

  const project = async (files: Record<string, string> = {}) => {
    const made = await createProject(files);
    undo.push(made.remove);
    return made.root;
  };
  const start = (root: string, args: string[] = []) => {
    const command = startCommand(root, args);
    undo.push(async () => {
      if (command.child.exitCode === null) command.child.kill("SIGKILL");
      await command.ended();
    });
    return command;
  };
  /** Waits for a start that must fail and answers the line it leaves. */
  const failure = async (root: string, args: string[] = []) => {
    const command = start(root, args);
    expect(await command.ended()).toBe(1);
    return command.output();
  };

  it("explains its flags", async () => {
    const command = start(await project(), ["--help"]);

    expect(await command.ended()).toBe(0);
    expect(command.output()).toContain("--data-dir");
  });

  it("refuses bad arguments with one line", async () => {
    expect(await failure(await project(), ["--wat"])).toMatch(/Unknown option '--wat'.*--help/);
  });

  it("refuses a taken port and an unreachable database, without its password", async () => {
    const root = await project();
    const server = createServer().listen(0, "127.0.0.1");
    undo.push(() => server.close());
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };

    await expect(refusal({ root, port, memory: true })).resolves.toContain(`Port ${port} is taken`);
    const unreachable = await refusal({ root, dbUrl: "postgresql://me:secret@127.0.0.1:1/x" });

    expect(unreachable).toContain("Cannot reach the database postgresql://me@127.0.0.1:1/x");
    expect(unreachable).not.toContain("secret");
  });

  it("refuses a data folder that is none or is of another version", async () => {
    const root = await project({ file: "", "old/postgres/PG_VERSION": "16\n" });

    const file = await refusal({ root, dataDir: join(root, "file") });
    const old = await refusal({ root, dataDir: join(root, "old") });

    expect(file).toContain("Cannot use the data folder");
    expect(old).toContain("it is of PostgreSQL 16, this stack has 17");
  });

  it("names file, line and reason of a migration that fails or was edited", async () => {
    const root = await project({ [migration]: "create table public.a ();\n\nselect nothing();\n" });

    const failed = await failure(root);
    await writeFile(join(root, migration), "create table public.a ();\n");
    const command = start(root);
    await command.saw(running);
    command.child.kill("SIGTERM");
    await command.ended();
    await writeFile(join(root, migration), "-- new\ncreate table public.a (id int);\n");
    const edited = await failure(root);

    expect(failed).toContain(`${migration}:3: function nothing() does not exist`);
    expect(edited).toContain(`${migration}:1: this migration was edited`);
  });

  it("starts again with keys and data when it was stopped, and when it was killed", async () => {
    const root = await project({
      [migration]: "create table public.a (n int); grant all on public.a to service_role;",
    });
    const first = start(root);
    const url = await first.saw(running);
    const env = await readFile(join(root, ".env.local"), "utf8");
    const apikey = /SUPABASE_SECRET_KEY=(\S+)/.exec(env)?.[1] ?? "";
    await insert(url, apikey, 0);

    const asked = Date.now();
    first.child.kill("SIGTERM");
    const code = await first.ended();

    expect(code).toBe(0);
    expect(Date.now() - asked).toBeLessThan(3000);
    expect(await processesNaming(root)).toEqual([]);
    expect((await stat(join(root, ".env.local"))).mode & 0o777).toBe(0o600);

    const second = start(root);
    const again = await second.saw(running);
    expect(await numbers(again, apikey)).toEqual([{ n: 0 }]);
    expect(await failure(root, ["--port", "0"])).toContain("is using it");

    let committed = 1;
    const writer = (async () => {
      for (let n = 1; n < 10_000; n += 1) {
        await insert(again, apikey, n);
        committed = n + 1;
      }
    })().catch(() => undefined);
    while (committed < 20) await new Promise((resolve) => setTimeout(resolve, 5));
    second.child.kill("SIGKILL");
    await second.ended();
    await writer;
    const third = start(root);
    const kept = (await numbers(await third.saw(running), apikey)).map(({ n }) => n);
    expect(kept.slice(0, committed)).toEqual(Array.from({ length: committed }, (_, n) => n));
    expect(await processesNaming(root, second.child.pid)).toEqual([]);
  });
});

/** What a start that must fail says; the command prints it. */
async function refusal(options: StackOptions): Promise<string> {
  const started = startStack({ port: 0, dbPort: 0, tick: false, ...options });
  const failed = await started.catch((error: Error) => error);
  expect(failed).toBeInstanceOf(StackFailure);
  return (failed as StackFailure).message;
}

async function insert(url: string, apikey: string, n: number): Promise<void> {
  const response = await fetch(`${url}/rest/v1/a`, {
    method: "POST",
    headers: { apikey, "content-type": "application/json" },
    body: JSON.stringify({ n }),
  });
  if (response.status !== 201) throw new Error(await response.text());
}

async function numbers(url: string, apikey: string): Promise<{ n: number }[]> {
  const response = await fetch(`${url}/rest/v1/a?select=n&order=n`, {
    headers: { apikey, range: "0-9999" },
  });
  return response.json();
}

/** Processes that were started for the folder; with a parent's id, only those that lost it. */
async function processesNaming(root: string, lostParent?: number): Promise<string[]> {
  const { execFileSync } = await import("node:child_process");
  const lines = execFileSync("ps", ["-eo", "pid,ppid,args"], { encoding: "utf8" }).split("\n");
  const ours = lines.filter((line) => line.includes(`--allow-read=${root}`));
  if (lostParent === undefined) return ours;
  return ours.filter((line) => Number(line.trim().split(/\s+/)[1]) === 1);
}
