// @ts-types="@modelcontextprotocol/sdk/server/webStandardStreamableHttp"
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import { z } from "zod";
import { HttpError } from "../_shared/errors/http-error.ts";
import { jsonBody } from "../_shared/http/json-body.ts";
import { type AssistantServer, assistantServer } from "./server.ts";

/** The protocol's older versions allow several messages at once. */
const MOST_MESSAGES = 10;

/**
 * Answers one POST of an assistant. There are no sessions. Short calls are answered by one JSON
 * document; a long one by a stream, which says how it goes on and outlives idle timeouts.
 */
export async function handleMcp(request: Request, options: AssistantServer): Promise<Response> {
  const parsedBody = await jsonBody(request, z.unknown());
  if (Array.isArray(parsedBody) && parsedBody.length > MOST_MESSAGES) {
    throw new HttpError(400, "batch_too_large", `At most ${MOST_MESSAGES} messages at once.`);
  }
  const server = assistantServer(options);
  const transport = new WebStandardStreamableHTTPServerTransport({
    enableJsonResponse: !isLong(parsedBody, options),
  });
  await server.connect(transport);

  // Whatever is still being done is given up when the assistant goes away.
  const close = () => void server.close();
  request.signal.addEventListener("abort", close, { once: true });
  const response = await transport.handleRequest(request, { parsedBody });
  return response.body ? new Response(closing(response.body, close), response) : response;
}

function isLong(body: unknown, { tools }: AssistantServer): boolean {
  const longOnes = tools.filter((tool) => tool.isLong).map(({ name }) => name);
  const call = z.object({
    method: z.literal("tools/call"),
    params: z.object({ name: z.enum(["", ...longOnes]) }),
  });
  return [body].flat().some((message) => call.safeParse(message).success);
}

/** The body, with word of its end: by its last byte, or by who reads it going away. */
function closing(body: ReadableStream<Uint8Array>, close: () => void): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read();
        if (done) {
          controller.close();
          close();
        } else {
          controller.enqueue(value);
        }
      },
      async cancel(reason) {
        close();
        await reader.cancel(reason).catch(() => undefined);
      },
    },
    { highWaterMark: 0 },
  );
}
