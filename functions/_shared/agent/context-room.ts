import type { CountTokens } from "../tokens/count-tokens.ts";
import { fitText } from "../tokens/fit-text.ts";
import type { ToolOutcome } from "../tools/tool.ts";

/** Most tokens of one result, however much room there is. */
const MOST_RESULT_TOKENS = 6_000;
/** Less than this says too little to be worth its place. */
const LEAST_TOKENS = 50;
/** Tokens that a chat format spends around a call or a result. */
const PER_MESSAGE = 8;

const NO_ROOM = "[The result does not fit into the context any more.]";

/** What is left of a context window while tools fill it. */
export interface ContextRoom {
  /** Tokens that the next question to the model takes. */
  used: () => number;
  /** Whether there is room for another round of calls. */
  isOpen: () => boolean;
  /** Takes the room of what the model said. */
  take: (text: string) => void;
  /** A result within its share, when `waiting` more are to come; takes its room. */
  fit: (
    outcome: Pick<ToolOutcome, "text" | "shorten">,
    waiting: number,
  ) => { text: string; isShortened: boolean };
}

/** The room in a window of so many tokens, of which the prompt has taken some. */
export function contextRoom(window: number, taken: number, count: CountTokens): ContextRoom {
  let used = taken;
  const left = () => window - used;

  return {
    used: () => used,
    isOpen: () => left() >= LEAST_TOKENS + PER_MESSAGE,
    take(text) {
      used += count(text) + PER_MESSAGE;
    },
    fit({ text, shorten }, waiting) {
      const share = Math.floor(left() / (waiting + 1)) - PER_MESSAGE;
      const limit = Math.min(share, MOST_RESULT_TOKENS);
      const fitting = fitted(limit < LEAST_TOKENS ? 0 : limit);
      // A short text passes even where there is hardly room: a model needs an answer to each call.
      const isShort = text.length <= NO_ROOM.length;
      const shown = fitting || (isShort ? text : NO_ROOM);
      used += count(shown) + PER_MESSAGE;
      return { text: shown, isShortened: shown !== text };

      function fitted(limit: number): string {
        if (shorten && count(text) > limit) {
          return shorten(limit, count);
        }
        return limit === 0 ? "" : fitText(text, limit, count);
      }
    },
  };
}
