import type { Workbench } from "./workbench.ts";

const SCHEMAS = ["public", "agent_data"];

/** The types of the API's schemas, by the official CLI, set by the formatter. */
export async function generateTypes(workbench: Workbench): Promise<string> {
  const { url } = await workbench.migrated();
  const generated = await workbench.command("supabase", [
    "gen",
    "types",
    "typescript",
    ...SCHEMAS.flatMap((schema) => ["--schema", schema]),
    `--remote=${url}`,
  ]);
  if (generated.code !== 0 || !generated.stdout.includes("export type Database"))
    throw new Error(`Cannot generate types: ${generated.stderr.trim()}`);

  const formatted = await workbench.command(
    "biome",
    ["format", "--stdin-file-path=types/generated.ts"],
    generated.stdout,
  );
  if (formatted.code !== 0) throw new Error(`Cannot format the types: ${formatted.stderr.trim()}`);
  return formatted.stdout;
}
