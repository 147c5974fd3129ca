import pg from "pg";

/** The prepared database under test; `npm test` sets it. */
export function databaseUrl(): string {
  const url = process.env.TEST_DATABASE_URL;
  if (!url) {
    throw new Error("TEST_DATABASE_URL is not set: run these tests through `npm test`.");
  }
  return url;
}

/** A connection that has taken on the role of a secret key, as the gateway's requests do. */
export async function connect(role: "service_role" | "none" = "none"): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: databaseUrl(), ssl: false });
  await client.connect();
  await client.query(`set role ${role}`);
  return client;
}
