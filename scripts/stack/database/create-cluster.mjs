// node create-cluster.mjs <folder>: makes an empty cluster of the in-process Postgres.
// A process of its own, because initdb leaves its half gigabyte behind only by ending; plain
// JavaScript, because it must run without a loader.
import { PGlite } from "@electric-sql/pglite";

const pglite = await PGlite.create({ dataDir: process.argv[2] });
await pglite.close();
