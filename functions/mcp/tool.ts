import type { z } from "zod";
import type { AgentChatBody, KnowledgeResult } from "../../types/schemas.ts";
import type { Rpc } from "../_shared/database/rpc.ts";
import type { KnowledgeSearch } from "../_shared/knowledge/search.ts";
import type { Wake } from "../_shared/wake.ts";
import type { AssistantStore } from "./store.ts";

/** What every call of a tool may use: all of it acts as the user. */
export interface Caller {
  userId: string;
  store: AssistantStore;
  rpc: Rpc;
  /** Counts the call for the organization that it acts in. */
  charge: (organizationId: string) => Promise<void>;
  /** Speaks with an agent as agent-chat does; answers its stream of events. */
  chat: (body: AgentChatBody, signal: AbortSignal) => Promise<Response>;
  /** Searches an agent's knowledge; charges its organization once it is known. */
  searchKnowledge: (
    search: Omit<KnowledgeSearch, "userId">,
    charge: (organizationId: string) => Promise<void>,
    signal: AbortSignal,
  ) => Promise<KnowledgeResult>;
  wake: Wake;
}

/** What one call of a tool may use. */
export interface ToolCall extends Caller {
  /** Aborts when the assistant cancels the call, or goes away. */
  signal: AbortSignal;
  /** Says how a long call goes on, to assistants that asked to be told. */
  report: (message: string) => Promise<void>;
}

/** A tool of the server. Its words are what the assistant's model reads. */
export interface AssistantTool<
  I extends z.ZodObject = z.ZodObject,
  O extends z.ZodObject = z.ZodObject,
> {
  name: string;
  title: string;
  description: string;
  input: I;
  output: O;
  annotations: {
    readOnlyHint: boolean;
    destructiveHint: boolean;
    idempotentHint: boolean;
    openWorldHint: boolean;
  };
  /** Answers in a stream that is kept open, and reports how it goes on. */
  isLong?: boolean;
  call(input: z.output<I>, call: ToolCall): Promise<z.input<O>>;
  /** What there is to read; without it the answer as JSON. */
  text?(output: z.output<O>): string;
}

/** Looks, and leaves everything as it is. */
export const reading = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
};

/**
 * Sets an agent to work, which may use whatever its people connected it to: mails it sends and
 * issues it makes are not taken back.
 */
export const working = {
  readOnlyHint: false,
  destructiveHint: true,
  idempotentHint: false,
  openWorldHint: true,
};

/** Keeps the types of input and output together where a tool is written. */
export function assistantTool<I extends z.ZodObject, O extends z.ZodObject>(
  tool: AssistantTool<I, O>,
): AssistantTool {
  return tool as unknown as AssistantTool;
}
