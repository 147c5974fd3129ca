import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { StackFailure } from "./failure.ts";

type Fetch = (request: Request) => Promise<Response>;

/** A listening HTTP server whose answers may be decided later. */
export interface Door {
  port: number;
  serve(fetch: Fetch): void;
  close(): Promise<void>;
}

/** Opens the gateway's port; until something is served, every answer is "starting". */
export async function openDoor(port: number, host: string): Promise<Door> {
  let current: Fetch = async () =>
    Response.json(
      { status: "starting", parts: {} },
      { status: 503, headers: { "retry-after": "1" } },
    );
  const server = createAdaptorServer({ fetch: (request: Request) => current(request) });
  await orPortTaken(
    port,
    "--port",
    () =>
      new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(port, host, () => resolve());
      }),
  );
  return {
    port: (server.address() as AddressInfo).port,
    serve: (fetch) => {
      current = fetch;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ("closeAllConnections" in server) server.closeAllConnections();
      }),
  };
}

/** Turns the refusal of a port into a sentence that names the flag for another. */
export async function orPortTaken<T>(
  port: number,
  flag: string,
  listen: () => Promise<T>,
): Promise<T> {
  try {
    return await listen();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "EADDRINUSE") {
      throw new StackFailure(`Port ${port} is taken: stop what uses it or choose another ${flag}`);
    }
    throw new StackFailure(`Cannot listen on port ${port}: ${message}`);
  }
}
