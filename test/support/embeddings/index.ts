import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type Directive, directivesIn, withoutDirectives } from "../llm/directives.ts";
import { json } from "../llm/json.ts";
import { hashedEmbedding } from "./hashed-embedding.ts";

/** How the server is set up. */
export interface EmbeddingsServerOptions {
  /** 0 or nothing takes any free port. */
  port?: number;
  /** When given, other keys are answered 401. */
  apiKey?: string;
  /** Has but one size, and refuses to be asked for it. */
  refusesDimensions?: boolean;
  /** When given, a request with more texts is answered 400. */
  mostTexts?: number;
}

/** A request as it came. */
export interface EmbeddingsRequest {
  model: string;
  texts: string[];
  dimensions: number | null;
  /** Whether the client went away before the answer was complete. */
  aborted: boolean;
}

/** A running embeddings server. */
export interface EmbeddingsServer {
  /** The base URL: `http://127.0.0.1:<port>/v1`. */
  url: string;
  /** Every request so far, oldest first. */
  requests: EmbeddingsRequest[];
  close: () => Promise<void>;
}

/**
 * Starts a server of OpenAI's `/embeddings` whose answers follow from the texts alone, and which
 * misbehaves when a text tells it to (see ../llm/directives.ts): `status`, `redirect`, `malformed`,
 * `stall`, `wait`, `wrong-size`, `nothing` (a vector of zeros), `fewer`, `backwards`, `null`.
 */
export async function startEmbeddingsServer(
  options: EmbeddingsServerOptions = {},
): Promise<EmbeddingsServer> {
  const requests: EmbeddingsRequest[] = [];
  const seen = new Map<string, number>();

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(incoming.url ?? "/", "http://localhost").pathname;
    if (path !== "/v1/embeddings" || incoming.method !== "POST") {
      return refuse(response, 404, `There is no ${path}`);
    }
    const body = JSON.parse(await textOf(incoming));
    const texts: string[] = Array.isArray(body.input) ? body.input : [body.input];
    const record = {
      model: body.model,
      texts,
      dimensions: body.dimensions ?? null,
      aborted: false,
    };
    requests.push(record);
    response.on("close", () => {
      record.aborted = !response.writableFinished;
    });

    const key = incoming.headers.authorization?.slice(7);
    if (options.apiKey !== undefined && key !== options.apiKey) {
      return refuse(response, 401, `Incorrect API key provided: ${key}`);
    }
    if (options.refusesDimensions && record.dimensions !== null) {
      return refuse(response, 400, "This model does not support matryoshka representation");
    }
    if (texts.length > (options.mostTexts ?? 2048) || texts.some((text) => text === "")) {
      return refuse(response, 400, "input is too long or empty");
    }
    await perform(texts, record, response);
  }

  async function perform(
    texts: string[],
    { model, dimensions }: EmbeddingsRequest,
    response: ServerResponse,
  ): Promise<void> {
    const told = texts.flatMap(directivesIn).filter(holds);
    const find = (name: string) => told.find((directive) => directive.name === name);
    await sleep(Number(find("wait")?.value ?? 0));
    const status = find("status");
    if (status) {
      const after = status.options["retry-after"];
      const headers: Record<string, string> = after ? { "retry-after": after } : {};
      return refuse(response, Number(status.value), `Told to answer ${status.value}`, headers);
    }
    if (find("redirect")) {
      response.writeHead(307, { location: "http://127.0.0.1:1/elsewhere" }).end();
      return;
    }
    if (find("malformed")) {
      response.writeHead(200, { "content-type": "application/json" }).end('{"data": [');
      return;
    }
    if (find("stall")) {
      return;
    }
    const size = find("wrong-size") ? 1536 : (dimensions ?? 384);
    const data = texts.map((text, index) => {
      const vector = hashedEmbedding(withoutDirectives(text));
      const sized = Array.from({ length: size }, (_, at) => vector[at] ?? 0);
      const embedding = find("nothing") ? sized.fill(0) : find("null") ? [null] : sized;
      return { object: "embedding", index, embedding };
    });
    const given = find("backwards") ? data.reverse() : data.slice(find("fewer") ? 1 : 0);
    const tokens = texts.reduce((sum, text) => sum + Math.ceil(text.length / 4), 0);
    json(response, 200, {
      object: "list",
      model,
      data: given,
      usage: { prompt_tokens: tokens, total_tokens: tokens },
    });
  }

  /** A directive with `times=n` holds n times. */
  function holds({ raw, options: { times } }: Directive): boolean {
    const before = seen.get(raw) ?? 0;
    seen.set(raw, before + 1);
    return !times || before < Number(times);
  }

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function refuse(
  response: ServerResponse,
  status: number,
  message: string,
  headers: Record<string, string> = {},
): void {
  json(response, status, { error: { message, type: "scripted", code: String(status) } }, headers);
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of incoming) {
    text += chunk;
  }
  return text;
}
