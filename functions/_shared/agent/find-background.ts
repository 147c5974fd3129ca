import type { AgentSettings, KnowledgeResult } from "../../../types/schemas.ts";
import type { Rpc } from "../database/rpc.ts";
import { describeError } from "../errors/describe-error.ts";
import { HttpError } from "../errors/http-error.ts";
import type { Log } from "../log.ts";
import { recallFacts } from "../memories/recall-facts.ts";
import { rememberTool } from "../memories/remember-tool.ts";
import type { Tool, ToolCaller } from "../tools/tool.ts";
import { type Background, noBackground } from "./background.ts";
import { searchTool } from "./search-tool.ts";
import { noSources } from "./sources.ts";

/** Searches an agent's media for the person it works for. */
export type SearchMedia = (
  query: string,
  limit: number,
  signal: AbortSignal,
) => Promise<Pick<KnowledgeResult, "results" | "mode" | "notice">>;

/** What an agent works on. */
export interface Work {
  agent: AgentSettings;
  caller: ToolCaller;
  /** What is asked, in words to search by. */
  question: string;
  /** The message that is answered, once it is stored. */
  sourceMessageId?: () => string | null;
  signal: AbortSignal;
}

/** Finds what an agent knows beside its work. */
export type BackgroundOf = (work: Work) => Promise<Background>;

/** What finding takes. */
export interface BackgroundDeps {
  /** As the service, in the name of the agent. */
  rpc: Rpc;
  log: Log;
  /** Null where the agent has no media that the person may read. */
  mediaOf: (caller: ToolCaller) => Promise<SearchMedia | null>;
}

/** Passages that are looked up before the model is asked; what does not fit is left out. */
const PASSAGES = 8;

/**
 * What an agent is reminded of and may look up: its facts, unless its config says
 * `{"memory": false}`, and its media. Work for nobody has neither. What fails is missing, and said
 * in the log: an answer without it is better than none.
 */
export async function findBackground(work: Work, deps: BackgroundDeps): Promise<Background> {
  const { agent, caller, question, sourceMessageId = () => null, signal } = work;
  const { rpc, log } = deps;
  if (!caller.userId) {
    return noBackground();
  }
  const hasMemory = agent.config?.memory !== false;
  const sources = noSources();
  const [facts, media] = await Promise.all([
    hasMemory ? recallFacts(caller, question, { rpc, log }) : [],
    lookUp(question, caller, signal, deps),
  ]);
  const tools: Tool[] = [];
  if (media) {
    tools.push(searchTool(caller, { rpc, log, searchMedia: media.search, sources }));
  }
  // In a step nobody tells the agent anything: what an event says, anybody may have written.
  if (hasMemory && !caller.runStepId) {
    tools.push(rememberTool(caller, { rpc, log, sourceMessageId }));
  }
  return { facts, passages: media?.passages ?? [], sources, tools };
}

async function lookUp(
  question: string,
  caller: ToolCaller,
  signal: AbortSignal,
  { mediaOf, log }: BackgroundDeps,
) {
  const failed = (error: unknown) => {
    signal.throwIfAborted();
    const isOurs = !(error instanceof HttpError) || error.status >= 500;
    log(isOurs ? "error" : "warn", "knowledge was not searched", {
      agent: caller.agentId,
      error: describeError(error),
    });
  };
  let search: SearchMedia | null = null;
  try {
    search = await mediaOf(caller);
  } catch (error) {
    failed(error);
  }
  if (!search) {
    return null;
  }
  try {
    const { results } = await search(question, PASSAGES, signal);
    return { search, passages: results };
  } catch (error) {
    failed(error);
    return { search, passages: [] };
  }
}
