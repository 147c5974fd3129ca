import ora from "ora";

/** Shows what is being done: a moving line on a terminal, plain lines elsewhere. */
export interface Progress {
  step(text: string): void;
  done(text: string): void;
  fail(text: string): void;
}

/** Picks the display that suits the output. */
export function createProgress(): Progress {
  const started = Date.now();
  const seconds = () => `${((Date.now() - started) / 1000).toFixed(1)} s`;
  if (!process.stderr.isTTY) {
    return {
      step: (text) => console.error(text),
      done: (text) => console.error(`${text} (${seconds()})`),
      fail: (text) => console.error(text),
    };
  }
  // The interrupt is ours: it has parts to stop.
  const spinner = ora({ discardStdin: false }).start("Starting");
  return {
    step: (text) => {
      spinner.text = text;
    },
    done: (text) => void spinner.succeed(`${text} (${seconds()})`),
    fail: (text) => void spinner.fail(text),
  };
}
