/**
 * npm run bench [-- [name part…] --db-url <superuser url of a PostgreSQL 17> [--rounds <n>]]
 *
 * Measures ours against peers on the same server, interleaved, and prints Markdown tables. Every
 * entry works in a scratch database of its own, which is dropped at the end.
 */
import { parseArgs } from "node:util";
import { audit } from "./bench/audit.ts";
import { compare } from "./bench/compare.ts";
import type { Entry } from "./bench/entry.ts";
import { ingestion } from "./bench/ingestion.ts";
import { machineFacts } from "./bench/machine.ts";
import { permissions } from "./bench/permissions.ts";
import { queueBatched } from "./bench/queue/batched.ts";
import { queueUnbatched } from "./bench/queue/unbatched.ts";
import { reads } from "./bench/reads.ts";
import { retrieval } from "./bench/retrieval.ts";
import { schedules } from "./bench/schedules.ts";
import { startUp } from "./bench/start-up.ts";
import { vectorSearch } from "./bench/vector-search.ts";

const entries: Entry[] = [
  queueUnbatched,
  queueBatched,
  schedules,
  ...reads,
  ...permissions,
  ...audit,
  startUp,
  ingestion,
  ...vectorSearch,
  ...retrieval,
];
const usage = `npm run bench [-- [name part…] --db-url <superuser url of a PostgreSQL 17> [--rounds <n>]]

entries: ${entries.map(({ name }) => name).join(", ")}`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    "db-url": { type: "string" },
    rounds: { type: "string", default: "5" },
    help: { type: "boolean" },
  },
});
const chosen = entries.filter(
  ({ name }) => positionals.length === 0 || positionals.some((part) => name.includes(part)),
);
const rounds = Number(values.rounds);
if (values.help || chosen.length === 0 || !(rounds >= 1)) {
  console.log(usage);
  process.exit(values.help ? 0 : 2);
}
if (!values["db-url"] && chosen.some(({ needsServer }) => needsServer)) {
  console.error(`--db-url is missing.\n\n${usage}`);
  process.exit(2);
}
process.env.DO_NOT_TRACK = "1";

console.log(await machineFacts(values["db-url"]));
try {
  for (const entry of chosen) {
    console.error(`${entry.name}: ${rounds} rounds`);
    console.log(`\n${await compare(entry, { rounds, serverUrl: values["db-url"] ?? "" })}`);
  }
} catch (error) {
  console.error(error);
  process.exit(1);
}
