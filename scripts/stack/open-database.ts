import { connect } from "./database/connect.ts";
import type { Database } from "./database/database.ts";
import { ensureCluster } from "./database/new-cluster.ts";
import type { EmbeddedDatabase } from "./database/open-embedded.ts";
import { StackFailure } from "./failure.ts";

/** Connects to the server of `--db-url`. */
export async function openServer(url: string, vaultKey: string): Promise<Database> {
  let database: Database;
  try {
    database = await connect(url, { vaultKey, maxSessions: 20 });
  } catch (error) {
    throw new StackFailure(`Cannot reach the database ${withoutPassword(url)}: ${reason(error)}`);
  }
  const [server] = await database.query<{ version: string }>(
    "select current_setting('server_version_num')::int / 10000 as version",
  );
  if (Number(server?.version) >= 15) return database;
  await database.close();
  throw new StackFailure(
    `Cannot use the database ${withoutPassword(url)}: it is PostgreSQL ${server?.version}, ` +
      "15 or later is needed",
  );
}

/** Opens the in-process Postgres; its code is loaded only when it is wanted. */
export async function openInProcess(
  directory: string,
  vaultKey: string,
): Promise<EmbeddedDatabase> {
  const { openEmbedded } = await import("./database/open-embedded.ts");
  try {
    await ensureCluster(directory);
    return await openEmbedded({ directory, vaultKey });
  } catch (error) {
    throw new StackFailure(
      `Cannot open the database in ${directory}: ${reason(error)}. ` +
        "Choose another --data-dir or remove the folder.",
    );
  }
}

/** Refuses to start with a key that does not open the secrets that are there. */
export async function requireMatchingVaultKey(database: Database, keyFile: string): Promise<void> {
  await database
    .query("select decrypted_secret from vault.decrypted_secrets limit 1")
    .catch((error) => {
      throw new StackFailure(
        `Cannot open the secrets in Vault with the VAULT_KEY of ${keyFile}: ${reason(error)}`,
      );
    });
}

function withoutPassword(url: string): string {
  return url.replace(/:\/\/([^:@/]*):[^@/]*@/, "://$1@");
}

function reason(error: unknown): string {
  if (error instanceof AggregateError) return reason(error.errors[0]);
  const message = error instanceof Error ? error.message : String(error);
  return message.split("\n")[0] || (error as { code?: string }).code || "unknown";
}
