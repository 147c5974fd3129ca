import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** A migration on disk: `<version>_<name>.sql`. */
export interface MigrationFile {
  version: string;
  name: string;
  path: string;
  sql: string;
}

const pattern = /^(\d+)_(.+)\.sql$/;

/** The migrations of a folder in the order of their versions; a missing folder has none. */
export async function readMigrationFiles(directory: string): Promise<MigrationFile[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const files = names
    .map((file) => ({ file, match: pattern.exec(file) }))
    .filter(({ match }) => match)
    .sort((a, b) => (a.file < b.file ? -1 : 1));

  return Promise.all(
    files.map(async ({ file, match }) => {
      const path = join(directory, file);
      const sql = await readFile(path, "utf8");
      return { version: match?.[1] ?? "", name: match?.[2] ?? "", path, sql };
    }),
  );
}
