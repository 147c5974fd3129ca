import { vi } from "vitest";
import type { z } from "zod";
import { HttpError } from "../../functions/_shared/errors/http-error.ts";
import type { Page } from "../../functions/mcp/page.ts";
import { positionOf } from "../../functions/mcp/page.ts";
import type { agentRow, messageRow, organizationRow, Run } from "../../functions/mcp/rows.ts";
import type { AssistantStore } from "../../functions/mcp/store.ts";
import type { Caller } from "../../functions/mcp/tool.ts";
import { agentId, channelId, organizationId, runId, taskId, userId } from "./samples.ts";

const created_at = "2026-11-21T12:00:00.123456+00:00";

/** A run that was just made. */
export const newRun: Run = {
  id: runId,
  organization_id: organizationId,
  task_id: taskId,
  agent_id: agentId,
  status: "pending",
  trigger: "manual",
  step_count: 1,
  completed_step_count: 0,
  prompt_tokens: 0,
  completion_tokens: 0,
  cost_usd: 0,
  error_message: null,
  created_at,
  started_at: null,
  completed_at: null,
  duration_ms: null,
};

/** What an assistant reaches, in memory. */
export interface AssistantMemory {
  organizations: z.output<typeof organizationRow>[];
  current: string | null;
  agents: z.output<typeof agentRow>[];
  messages: z.output<typeof messageRow>[];
  /** What the run is, each time it is asked for; the last stays. */
  runs: Run[];
  result: string;
  caller: Caller;
  charge: ReturnType<typeof vi.fn<Caller["charge"]>>;
  rpc: ReturnType<typeof vi.fn<Caller["rpc"]>>;
  chat: ReturnType<typeof vi.fn<Caller["chat"]>>;
  searchKnowledge: ReturnType<typeof vi.fn<Caller["searchKnowledge"]>>;
  wake: ReturnType<typeof vi.fn<Caller["wake"]>>;
}

export function assistantMemory(): AssistantMemory {
  const memory: AssistantMemory = {
    organizations: [organizationOf(organizationId, "Acme")],
    current: organizationId,
    agents: [agentOf(agentId, "Marta")],
    messages: [],
    runs: [newRun],
    result: "Done.",
    charge: vi.fn<Caller["charge"]>(async () => undefined),
    rpc: vi.fn<Caller["rpc"]>(async () => newRun),
    chat: vi.fn<Caller["chat"]>(),
    searchKnowledge: vi.fn<Caller["searchKnowledge"]>(),
    wake: vi.fn<Caller["wake"]>(),
    caller: undefined as never,
  };
  const store: AssistantStore = {
    organizations: async (page) => pageOf(memory.organizations, page),
    seesOrganization: async (id) => memory.organizations.some((each) => each.id === id),
    currentOrganizationId: async () => memory.current,
    roles: async (ids) => new Map(ids.map((id) => [id, "owner"])),
    agents: async (_, name, page) =>
      pageOf(
        memory.agents.filter((each) => each.name.includes(name ?? "")),
        page,
      ),
    tasks: async () => [],
    organizationOfTask: async (id) => (id === taskId ? organizationId : null),
    runs: async (_, page) => pageOf(memory.runs, page),
    run: async (id) =>
      id === runId
        ? ((memory.runs.length > 1 ? memory.runs.shift() : memory.runs[0]) ?? null)
        : null,
    steps: async () => [
      {
        step_order: 1,
        step_name: "Report",
        instructions: "Write a report.",
        status: "completed",
        result: { text: memory.result, model: "small" },
        error_message: null,
        retry_count: 0,
        execution_duration_ms: 12,
      },
    ],
    messages: async (_, { words }, page) =>
      pageOf(
        memory.messages.filter(({ content }) => words.every((word) => content.includes(word))),
        page,
      ),
    names: async (table, ids) => ids.map((id) => ({ id, name: `one of ${table}` })),
  };
  const { charge, rpc, chat, searchKnowledge, wake } = memory;
  memory.caller = { userId, store, charge, rpc, chat, searchKnowledge, wake };
  return memory;
}

export function organizationOf(id: string, name: string): z.output<typeof organizationRow> {
  const slug = name.toLowerCase();
  return { id, name, slug, industry: null, is_personal: false, created_at };
}

export function agentOf(id: string, name: string): z.output<typeof agentRow> {
  return {
    id,
    organization_id: organizationId,
    name,
    description: null,
    model: null,
    visibility: "organization",
    is_active: true,
    status: "active",
    created_at,
  };
}

export function messageOf(id: string, content: string): z.output<typeof messageRow> {
  return { id, channel_id: channelId, user_id: userId, agent_id: null, content, created_at };
}

/** Answers as agent-chat does. */
export function chatResponse(events: { event: string; data: unknown }[]): Response {
  const text = events.map(
    ({ event, data }) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`,
  );
  return new Response([": alive\n\n", ...text].join(""), {
    headers: { "content-type": "text/event-stream" },
  });
}

/** An error as the database raises it. */
export function refusal(status: number, code: string, message: string): HttpError {
  return new HttpError(status, code, message, { hint: "Ask somebody else." });
}

function pageOf<T extends { id: string }>(rows: T[], page: Page): T[] {
  const after = positionOf(page);
  const start = after ? rows.findIndex(({ id }) => id === after.id) + 1 : 0;
  return rows.slice(start, start + page.limit + 1);
}
