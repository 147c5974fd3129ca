/** `npm run demo`: the main job on a running stack, through supabase-js alone. */
import ora from "ora";
import { listenForChanges } from "./demo/changes.ts";
import { connect } from "./demo/client.ts";
import { DemoError } from "./demo/demo-error.ts";
import { connectEvents } from "./demo/events.ts";
import { followRun, waitForRun } from "./demo/follow.ts";
import { showKnowledge } from "./demo/knowledge.ts";
import { lendMail, mailStage } from "./demo/mail.ts";
import { provideModel, withScriptedModel } from "./demo/model.ts";
import { isOnThisMachine, readOptions, USAGE } from "./demo/options.ts";
import { report } from "./demo/report.ts";
import { setStage } from "./demo/stage.ts";
import { stopTask, writeTask } from "./demo/task.ts";
import { toolReport } from "./demo/tool-report.ts";
import { findMessage } from "./demo/watch.ts";

/** Plays the demonstration; answers the exit code. */
async function play(): Promise<number> {
  const options = readOptions(process.argv.slice(2), process.env);
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  const atEnd: (() => Promise<void>)[] = [];
  const leave = async () => {
    for (const step of atEnd.splice(0).reverse()) {
      await step().catch(() => {});
    }
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void leave().finally(() => process.exit(1)));
  }

  try {
    const spinner = ora("Setting the stage").start();
    atEnd.push(async () => void spinner.stop());
    const client = await connect(options);
    atEnd.push(async () => void (await client.auth.signOut()));
    const stage = await setStage(client);
    spinner.succeed(`Signed up ${stage.email} with the organization "${stage.organization.name}"`);

    const { client: mailClient, reason } = await mailStage(options);
    if (mailClient) {
      await withScriptedModel(client, stage.organization.id, () =>
        lendMail(
          client,
          mailClient,
          stage,
          (line) => spinner.succeed(line),
          (step) => void atEnd.push(step),
        ),
      );
    } else {
      spinner.info(`Left out the mail account: ${reason}`);
    }

    const model = await provideModel(client, stage.organization.id, options);
    atEnd.push(model.close);
    spinner.info(`The model is ${model.description}`);

    await showKnowledge(client, stage, {
      progress(line) {
        // Without a terminal each start is a line.
        if (spinner.text !== line || process.stderr.isTTY) {
          spinner.start(line);
        }
      },
      say: (line) => void spinner.succeed(line),
    });

    const events = isOnThisMachine(options) ? await connectEvents(client, stage) : null;
    if (events) {
      atEnd.push(events.close);
      spinner.succeed(
        `Connected ${stage.agent.name} to an MCP server, and accepted ${events.tool}`,
      );
    }

    const tool = events?.tool ?? null;
    const task = await writeTask(client, stage, { tool, isScripted: model.isScripted });
    let isWaiting = true;
    atEnd.push(async () => void (isWaiting && (await stopTask(client, task.id))));
    spinner.succeed(
      `Wrote a task of three steps for ${stage.agent.name} with the cron expression * * * * *`,
    );

    const changes = listenForChanges(client);
    atEnd.push(changes.close);
    await waitForRun(client, task, changes);
    isWaiting = false; // it ends by itself after this run
    const { run, steps } = await followRun(client, task, changes);
    const message = await findMessage(client, stage.channelId);

    console.log(`\n${report(run, steps)}\n`);
    if (run.status !== "completed") {
      throw new DemoError(`The run ${run.status}: ${run.error_message ?? "without a reason"}`);
    }
    if (!message) {
      throw new DemoError("The run completed, but its message is not in the channel.");
    }
    console.log(`${await toolReport(client, stage.agent.id)}\n`);
    console.log(`${stage.agent.name} in #morning-brief:\n  ${message.replaceAll("\n", "\n  ")}\n`);
    return 0;
  } finally {
    await leave();
  }
}

play()
  .catch((error) => {
    const isOurs = error instanceof DemoError;
    console.error(`\nThe demonstration failed. ${isOurs ? error.message : error}`);
    if (isOurs && error.advice) {
      console.error(error.advice);
    }
    return 1;
  })
  .then((code) => {
    process.exit(code);
  });
