import { z } from "zod";
import { timestamp, uuid } from "../../types/schemas.ts";

const tokens = z.int().nonnegative();

/** An organization that the user belongs to. */
export const organizationRow = z.object({
  id: uuid,
  name: z.string(),
  slug: z.string(),
  industry: z.string().nullable(),
  is_personal: z.boolean(),
  created_at: timestamp,
});

/** An agent that the user sees. */
export const agentRow = z.object({
  id: uuid,
  organization_id: uuid,
  name: z.string(),
  description: z.string().nullable(),
  model: z.string().nullable().describe("Null: the organization's own."),
  visibility: z.enum(["private", "workspace", "organization"]),
  is_active: z.boolean().describe("Whether its owner has it switched on."),
  status: z.enum(["inactive", "active", "error", "paused"]).describe("inactive and paused rest."),
  created_at: timestamp,
});

/** What tasks can be. */
export const taskStatus = z.enum(["active", "paused", "completed", "failed", "cancelled"]);

/** A task that the user sees. */
export const taskRow = z.object({
  id: uuid,
  organization_id: uuid,
  agent_id: uuid,
  user_id: uuid.nullable().describe("For whom it runs."),
  name: z.string(),
  description: z.string().nullable(),
  task_type: z.enum(["scheduled", "event_based"]),
  status: taskStatus,
  step_count: z.int(),
  cron_expression: z.string().nullable().describe("In timezone; null: it runs by hand only."),
  timezone: z.string(),
  event_name: z.string().nullable(),
  next_run_at: timestamp.nullable(),
  last_run_at: timestamp.nullable(),
  last_error: z.string().nullable(),
  total_executions: z.int(),
  created_at: timestamp,
});

/** One time a task was done, or is being. */
export const runRow = z.object({
  id: uuid,
  organization_id: uuid,
  task_id: uuid,
  agent_id: uuid.nullable(),
  status: z.enum(["pending", "running", "completed", "failed", "cancelled"]),
  trigger: z.enum(["schedule", "manual", "event", "retry", "catch_up"]),
  step_count: z.int(),
  completed_step_count: z.int(),
  prompt_tokens: tokens,
  completion_tokens: tokens,
  cost_usd: z.coerce.number(),
  error_message: z.string().nullable(),
  created_at: timestamp,
  started_at: timestamp.nullable(),
  completed_at: timestamp.nullable(),
  duration_ms: z.int().nullable(),
});
/** One time a task was done, or is being. */
export type Run = z.output<typeof runRow>;

/** A step of a run, and what came out. */
export const stepRow = z.object({
  step_order: z.int(),
  step_name: z.string(),
  instructions: z.string(),
  status: z.string(),
  result: z.looseObject({ text: z.string().optional() }).nullable(),
  error_message: z.string().nullable(),
  retry_count: z.int(),
  execution_duration_ms: z.int().nullable(),
});

/** A message in a channel that the user reads. */
export const messageRow = z.object({
  id: uuid,
  channel_id: uuid,
  user_id: uuid.nullable(),
  agent_id: uuid.nullable(),
  content: z.string(),
  created_at: timestamp,
});

/** A row with the name that people gave it. */
export const namedRow = z.object({ id: uuid, name: z.string().nullable() });
