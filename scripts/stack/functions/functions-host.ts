import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { FunctionConfig } from "../config/project.ts";
import { denoPath } from "./deno-path.ts";

/** The process in which all edge functions run. */
export interface FunctionsHost {
  /** Whether the process is listening. */
  readonly ready: boolean;
  /** Whether the function is declared and its file exists. */
  has(name: string): boolean;
  /** Hands a request for `/functions/v1/<name>` over and streams the answer back. */
  fetch(name: string, request: Request): Promise<Response>;
  stop(): Promise<void>;
}

/** What the functions are and what they are told. */
export interface FunctionsOptions {
  root: string;
  functions: FunctionConfig[];
  env: Record<string, string>;
  log: (line: string) => void;
}

/** How long a request waits for a process that is starting again. */
const restartPatienceMs = 10_000;
const firstDelayMs = 200;
const longestDelayMs = 5_000;

/** Starts the Deno process and keeps it running: one that dies is started again. */
export async function startFunctions(options: FunctionsOptions): Promise<FunctionsHost> {
  const { functions, root } = options;
  const exists = (name: string) =>
    functions.some((each) => each.name === name && existsSync(each.entrypoint));

  let stopped = false;
  let child: ChildProcess | undefined;
  let origin: Promise<string> = Promise.reject(new Error("not started"));
  origin.catch(() => undefined);
  let ready = false;
  let delayMs = firstDelayMs;

  const launch = () => {
    const process = spawnDeno(options);
    child = process;
    origin = portOf(process, options.log).then((port) => {
      ready = true;
      delayMs = firstDelayMs;
      return `http://127.0.0.1:${port}`;
    });
    origin.catch(() => undefined);
    process.once("exit", (code, signal) => {
      ready = false;
      if (stopped) return;
      options.log(`functions: the process ended (${signal ?? code}), starting it again`);
      setTimeout(() => !stopped && launch(), delayMs).unref();
      delayMs = Math.min(delayMs * 2, longestDelayMs);
    });
  };
  launch();
  await origin;

  return {
    get ready() {
      return ready;
    },
    has: exists,
    async fetch(name, request) {
      const { pathname, search } = new URL(request.url);
      const rest = pathname.replace(/^\/functions\/v1/, "");
      if (!exists(name)) {
        return Response.json(
          { code: "function_not_found", message: `No function is called ${name}.` },
          { status: 404 },
        );
      }
      const base = await whenReady(
        () => origin,
        () => ready,
      );
      if (!base) {
        return Response.json(
          { code: "functions_starting", message: "The functions are starting; try again." },
          { status: 503, headers: { "retry-after": "1" } },
        );
      }
      try {
        return await fetch(`${base}${rest}${search}`, {
          method: request.method,
          headers: request.headers,
          body: request.body,
          redirect: "manual",
          signal: request.signal,
          ...(request.body ? { duplex: "half" } : {}),
        } as RequestInit);
      } catch (error) {
        const { cause = error } = error as Error;
        // If the process is ending, whoever asks next should find it gone, not going.
        if (child && child.exitCode === null && child.signalCode === null) {
          await Promise.race([once(child, "exit"), wait(500)]);
        }
        options.log(`functions: ${name} broke off: ${(cause as Error).message}`);
        return Response.json(
          { code: "function_broke_off", message: `The function ${name} ended without an answer.` },
          { status: 502 },
        );
      }
    },
    async stop() {
      stopped = true;
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.stdin?.end();
      child.kill("SIGTERM");
      const timer = setTimeout(() => child?.kill("SIGKILL"), 1000);
      await ended;
      clearTimeout(timer);
    },
  };

  function spawnDeno({ env, log }: FunctionsOptions): ChildProcess {
    const host = fileURLToPath(new URL("./host.ts", import.meta.url));
    const config = join(root, "functions", "deno.json");
    const list = Object.fromEntries(
      functions.map(({ name, entrypoint }) => [name, `file://${entrypoint}`]),
    );
    const started = spawn(
      denoPath(),
      [
        "run",
        "--no-prompt",
        "--no-lock",
        "--no-remote",
        "--no-check",
        "--node-modules-dir=manual",
        ...(existsSync(config) ? [`--config=${config}`] : []),
        // Functions may speak to the network and read their code and settings; nothing else.
        "--allow-net",
        "--allow-env",
        `--allow-read=${root}`,
        "--allow-sys=osRelease,hostname,homedir,uid,gid,cpus",
        // Supabase's limit for a worker is 256 MB.
        "--v8-flags=--max-old-space-size=256,--max-semi-space-size=4",
        host,
      ],
      {
        cwd: root,
        env: { ...denoEnvironment(), ...env, ENSEMBLE_FUNCTIONS: JSON.stringify(list) },
        stdio: ["pipe", "pipe", "pipe"],
      },
    );
    createInterface({ input: started.stderr }).on("line", (line) => log(`functions: ${line}`));
    // Writing to a process that is gone must not end this one.
    started.stdin.on("error", () => undefined);
    return started;
  }
}

/** The little that Deno itself needs of our environment; our secrets are none of its business. */
function denoEnvironment(): Record<string, string> {
  const wanted = [
    "PATH",
    "HOME",
    "TMPDIR",
    "TZ",
    "LANG",
    "DENO_DIR",
    "DENO_CERT",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "SystemRoot",
    "LOCALAPPDATA",
  ];
  const kept = wanted.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []));
  return { ...Object.fromEntries(kept), DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };
}

function portOf(child: ChildProcess, log: (line: string) => void): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`Deno ended with code ${code}`)));
    if (!child.stdout) return reject(new Error("Deno has no output"));
    createInterface({ input: child.stdout }).on("line", (line) => {
      const port = /^ENSEMBLE_LISTENING (\d+)$/.exec(line)?.[1];
      if (port) resolve(Number(port));
      else log(`functions: ${line}`);
    });
  });
}

async function whenReady(
  origin: () => Promise<string>,
  ready: () => boolean,
): Promise<string | undefined> {
  const deadline = Date.now() + restartPatienceMs;
  while (!ready() && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return origin().catch(() => undefined);
}
