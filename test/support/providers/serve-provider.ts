import type { Hono } from "hono";
import { startApi, type TestApi } from "./api-server.ts";

/** Serves an app of routes on loopback; its address goes on with `path`. */
export async function serveProvider(app: Hono, path: string = ""): Promise<TestApi> {
  const api = await startApi(async (request) => {
    const headers = new Headers();
    for (const [name, value] of Object.entries(request.headers)) {
      headers.set(name, String(value));
    }
    const response = await app.request(`http://localhost${request.path}?${request.query}`, {
      method: request.method,
      headers,
      ...(request.body.length > 0 ? { body: new Uint8Array(request.body) } : {}),
    });
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: new Uint8Array(await response.arrayBuffer()),
    };
  });
  return { ...api, url: `${api.url}${path}` };
}
