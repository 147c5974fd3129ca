import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { denoPath } from "../stack/functions/deno-path.ts";
import type { Entry } from "./entry.ts";
import { makePdf } from "./ingestion/make-pdf.ts";

const PAGES = 500;

interface Measured {
  outcome: string;
  pages: number;
  chunks: number;
  seconds: number;
  peak_mb: number;
}

/**
 * Reads a file in a process of its own. The Edge Runtime bounds the heap; where nobody does, V8
 * leaves garbage lying as long as the machine has memory.
 */
async function ingest(path: string, heapMb?: number): Promise<Measured> {
  const { stdout } = await promisify(execFile)(denoPath(), [
    "run",
    ...(heapMb ? [`--v8-flags=--max-heap-size=${heapMb}`] : []),
    ...["--no-check", "--no-lock", "--node-modules-dir=manual", "--allow-all", "--quiet"],
    ...["--config", "functions/deno.json", "scripts/bench/ingestion/worker.ts", path],
  ]);
  const measured = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Measured;
  if (measured.outcome !== "completed" || measured.pages !== PAGES) {
    throw new Error(`The file was not read to its end: ${stdout}`);
  }
  return measured;
}

/** How fast the worker of media reads a long PDF, and how much memory that takes. */
export const ingestion: Entry = {
  name: "ingestion",
  title: `A PDF of ${PAGES} pages: pages per second, and MB at the peak of the worker's process`,
  unit: "pages/s or MB",
  needsServer: false,
  hasRatios: false,
  async open() {
    const directory = mkdtempSync(join(tmpdir(), "ensemble-bench-"));
    const path = join(directory, "report.pdf");
    await makePdf(path, PAGES);
    return {
      close: async () => rmSync(directory, { recursive: true, force: true }),
      contenders: [
        {
          name: "pages per second",
          measure: async () => {
            const { pages, seconds } = await ingest(path);
            return pages / seconds;
          },
        },
        {
          name: "peak memory, the heap bounded to 160 MB (goal: 256 MB)",
          measure: async () => (await ingest(path, 160)).peak_mb,
        },
        {
          name: "peak memory, the heap unbounded (goal: 256 MB)",
          measure: async () => (await ingest(path)).peak_mb,
        },
      ],
    };
  },
};
