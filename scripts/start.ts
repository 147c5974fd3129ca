/** npm start: the whole of Ensemble in one command. Flags: npm start -- --help. */
const needed = 20;
if (Number.parseInt(process.versions.node, 10) < needed) {
  console.error(
    `Node ${process.versions.node} is too old: Ensemble needs Node ${needed} or later.`,
  );
  process.exit(1);
}
// Loaded only now, because an older Node could not read it.
const { runCommand } = await import("./stack/run-command.ts");
await runCommand(process.argv.slice(2));

export {};
