import { once } from "node:events";
import { connect as connectPlainly, isIP, type Socket } from "node:net";
import { checkServerIdentity, connect as connectSecurely } from "node:tls";
import type { Connection, Endpoint } from "../../../functions/_shared/guard/connection.ts";
import { authority } from "./certificate.ts";

/** Opens a connection under Node, as denoConnect does under Deno; trusts the tests' authority. */
export async function nodeConnect(
  { address, port, serverName }: Endpoint,
  signal: AbortSignal,
): Promise<Connection> {
  signal.throwIfAborted();
  const socket =
    serverName === null
      ? connectPlainly({ host: address, port })
      : connectSecurely({
          host: address,
          port,
          ca: authority,
          ...(isIP(serverName) ? {} : { servername: serverName }),
          checkServerIdentity: (_, peer) => checkServerIdentity(serverName, peer),
        });
  const onAbort = () => socket.destroy(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    await once(socket, serverName === null ? "connect" : "secureConnect");
    return toConnection(socket);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

function toConnection(socket: Socket): Connection {
  socket.on("error", () => undefined);
  const pieces = socket[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  return {
    async read() {
      const { value, done } = await pieces.next();
      return done ? null : value;
    },
    write: (bytes) =>
      new Promise((resolve, reject) => {
        socket.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
    close: () => {
      socket.destroy();
    },
  };
}
