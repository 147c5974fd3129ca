import type { ModelAnswer } from "./model-answer.ts";
import { ModelFailure } from "./model-failure.ts";

/** Refuses an answer that neither says anything nor calls tools, with the reason the model gave for stopping. */
export function checkAnswer(answer: ModelAnswer): ModelAnswer {
  if (answer.text.trim() !== "" || answer.toolCalls.length > 0) {
    return answer;
  }
  if (answer.finishReason === "length") {
    throw new ModelFailure(
      502,
      "model_empty_answer",
      "The model spent all of the agent's max_tokens before it said anything.",
      { hint: "Raise the agent's max_tokens." },
    );
  }
  if (answer.finishReason === "content-filter") {
    throw new ModelFailure(502, "model_filtered", "The model provider filtered the answer out.");
  }
  throw new ModelFailure(502, "model_empty_answer", "The model gave an empty answer.", {
    retryable: true,
  });
}
