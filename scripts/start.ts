/** npm start: the whole of Ensemble in one command. Flags: npm start -- --help. */
import { runCommand } from "./stack/run-command.ts";

await runCommand(process.argv.slice(2));
