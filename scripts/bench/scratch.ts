import pg from "pg";
import { createScratchDatabase } from "../check/scratch-database.ts";
import { connect, createVaultKey, layPlatform, migrate } from "../stack/database/index.ts";

/** A scratch database with the platform and all migrations, and connections to it. */
export interface Scratch {
  url: string;
  admin: pg.Client;
  /** Opens connections that `close` ends. */
  connect(count: number): Promise<pg.Client[]>;
  close(): Promise<void>;
}

// Ids and tokens are exact as numbers, and parsing them as text would be nobody's usual setting.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/** Makes a scratch database on the server behind a superuser's URL. */
export async function openScratch(serverUrl: string): Promise<Scratch> {
  const scratch = await createScratchDatabase(serverUrl, "bench");
  const open: pg.Client[] = [];
  const connectOne = async () => {
    const client = new pg.Client({ connectionString: scratch.url });
    await client.connect();
    open.push(client);
    return client;
  };
  try {
    const database = await connect(scratch.url, { vaultKey: createVaultKey() });
    await layPlatform(database);
    await migrate(database, { directory: "supabase/migrations" });
    await database.close();
    return {
      url: scratch.url,
      admin: await connectOne(),
      connect: (count) => Promise.all(Array.from({ length: count }, connectOne)),
      async close() {
        await Promise.all(open.map((client) => client.end()));
        await scratch.drop();
      },
    };
  } catch (error) {
    await scratch.drop();
    throw error;
  }
}
