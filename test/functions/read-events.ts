import { type AgentChatEvent, agentChatEvent } from "../../types/schemas.ts";

/** Reads the server-sent events of a response as they come, each parsed with its schema. */
export async function* readEvents(response: Response): AsyncGenerator<AgentChatEvent> {
  let buffer = "";
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    buffer += chunk;
    const blocks = buffer.split("\n\n");
    buffer = blocks.pop() ?? "";
    for (const block of blocks) {
      const event = /^event: (.*)$/m.exec(block)?.[1];
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (event && data) {
        yield agentChatEvent.parse({ event, data: JSON.parse(data) });
      }
    }
  }
}
