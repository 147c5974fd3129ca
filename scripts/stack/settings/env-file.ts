import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** The variables of a `.env` file; a missing file has none. */
export async function readEnvFile(path: string): Promise<Record<string, string>> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  return Object.fromEntries(
    text.split("\n").flatMap((line) => {
      const [, name, value] = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
      return name ? [[name, unquote(value ?? "")]] : [];
    }),
  );
}

/** Writes variables into a file that only its owner may read; other lines stay as they are. */
export async function writeEnvFile(path: string, variables: Record<string, string>): Promise<void> {
  const text = await readFile(path, "utf8").catch(() => "");
  const missing = new Map(Object.entries(variables));
  const lines = text.split("\n").map((line) => {
    const name = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=/.exec(line)?.[1] ?? "";
    const value = missing.get(name);
    if (value === undefined) return line;
    missing.delete(name);
    return `${name}=${value}`;
  });
  while (lines.at(-1) === "") lines.pop();
  for (const [name, value] of missing) lines.push(`${name}=${value}`);

  const content = `${lines.join("\n")}\n`;
  if (content === text) return void (await chmod(path, 0o600));
  await mkdir(dirname(path), { recursive: true });
  const partial = `${path}.${process.pid}`;
  await writeFile(partial, content, { mode: 0o600 });
  await rename(partial, path);
}

function unquote(value: string): string {
  return /^(["']).*\1$/.test(value) ? value.slice(1, -1) : value;
}
