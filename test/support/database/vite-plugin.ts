import type { Plugin } from "vite";

/** Lets vitest take a pgTAP file for a test file: importing it runs it. */
export function pgTapFiles(): Plugin {
  const runner = new URL("./pgtap.ts", import.meta.url).pathname;
  return {
    name: "pgtap-files",
    enforce: "pre",
    load(id) {
      const path = id.split("?")[0] ?? id;
      if (!path.endsWith(".test.sql")) return undefined;
      return [
        `import { registerPgTap } from ${JSON.stringify(runner)};`,
        `await registerPgTap(${JSON.stringify(path)});`,
      ].join("\n");
    },
  };
}
