import type { Connection, OpenConnection } from "../guard/connection.ts";

/** A connection of Deno's and of Supabase's Edge Runtime. */
interface Conn {
  read(into: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  close(): void;
}

/** What of the runtime opens connections. Typed by hand, as in deno-platform.ts. */
interface Runtime {
  Deno: {
    connect(options: { hostname: string; port: number }): Promise<Conn>;
    startTls(
      conn: Conn,
      options: { hostname: string },
    ): Promise<Conn & { handshake(): Promise<unknown> }>;
  };
}

const READ_BYTES = 65_536;

/**
 * Connects with Deno.connect and Deno.startTls: unlike fetch they take the address apart from the
 * name that the certificate must carry. The Edge Runtime has both, for drivers of databases.
 */
export const denoConnect: OpenConnection = async ({ address, port, serverName }, signal) => {
  const { Deno } = globalThis as unknown as Runtime;
  signal.throwIfAborted();

  let conn = await Deno.connect({ hostname: address, port });
  const close = () => closeQuietly(conn);
  signal.addEventListener("abort", close, { once: true });
  try {
    signal.throwIfAborted();
    if (serverName !== null) {
      const secured = await Deno.startTls(conn, { hostname: serverName });
      conn = secured;
      await secured.handshake();
    }
    signal.throwIfAborted();
    return toConnection(conn);
  } catch (error) {
    close();
    throw error;
  } finally {
    signal.removeEventListener("abort", close);
  }
};

function toConnection(conn: Conn): Connection {
  return {
    async read() {
      const bytes = new Uint8Array(READ_BYTES);
      const count = await conn.read(bytes);
      return count === null ? null : bytes.subarray(0, count);
    },
    async write(bytes) {
      for (let written = 0; written < bytes.length; ) {
        written += await conn.write(bytes.subarray(written));
      }
    },
    close: () => closeQuietly(conn),
  };
}

function closeQuietly(conn: Conn): void {
  try {
    conn.close();
  } catch {
    // It is closed already.
  }
}
