import { askedIn } from "./background.ts";
import { directivesIn } from "./directives.ts";
import type { LlmCall, LlmRequest } from "./protocol.ts";
import type { LlmMessage } from "./reply.ts";

/** Which question of an answer this is: one more than there were rounds of calls. */
export function roundOf(messages: LlmMessage[]): number {
  const asked = messages.findLastIndex(({ role }) => role === "user");
  return messages.slice(asked + 1).filter(({ role }) => role === "assistant").length + 1;
}

/** The calls that the last message tells the model to make now. */
export function callsOf({ messages, mayCallTools }: LlmRequest): LlmCall[] {
  const round = roundOf(messages);
  return told(messages)
    .filter(({ name, options }) => {
      const isDue = options.round === "any" || Number(options.round) === round;
      return name === "call" && (options.round === "stubborn" || (mayCallTools && isDue));
    })
    .map(({ value, options }, at) => ({
      id: `call_${round}_${at + 1}`,
      name: value,
      input: options.input ?? "",
    }));
}

/** What the model says before its calls. */
export function sayingOf(messages: LlmMessage[]): string {
  return told(messages).find(({ name }) => name === "say")?.value ?? "";
}

function told(messages: LlmMessage[]) {
  return directivesIn(askedIn(messages));
}
