import type { Stack } from "./start-stack.ts";

/** What to tell once everything runs, in the manner of `supabase status`. */
export function describeStack(stack: Stack, envFile: string): string {
  const rows: [string, string][] = [
    ["API URL", stack.url],
    ["REST URL", `${stack.url}/rest/v1`],
    ["Auth URL", `${stack.url}/auth/v1`],
    ["Storage URL", `${stack.url}/storage/v1`],
    ["Functions URL", `${stack.url}/functions/v1`],
    ["Health URL", `${stack.url}/health`],
    ["Database URL", stack.databaseUrl],
    ["Publishable key", stack.keys.publishableKey],
    ["Secret key", stack.keys.secretKey],
    ["Functions", stack.functions.join(", ") || "none yet"],
  ];
  const lines = rows.map(([name, value]) => `${name.padStart(17)}: ${value}`);
  return [
    "",
    ...lines,
    "",
    `Keys are kept in ${envFile}. Next: npm run demo in another terminal, or`,
    `psql ${stack.databaseUrl}`,
    "Ctrl-C stops everything.",
    "",
  ].join("\n");
}
