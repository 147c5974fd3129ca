/** Where a connection goes. */
export interface Endpoint {
  /** An address that passed the guard, never a name: nothing is looked up again. */
  address: string;
  port: number;
  /** The name that the server's certificate must carry; null speaks plainly, without TLS. */
  serverName: string | null;
}

/** A connection over which bytes go both ways. */
export interface Connection {
  /** The next bytes; null at the end. */
  read(): Promise<Uint8Array | null>;
  /** Sends all of the bytes. */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends it at once; what waits for it fails. May be called again. */
  close(): void;
}

/** Opens a connection to exactly that address. Gives up, and leaves nothing open, on the signal. */
export type OpenConnection = (endpoint: Endpoint, signal: AbortSignal) => Promise<Connection>;
