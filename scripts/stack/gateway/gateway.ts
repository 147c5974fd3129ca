import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import {
  CORRELATION_HEADER,
  correlationIdOf,
} from "../../../functions/_shared/http/correlation-id.ts";
import type { Api } from "../api/lite-app.ts";
import type { Project } from "../config/project.ts";
import type { FunctionsHost } from "../functions/functions-host.ts";
import type { Keys } from "../settings/keys.ts";
import { isOpenPath, judgeKey } from "./api-key.ts";
import { allowOrigin, preflight } from "./cors.ts";
import { type Check, checkHealth } from "./health.ts";
import type { TokenExchange } from "./token-exchange.ts";

/** The parts behind the gateway. */
export interface GatewayOptions {
  api: Api;
  functions: FunctionsHost;
  keys: Keys;
  project: Project;
  tokens: TokenExchange;
  checks: Record<string, Check>;
  /** The largest body of a request in bytes; for uploads it is the project's file size limit. */
  bodyLimitBytes: number;
  fileLimitBytes: number;
}

type Env = { Variables: { correlationId: string } };

/** The door of the stack: names each request, checks its key and sends it to its part. */
export function createGateway(options: GatewayOptions): (request: Request) => Promise<Response> {
  const { api, functions, keys, project, tokens } = options;
  const app = new Hono<Env>();

  app.use(async (c, next) => {
    c.set("correlationId", correlationIdOf(c.req.header(CORRELATION_HEADER)));
    await next();
    c.header(CORRELATION_HEADER, c.var.correlationId);
  });
  app.use("/storage/v1/*", limitBody(options.fileLimitBytes));
  app.use("/rest/v1/*", limitBody(options.bodyLimitBytes));
  app.use("/auth/v1/*", limitBody(options.bodyLimitBytes));
  app.use("/functions/v1/*", limitBody(options.bodyLimitBytes));

  app.get("/health", async (c) => {
    const health = await checkHealth(options.checks);
    return c.json(health, health.status === "ok" ? 200 : 503);
  });
  app.get("/auth/v1/.well-known/jwks.json", (c) => c.json(tokens.jwks));

  app.all("/functions/v1/:name/*", callFunction);
  app.all("/functions/v1/:name", callFunction);

  for (const path of ["/rest/v1", "/auth/v1", "/storage/v1"]) {
    app.all(path, callApi);
    app.all(`${path}/*`, callApi);
  }
  app.notFound((c) =>
    c.json({ code: "not_found", message: `Nothing is served at ${c.req.path}.` }, 404),
  );
  app.onError((error, c) => {
    console.error(`${c.var.correlationId} ${c.req.method} ${c.req.path} failed:`, error);
    return c.json({ code: "internal", message: "The stack failed; its log says why." }, 500);
  });
  return async (request) => app.fetch(request);

  async function callApi(c: Context<Env>): Promise<Response> {
    if (c.req.method === "OPTIONS") return preflight(c.req.raw);
    const url = new URL(c.req.url);
    const key = c.req.header("apikey") ?? url.searchParams.get("apikey");
    const verdict = judgeKey(key, keys);
    if (verdict === "invalid" || (verdict === "missing" && !isOpenPath(url.pathname))) {
      return allowOrigin(refuseKey(c, verdict));
    }
    url.searchParams.delete("apikey");
    const headers = forwardedHeaders(c);
    if (key) headers.set("apikey", key);
    else if (url.pathname.startsWith("/auth/v1/")) headers.set("apikey", keys.publishableKey);
    await exchangeToken(headers, tokens.forServices);
    return allowOrigin(await api.fetch(withHeaders(c.req.raw, url, headers)));
  }

  async function callFunction(c: Context<Env>): Promise<Response> {
    const name = c.req.param("name") ?? "";
    const headers = forwardedHeaders(c);
    const declared = project.functions.find((each) => each.name === name);
    if (declared?.verifyJwt && c.req.method !== "OPTIONS") {
      const token = bearerToken(headers);
      if (!token || !(await tokens.isValid(token))) {
        return c.json({ code: 401, message: "Missing or invalid JWT" }, 401);
      }
    }
    await exchangeToken(headers, tokens.forFunctions);
    // The answer is passed on within this machine: packing and unpacking it gains nothing.
    headers.set("accept-encoding", "identity");
    const request = withHeaders(c.req.raw, new URL(c.req.url), headers);
    const response = await functions.fetch(name, request);
    return new Response(response.body, response);
  }
}

function limitBody(maxSize: number) {
  return bodyLimit({
    maxSize,
    onError: (c) =>
      allowOrigin(
        c.json(
          {
            code: "body_too_large",
            message: `The body of the request is larger than ${maxSize} bytes.`,
          },
          413,
        ),
      ),
  });
}

function refuseKey(c: Context<Env>, verdict: "missing" | "invalid"): Response {
  return verdict === "missing"
    ? c.json(
        {
          message: "No API key found in request",
          hint: "No `apikey` request header or url param was found.",
        },
        401,
      )
    : c.json({ message: "Invalid API key", hint: "Double check your API key." }, 401);
}

// What concerns one connection only is not passed on to the next.
const connectionHeaders = [
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

function forwardedHeaders(c: Context<Env>): Headers {
  const headers = new Headers(c.req.raw.headers);
  for (const name of connectionHeaders) headers.delete(name);
  headers.set(CORRELATION_HEADER, c.var.correlationId);
  return headers;
}

function bearerToken(headers: Headers): string | undefined {
  return /^Bearer\s+([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(headers.get("authorization") ?? "")?.[1];
}

async function exchangeToken(
  headers: Headers,
  exchange: (token: string) => Promise<string>,
): Promise<void> {
  const token = bearerToken(headers);
  if (token) headers.set("authorization", `Bearer ${await exchange(token)}`);
}

function withHeaders(request: Request, url: URL, headers: Headers): Request {
  const body = ["GET", "HEAD"].includes(request.method) ? null : request.body;
  return new Request(url, {
    method: request.method,
    headers,
    body,
    signal: request.signal,
    ...(body ? { duplex: "half" } : {}),
  } as RequestInit);
}
