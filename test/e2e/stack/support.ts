import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { SupabaseClient } from "@supabase/supabase-js";
import type { Stack } from "../../../scripts/stack/index.ts";
import { clientOf } from "../../support/stack.ts";

const repository = process.cwd();

let people = 0;

/** A client that has just signed up. */
export async function signUp(stack: Stack): Promise<{ client: SupabaseClient; email: string }> {
  people += 1;
  const email = `person-${process.pid}-${people}@example.test`;
  const client = clientOf(stack);
  const { error } = await client.auth.signUp({ email, password: "correct horse battery" });
  if (error) throw error;
  return { client, email };
}

/** A folder with a project of its own: these files, the repository's packages, nothing else. */
export async function createProject(files: Record<string, string> = {}) {
  const root = await mkdtemp(join(tmpdir(), "ensemble-test-"));
  await symlink(join(repository, "node_modules"), join(root, "node_modules"));
  const all = { "supabase/config.toml": 'project_id = "test"\n', "package.json": "{}", ...files };
  for (const [path, text] of Object.entries(all)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return { root, remove: () => rm(root, { recursive: true, force: true }) };
}

/** `npm start` in a folder, as a process. */
export interface Command {
  child: ChildProcess;
  /** Everything it has written so far. */
  output(): string;
  /** Waits until the output matches, and answers the first group. */
  saw(pattern: RegExp): Promise<string>;
  /** Waits for the end and answers the exit code. */
  ended(): Promise<number | null>;
}

/** Starts the command with free ports, unless the arguments name others. */
export function startCommand(root: string, args: string[] = []): Command {
  const ports = args.includes("--port") ? [] : ["--port", "0"];
  const child = spawn(
    process.execPath,
    [
      "--import",
      join(repository, "node_modules", "tsx", "dist", "loader.mjs"),
      "--",
      join(repository, "scripts", "start.ts"),
      ...ports,
      "--db-port",
      "0",
      "--no-tick",
      ...args,
    ],
    { cwd: root, stdio: ["ignore", "pipe", "pipe"] },
  );
  let output = "";
  const collect = (data: Buffer) => {
    output += data.toString();
  };
  child.stdout?.on("data", collect);
  child.stderr?.on("data", collect);
  const end = new Promise<number | null>((resolve) => child.once("close", resolve));

  return {
    child,
    output: () => output,
    ended: () => end,
    async saw(pattern) {
      for (let tries = 0; tries < 300; tries += 1) {
        const match = pattern.exec(output);
        if (match) return match[1] ?? match[0];
        if (child.exitCode !== null) break;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      throw new Error(`The command never said ${pattern}:\n${output}`);
    },
  };
}
