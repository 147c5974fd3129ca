import type { AddressInfo } from "node:net";
import type { EmbeddedDatabase } from "../stack/database/index.ts";
import { listenForWire, serveWire } from "../stack/wire/wire-server.ts";

/** Gives the in-process Postgres a URL of its own on the loopback. */
export async function serveOnFreePort(
  database: EmbeddedDatabase,
): Promise<{ url: string; stop(): Promise<void> }> {
  const server = await listenForWire(0, "127.0.0.1");
  const wire = serveWire(server, database);
  const { port } = server.address() as AddressInfo;
  return {
    // Without the parameter the CLI would ask for TLS first and warn when it is declined.
    url: `postgresql://postgres:postgres@127.0.0.1:${port}/postgres?sslmode=disable`,
    async stop() {
      await wire.stop();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
