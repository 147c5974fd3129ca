import { createServer as createPlainServer, type RequestListener } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, Server, Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { Connection, Endpoint } from "../../../functions/_shared/guard/connection.ts";
import type { OutboundNetwork } from "../../../functions/_shared/guard/outbound-network.ts";
import { certificate, certificateKey } from "./certificate.ts";
import { nodeConnect } from "./node-connect.ts";

/** A server behind an address of the stubbed internet. */
interface Host {
  address: string;
  port: number;
  /** Where it really listens, on loopback. */
  localPort: number;
}

/**
 * An internet of one's own: names have the addresses that a test says, and addresses lead to real
 * servers on loopback. It remembers each look-up and each connection.
 */
export class Internet {
  /** The addresses of each name; a list of lists answers each look-up differently, in turn. */
  readonly names = new Map<string, string[] | string[][]>();
  readonly lookUps: string[] = [];
  readonly connections: Endpoint[] = [];
  private readonly hosts: Host[] = [];
  private readonly servers: Server[] = [];
  private readonly sockets = new Set<Socket>();

  /** The way out, as the guard takes it. */
  network(allowLoopback = false): OutboundNetwork {
    return {
      allowLoopback,
      resolveHost: async (host) => {
        this.lookUps.push(host);
        const known = this.names.get(host) ?? [];
        return (Array.isArray(known[0]) ? (known as string[][]).shift() : known) as string[];
      },
      connect: (endpoint, signal) => this.connect(endpoint, signal),
    };
  }

  /** Puts an https server at an address. */
  serve(address: string, listener: RequestListener, port = 443): Promise<Host> {
    const server = createSecureServer({ cert: certificate, key: certificateKey }, listener);
    return this.listen(server, address, port);
  }

  /** Puts a plain http server on this machine; answers its port. */
  async serveHere(listener: RequestListener): Promise<number> {
    return (await this.listen(createPlainServer(listener), "127.0.0.1", 0)).localPort;
  }

  /** Puts something at an address that speaks TLS, and then whatever it likes. */
  serveBytes(address: string, speak: (socket: Socket) => void, port = 443): Promise<Host> {
    const server = createTlsServer({ cert: certificate, key: certificateKey }, (socket) => {
      socket.on("error", () => undefined);
      // Speaks once it was spoken to.
      socket.once("data", () => speak(socket));
    });
    return this.listen(server, address, port);
  }

  /** Connections that are still open on the side of the servers. */
  get open(): number {
    return this.sockets.size;
  }

  /** Forgets what a test did. */
  forget(): void {
    this.names.clear();
    this.lookUps.length = 0;
    this.connections.length = 0;
    this.hosts.length = 0;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) {
      socket.destroy();
    }
    await Promise.all(this.servers.map((server) => new Promise((done) => server.close(done))));
  }

  private connect(endpoint: Endpoint, signal: AbortSignal): Promise<Connection> {
    this.connections.push(endpoint);
    const { address, port } = endpoint;
    const host = this.hosts.find((each) => each.address === address && each.port === port);
    if (host) {
      return nodeConnect({ ...endpoint, address: "127.0.0.1", port: host.localPort }, signal);
    }
    if (address === "127.0.0.1") {
      return nodeConnect(endpoint, signal);
    }
    return Promise.reject(new Error(`Nobody is at ${address}:${port}`));
  }

  private async listen(server: Server, address: string, port: number): Promise<Host> {
    server.on("connection", (socket: Socket) => {
      this.sockets.add(socket);
      socket.once("close", () => this.sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const host = { address, port, localPort: (server.address() as AddressInfo).port };
    this.hosts.push(host);
    this.servers.push(server);
    return host;
  }
}
