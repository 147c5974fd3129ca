import { createServer, type Server, type Socket } from "node:net";
import { PGLiteSocketHandler } from "@electric-sql/pglite-socket";
import type { EmbeddedDatabase } from "../database/open-embedded.ts";
import { packetKind } from "./startup-packet.ts";
import { WireClient } from "./wire-client.ts";

/** Speaks Postgres' protocol for the in-process Postgres. */
export interface WireServer {
  stop(): Promise<void>;
}

/**
 * Serves psql, the Supabase CLI and other clients on a server that listens already.
 *
 * pglite-socket frames the messages. Its own queue lets the API's queries into a client's open
 * transaction and mixes the steps of two clients' prepared statements, so each client takes turns
 * in the shared session instead.
 */
export function serveWire(server: Server, database: EmbeddedDatabase): WireServer {
  const clients = new Map<Socket, WireClient>();
  let count = 0;

  server.on("connection", (socket) => {
    count += 1;
    const client = new WireClient(database, count, (farewell) => socket.end(farewell));
    clients.set(socket, client);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      clients.delete(socket);
      void client.leave().catch(() => undefined);
    });
    greet(socket, () => attach(socket, client));
  });

  return {
    async stop() {
      const left = [...clients.values()].map((client) => client.leave().catch(() => undefined));
      for (const socket of clients.keys()) socket.destroy();
      await Promise.all(left);
    },
  };
}

/** Declines encryption, which loopback does without, until the client starts in the clear. */
function greet(socket: Socket, start: () => void): void {
  const listen = (packet: Buffer) => {
    const kind = packetKind(packet);
    if (kind === "encrypt") return void socket.write("N");
    socket.off("data", listen);
    if (kind !== "start") return void socket.destroy();
    socket.pause();
    socket.unshift(packet);
    start();
    socket.resume();
  };
  socket.on("data", listen);
}

function attach(socket: Socket, client: WireClient): void {
  const queue = {
    async enqueue(_: number, message: Uint8Array, onData: (data: Uint8Array) => void) {
      let size = 0;
      await client.handle(message, (data) => {
        size += data.length;
        onData(data);
      });
      return size;
    },
    getQueueLength: () => 0,
    clearQueueForHandler: () => undefined,
    clearTransactionIfNeeded: () => client.leave(),
  };
  const handler = new PGLiteSocketHandler({ queryQueue: queue as never, closeOnDetach: true });
  handler.addEventListener("error", () => socket.destroy());
  void handler.attach(socket);
}

/** Opens a port for the wire server; clients wait until it is served. */
export function listenForWire(port: number, host: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer({ noDelay: true });
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve(server);
    });
  });
}
