import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/**
 * The Deno executable of the npm package `deno`. Its own launcher would stand between us and the
 * process, and outlive a kill.
 */
export function denoPath(): string {
  const require = createRequire(import.meta.url);
  const file = process.platform === "win32" ? "deno.exe" : "deno";
  const beside = join(dirname(require.resolve("deno/package.json")), file);
  if (existsSync(beside)) return beside;

  const libc = process.platform === "linux" ? "-glibc" : "";
  const name = `@deno/${process.platform}-${process.arch}${libc}`;
  return join(dirname(require.resolve(`${name}/package.json`)), file);
}
