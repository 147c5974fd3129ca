import type { AgentChatBody } from "../../types/schemas.ts";
import { chatPrompt } from "../_shared/agent/chat-prompt.ts";
import { distinctNames } from "../_shared/agent/distinct-names.ts";
import type { BackgroundOf } from "../_shared/agent/find-background.ts";
import { reportLeftOut } from "../_shared/agent/report-left-out.ts";
import type { ToolsOf } from "../_shared/agent/tools.ts";
import type { Rpc } from "../_shared/database/rpc.ts";
import { sse } from "../_shared/http/sse.ts";
import type { Log } from "../_shared/log.ts";
import { enterCall, type LedgerEntry } from "../_shared/model/ledger.ts";
import type { ModelSettings } from "../_shared/model/model-settings.ts";
import { chargeRequest } from "../_shared/quotas/charge-request.ts";
import type { CountTokens } from "../_shared/tokens/count-tokens.ts";
import { answerEvents } from "./answer-events.ts";
import { findPlace, type Place } from "./place.ts";
import type { ChatStore } from "./store.ts";

/** Most messages of a channel that are considered for the context. */
const HISTORY_MESSAGES = 50;

/** What a conversation needs; tests give their own. */
export interface AgentChatTools {
  userId: string;
  store: ChatStore;
  /** RPCs of the service role, for the ledger and the quota of requests. */
  rpc: Rpc;
  /** The model of an agent, looked up in its name. */
  resolveModel: (agent: Place["agent"]) => Promise<ModelSettings>;
  /** What the agent may use in work for the caller. */
  toolsOf: ToolsOf;
  /** What the agent knows beside the conversation. */
  backgroundOf: BackgroundOf;
  loadTokenizer: () => Promise<CountTokens>;
  waitUntil: (promise: Promise<unknown>) => void;
  log: Log;
  correlationId: string;
}

/**
 * Stores the caller's message and streams the agent's answer.
 *
 * Whatever can be refused is refused before anything is stored: unknown agent or channel, too many
 * requests (429), no model, a message too long for the context, no budget left (402). Then the
 * stream begins; from there on errors are events.
 */
export async function handleAgentChat(
  body: AgentChatBody,
  tools: AgentChatTools,
): Promise<Response> {
  const { userId, store, rpc, log, correlationId } = tools;
  const place = await findPlace(body, store);
  const { agent, channel } = place;
  await chargeRequest(rpc, agent.organization_id);

  const settings = await tools.resolveModel(agent);
  const count = await tools.loadTokenizer();
  const answered: { id: string | null } = { id: null };
  const gone = new AbortController();
  const built = await buildPrompt(body.message, place, tools, count, {
    sourceMessageId: () => answered.id,
    signal: gone.signal,
  });
  const { prompt, tokens, tools: usable, areToolsOptional, sources } = built;

  const enter = (promptTokens: number) =>
    enterCall(
      rpc,
      {
        p_organization_id: agent.organization_id,
        p_agent_id: agent.id,
        p_provider: settings.provider,
        p_model: settings.model,
        p_prompt_tokens_estimate: promptTokens,
        p_max_tokens: agent.max_tokens,
        p_channel_id: channel.id,
        p_user_id: userId,
      },
      log,
    );
  const entry = await enter(tokens);
  const message = await store.say(channel.id, body.message).catch(async (error) => {
    const usage = { promptTokens: 0, completionTokens: 0 };
    await entry.settle({ status: "cancelled", usage, error: "The message was not stored." });
    throw error;
  });
  answered.id = message.id;

  const request = {
    settings,
    prompt,
    promptTokens: tokens,
    maxTokens: agent.max_tokens,
    temperature: agent.temperature ?? null,
    signal: gone.signal,
    count,
  };
  const { response, settled } = sse(
    answerEvents({
      place,
      message,
      request,
      tools: usable,
      areToolsOptional,
      contextTokens: agent.context_window_size,
      enter: startingWith(entry, enter),
      store,
      sources,
      log,
      correlationId,
    }),
    gone,
  );
  tools.waitUntil(settled);
  return response;
}

/** The first question was entered before anything was stored. */
function startingWith(
  first: LedgerEntry,
  enter: (promptTokens: number) => Promise<LedgerEntry>,
): typeof enter {
  const entered = [first];
  return async (promptTokens) => entered.pop() ?? enter(promptTokens);
}

async function buildPrompt(
  message: string,
  { agent, channel }: Place,
  { userId, store, toolsOf, backgroundOf, log }: AgentChatTools,
  count: CountTokens,
  answer: { sourceMessageId: () => string | null; signal: AbortSignal },
) {
  const caller = { agentId: agent.id, userId, channelId: channel.id };
  const [history, found, background] = await Promise.all([
    store.history(channel.id, HISTORY_MESSAGES),
    toolsOf(caller),
    backgroundOf({ agent, caller, question: message, ...answer }),
  ]);
  const offered = distinctNames([...background.tools, ...found]);
  const users = history.flatMap(({ user_id }) => user_id ?? []);
  const agents = history.flatMap(({ agent_id }) => agent_id ?? []);
  const others =
    users.some((id) => id !== userId) || agents.some((id) => id !== agent.id)
      ? await store.names([...new Set([...users, userId])], [...new Set(agents)])
      : new Map<string, string>();
  const conversation = { agent, history, message, userId, names: others };
  const built = chatPrompt(conversation, count, offered, background);
  reportLeftOut({ offered, usable: built.tools }, agent.id, log);
  return {
    ...built,
    areToolsOptional: built.tools.every((tool) => background.tools.includes(tool)),
    sources: background.sources,
  };
}
