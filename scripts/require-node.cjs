// Plain CommonJS, so that even a Node too old for the rest can run it and say so.
var needed = 20;
if (parseInt(process.versions.node, 10) < needed) {
  console.error(
    `Node ${process.versions.node} is too old: Ensemble needs Node ${needed} or later.`,
  );
  process.exit(1);
}
