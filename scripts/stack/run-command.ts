import { MigrationError } from "./database/migration-error.ts";
import { StackFailure } from "./failure.ts";
import { parseArguments, usage } from "./parse-arguments.ts";
import { createProgress } from "./progress.ts";
import { type Stack, startStack } from "./start-stack.ts";
import { describeStack } from "./status.ts";

/** How long stopping may take before the process ends regardless. */
const stopPatienceMs = 2500;

/** Runs `npm start` with these arguments: starts the stack, prints its status, stops on a signal. */
export async function runCommand(args: string[]): Promise<void> {
  const options = readOptions(args);
  if (options === "help") return void process.stdout.write(usage);

  const progress = createProgress();
  let stack: Stack | undefined;
  let stopping = false;
  const stop = async () => {
    if (stopping) process.exit(1);
    stopping = true;
    setTimeout(() => process.exit(1), stopPatienceMs).unref();
    await starting.catch(() => undefined);
    await stack?.stop();
    process.exit(0);
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  process.on("SIGHUP", stop);

  const starting = startStack({
    ...options,
    onProgress: (step) => progress.step(step),
    log: (line) => console.error(line),
  });
  try {
    stack = await starting;
    if (stopping) return;
    progress.done("Ensemble is running");
    process.stdout.write(describeStack(stack, options.envFile ?? ".env.local"));
  } catch (error) {
    if (stopping) return;
    progress.fail(explain(error));
    process.exit(1);
  }
}

function readOptions(args: string[]) {
  try {
    return parseArguments(args);
  } catch (error) {
    console.error(explain(error));
    process.exit(1);
  }
}

/** Failures with a message for people are one line; anything else is a defect and shows its trace. */
function explain(error: unknown): string {
  if (error instanceof StackFailure || error instanceof MigrationError) {
    return error.message.replaceAll("\n", " ");
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
