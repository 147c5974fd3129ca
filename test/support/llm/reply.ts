import { answerFrom } from "./answer-from.ts";
import { askedIn, passagesIn } from "./background.ts";
import { directivesIn, withoutDirectives } from "./directives.ts";

/** One message of a request, its content as text. */
export interface LlmMessage {
  role: string;
  content: string;
}

/**
 * What the scripted model answers: the same messages always give the same answer. Where it was
 * given passages that answer, it says what they say, and cites them.
 */
export function replyTo(messages: LlmMessage[]): string {
  const asked = askedIn(messages);
  const directives = directivesIn(asked);
  const told = directives.find(({ name }) => name === "reply");
  if (told) {
    return told.value;
  }
  if (directives.some(({ name }) => name === "empty")) {
    return "";
  }
  const question = withoutDirectives(asked.split(/^# Your step .*$/m).at(-1) ?? "");
  const known = answerFrom(question, passagesIn(messages));
  if (known) {
    return known;
  }
  const reply = stepReply(asked) ?? `You said: ${withoutDirectives(asked).slice(0, 200)}`;
  const results = messages
    .slice(messages.findLastIndex(({ role }) => role === "user") + 1)
    .filter(({ role }) => role === "tool")
    .map(({ content }) => content.slice(0, 200));
  return results.length > 0 ? `${reply} The tools answered: ${results.join(" | ")}` : reply;
}

/** Answers the prompt of a task step by what it was told and what it was given. */
function stepReply(asked: string): string | null {
  const step = /# Your step \((\d+)\): (.+)\n+([\s\S]*)$/.exec(asked);
  if (!step) {
    return null;
  }
  const [, order, name, instructions = ""] = step;
  const earlier = [...asked.matchAll(/^## Step (\d+): (.+)$/gm)].map(([, , title]) => title);
  const wish = withoutDirectives(instructions).split("\n")[0] ?? "";
  const grounds =
    earlier.length > 0 ? ` It builds on ${earlier.join(" and ")}.` : " It starts from nothing.";
  return `Step ${order}, ${name}: done as told ("${wish}").${grounds}`;
}
