import { join } from "node:path";
import { readEnvFile } from "../settings/env-file.ts";
import type { Keys } from "../settings/keys.ts";

/**
 * The app that the OAuth server of `npm run demo` knows, on this machine alone. No provider names
 * the client DEMO unless the demonstration says so; these are no secrets.
 */
const DEMO_APP = {
  OAUTH_DEMO_CLIENT_ID: "ensemble-app",
  OAUTH_DEMO_CLIENT_SECRET: "s3cret of the app",
};

/** What the functions learn of the stack, under the names that hosted Supabase uses. */
export interface FunctionsEnvOptions {
  root: string;
  url: string;
  databaseUrl: string;
  keys: Keys;
  jwks: object;
  /** Where links in mails lead unless the operator says otherwise. */
  siteUrl: string;
  /** Whether organizations may name a model on this machine: only while nobody else reaches us. */
  allowLoopback: boolean;
  extra?: Record<string, string>;
}

/**
 * The environment of the functions: the platform's variables, the operator's settings from
 * functions/.env (or supabase/functions/.env, where the CLI looks), and LLM_* and EMBEDDING_* of this
 * process.
 */
export async function functionsEnv(options: FunctionsEnvOptions): Promise<Record<string, string>> {
  const { keys, root, url } = options;
  const files = await Promise.all(
    ["supabase/functions/.env", "functions/.env"].map((path) => readEnvFile(join(root, path))),
  );
  const models = Object.entries(process.env).filter(([name]) => /^(LLM|EMBEDDING)_/.test(name));
  return {
    SITE_URL: options.siteUrl,
    ...Object.assign({}, ...files),
    ...Object.fromEntries(models),
    ...(options.allowLoopback ? { ENSEMBLE_ALLOW_LOOPBACK: "1", ...DEMO_APP } : {}),
    ...options.extra,
    SUPABASE_URL: url,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: keys.publishableKey }),
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: keys.secretKey }),
    SUPABASE_JWKS: JSON.stringify(options.jwks),
    SUPABASE_DB_URL: options.databaseUrl,
  };
}
