import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { anthropic } from "./anthropic.ts";
import type { Directive } from "./directives.ts";
import { json } from "./json.ts";
import { openai } from "./openai.ts";
import { perform } from "./perform.ts";
import type { LlmRequest, Protocol } from "./protocol.ts";

/** How the server is set up. */
export interface ScriptedLlmOptions {
  /** 0 or nothing takes any free port. */
  port?: number;
  /** When given, other keys are answered 401. */
  apiKey?: string;
  /** Waits before each answer, so that a demonstration can be watched. */
  latencyMs?: number;
}

/** A request as it came. */
export interface RecordedRequest extends LlmRequest {
  path: string;
  headers: IncomingMessage["headers"];
  /** The whole body, as sent. */
  body: Record<string, unknown>;
  /** Whether the client went away before the answer was complete. */
  aborted: boolean;
}

/** A running scripted server. */
export interface ScriptedLlm {
  /** The base URL of both protocols: `http://127.0.0.1:<port>/v1`. */
  url: string;
  /** Every request so far, oldest first. */
  requests: RecordedRequest[];
  close: () => Promise<void>;
}

const protocols: Record<string, Protocol> = {
  "/v1/chat/completions": openai,
  "/v1/messages": anthropic,
};

/**
 * Starts a model server whose answers follow from the prompts alone (see reply.ts), and which
 * misbehaves when the last message tells it to (see directives.ts). It speaks OpenAI's chat
 * completions and Anthropic's messages, streamed and whole.
 */
export async function startScriptedLlm(options: ScriptedLlmOptions = {}): Promise<ScriptedLlm> {
  const requests: RecordedRequest[] = [];
  const seen = new Map<string, number>();

  const server = createServer((request, response) => {
    answer(request, response).catch((error) => {
      if (!response.headersSent) {
        json(response, 500, { error: { message: String(error) } });
      } else {
        response.destroy();
      }
    });
  });

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(incoming.url ?? "/", "http://localhost").pathname;
    const protocol = protocols[path];
    if (!protocol || incoming.method !== "POST") {
      return json(response, 404, { error: { message: `There is no ${path}` } });
    }
    const body = JSON.parse(await textOfBody(incoming));
    const request = protocol.read(body);
    const record = { ...request, path, headers: incoming.headers, body, aborted: false };
    requests.push(record);
    response.on("close", () => {
      record.aborted = !response.writableFinished;
    });

    const key = incoming.headers.authorization?.slice(7) ?? incoming.headers["x-api-key"];
    if (options.apiKey !== undefined && key !== options.apiKey) {
      return json(response, 401, protocol.error(401, `Incorrect API key provided: ${key}`));
    }
    if (options.latencyMs) {
      await sleep(options.latencyMs);
    }
    await perform(protocol, request, response, holds);
  }

  function holds(directive: Directive): boolean {
    const times = directive.options.times;
    if (!times) {
      return true;
    }
    const before = seen.get(directive.raw) ?? 0;
    seen.set(directive.raw, before + 1);
    return before < Number(times);
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

async function textOfBody(incoming: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of incoming) {
    text += chunk;
  }
  return text;
}
