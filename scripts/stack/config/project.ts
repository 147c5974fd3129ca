import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { readToml, type TomlValue } from "./read-toml.ts";

/** An edge function that config.toml declares. */
export interface FunctionConfig {
  name: string;
  entrypoint: string;
  verifyJwt: boolean;
}

/** What the embedded stack takes from supabase/config.toml. */
export interface Project {
  root: string;
  schemas: string[];
  maxRows: number;
  fileSizeLimit: string;
  siteUrl: string;
  redirectUrls: string[];
  jwtExpirySeconds: number;
  minimumPasswordLength: number;
  enableSignup: boolean;
  enableConfirmations: boolean;
  functions: FunctionConfig[];
}

/** Reads supabase/config.toml below the folder. */
export async function readProject(root: string): Promise<Project> {
  const path = join(root, "supabase", "config.toml");
  const tables = await readFile(path, "utf8")
    .then(readToml)
    .catch((error) => {
      throw new Error(`Cannot read ${path}: ${error.message}`, { cause: error });
    });
  const value = <T extends TomlValue>(table: string, key: string, fallback: T): T =>
    (tables[table]?.[key] as T | undefined) ?? fallback;

  return {
    root,
    schemas: value("api", "schemas", ["public"]) as string[],
    maxRows: value("api", "max_rows", 1000),
    fileSizeLimit: value("storage", "file_size_limit", "50MiB"),
    siteUrl: value("auth", "site_url", "http://127.0.0.1:3000"),
    redirectUrls: value("auth", "additional_redirect_urls", []) as string[],
    jwtExpirySeconds: value("auth", "jwt_expiry", 3600),
    minimumPasswordLength: value("auth", "minimum_password_length", 6),
    enableSignup: value("auth", "enable_signup", true),
    enableConfirmations: value("auth.email", "enable_confirmations", false),
    functions: Object.entries(tables)
      .filter(([table, keys]) => /^functions\.[\w-]+$/.test(table) && keys.enabled !== false)
      .map(([table, keys]) => {
        const name = table.slice("functions.".length);
        const entrypoint = String(keys.entrypoint ?? `./functions/${name}/index.ts`);
        return {
          name,
          entrypoint: resolve(dirname(path), entrypoint),
          verifyJwt: keys.verify_jwt !== false,
        };
      }),
  };
}
