/** Tokens a call took, as the provider says or, where it is silent, as we count. */
export interface TokenUsage {
  promptTokens: number;
  completionTokens: number;
}

/** A model's whole answer. */
export interface ModelAnswer {
  text: string;
  model: string;
  finishReason: string;
  usage: TokenUsage;
}
