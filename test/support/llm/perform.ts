import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { askedIn } from "./background.ts";
import { callsOf, roundOf, sayingOf } from "./calls.ts";
import { type Directive, directivesIn } from "./directives.ts";
import { json } from "./json.ts";
import { type LlmAnswer, type LlmRequest, type Protocol, words } from "./protocol.ts";
import { replyTo } from "./reply.ts";
import { usageOf } from "./usage.ts";

/** Whether a directive still holds: one with `times=n` does so n times. */
export type Holds = (directive: Directive) => boolean;

/** Answers a request, well or as its last message tells. */
export async function perform(
  protocol: Protocol,
  request: LlmRequest,
  response: ServerResponse,
  holds: Holds,
): Promise<void> {
  const asked = askedIn(request.messages);
  const round = roundOf(request.messages);
  const directives = directivesIn(asked)
    .filter(({ name, options }) => name === "call" || Number(options.round ?? round) === round)
    .filter(holds);
  const told = (name: string) => directives.find((directive) => directive.name === name);

  const wait = Number(told("wait")?.value ?? 0);
  if (wait > 0) {
    await sleep(wait);
  }
  const status = told("status");
  if (status) {
    const after = status.options["retry-after"];
    const headers: Record<string, string> = after ? { "retry-after": after } : {};
    const message = `Told to answer ${status.value}`;
    const code = Number(status.value);
    return json(response, code, protocol.error(code, message), headers);
  }
  if (told("redirect")) {
    response.writeHead(307, { location: "http://127.0.0.1:1/elsewhere" }).end();
    return;
  }
  if (told("malformed")) {
    response.writeHead(200, { "content-type": "application/json" }).end('{"choices": [');
    return;
  }
  if (told("huge")) {
    const size = Number(told("huge")?.value);
    return json(response, 200, { padding: "x".repeat(size) });
  }
  if (told("stall") && !told("stall")?.options.after) {
    return;
  }
  const answer = answerTo(request, told("no-usage") !== undefined);
  if (!request.stream) {
    if (told("cut")) {
      response.writeHead(200, { "content-type": "application/json" }).write('{"id":');
      await sleep(20);
      response.destroy();
      return;
    }
    return json(response, 200, protocol.whole(request, answer));
  }

  response.writeHead(200, { "content-type": "text/event-stream" });
  const pieces = protocol.pieces(request, answer);
  for (const [index, piece] of pieces.entries()) {
    if (index === after(told("cut"))) {
      await sleep(20);
      response.destroy();
      return;
    }
    if (index === after(told("end"))) {
      response.end();
      return;
    }
    if (index === after(told("stall"))) {
      return;
    }
    response.write(piece);
    const slow = Number(told("slow")?.value ?? 0);
    if (slow > 0) {
      await sleep(slow);
    }
  }
  response.end();
}

function answerTo(request: LlmRequest, withoutUsage: boolean): LlmAnswer {
  const calls = callsOf(request);
  if (calls.length > 0) {
    const text = sayingOf(request.messages);
    const usage = withoutUsage ? null : usageOf(request.messages, text);
    return { text, calls, finish: "calls", usage };
  }
  const whole = replyTo(request.messages);
  // A word counts as a token where the answer is limited.
  const isLong = request.maxTokens !== null && words(whole).length > request.maxTokens;
  const text = isLong
    ? words(whole)
        .slice(0, request.maxTokens ?? 0)
        .join("")
    : whole;
  return {
    text,
    calls: [],
    finish: isLong ? "length" : "stop",
    usage: withoutUsage ? null : usageOf(request.messages, text),
  };
}

/** After how many pieces of the stream a directive takes effect; none when it does not hold. */
function after(directive: Directive | undefined): number {
  return directive ? Number(directive.options.after ?? 2) : -1;
}
