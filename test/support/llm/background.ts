import type { LlmMessage } from "./reply.ts";

/** A passage as a prompt shows it. */
export interface ShownPassage {
  number: number;
  text: string;
}

const BLOCK = /<(facts|passages)>\n[\s\S]*?\n<\/\1>\n*/g;
const PASSAGE = /^\[(\d+)\] .*\n([\s\S]*?)(?=\n\n\[\d+\] |$(?![\s\S]))/gm;

/** What was asked, without what the agent was reminded of. */
export function askedIn(messages: LlmMessage[]): string {
  const content = messages.findLast(({ role }) => role === "user")?.content ?? "";
  return content.replace(BLOCK, "");
}

/** The numbered passages that a model was given: before the question, and by its tools since. */
export function passagesIn(messages: LlmMessage[]): ShownPassage[] {
  const at = messages.findLastIndex(({ role }) => role === "user");
  const given = /<passages>\n([\s\S]*?)\n<\/passages>/.exec(messages[at]?.content ?? "")?.[1] ?? "";
  const found = messages.slice(at + 1).filter(({ role }) => role === "tool");
  return [given, ...found.map(({ content }) => content)].flatMap((text) =>
    [...text.matchAll(PASSAGE)].map(([, number, content = ""]) => ({
      number: Number(number),
      text: content,
    })),
  );
}
