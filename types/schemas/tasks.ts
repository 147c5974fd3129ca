import { z } from "zod";
import { jsonObject, timestamp, uuid } from "./scalars.ts";

const stepName = z.string().min(1).max(100);
const stepInstructions = z.string().min(10).max(5000);

/** `create_task_step`: answers the step's id. */
export const createTaskStepInput = z.object({
  p_task_id: uuid,
  p_step_order: z.int().positive(),
  p_step_name: stepName,
  p_instructions: stepInstructions,
  p_include_previous_context: z.boolean().optional(),
});
export type CreateTaskStepInput = z.infer<typeof createTaskStepInput>;

/** `update_task_step`: what is left out stays as it is. */
export const updateTaskStepInput = z.object({
  p_step_id: uuid,
  p_step_name: stepName.nullish(),
  p_instructions: stepInstructions.nullish(),
  p_include_previous_context: z.boolean().nullish(),
});
export type UpdateTaskStepInput = z.infer<typeof updateTaskStepInput>;

/** `delete_task_step`: the steps after it move up. */
export const deleteTaskStepInput = z.object({ p_step_id: uuid });
export type DeleteTaskStepInput = z.infer<typeof deleteTaskStepInput>;

/** `reorder_task_steps`: every step of the task, in its new order. */
export const reorderTaskStepsInput = z.object({
  p_task_id: uuid,
  p_step_ids: z.array(uuid).min(1),
});
export type ReorderTaskStepsInput = z.infer<typeof reorderTaskStepsInput>;

/** `run_task_now`, `pause_task`, `resume_task` and `take_over_task`. */
export const taskInput = z.object({ p_task_id: uuid });
export type TaskInput = z.infer<typeof taskInput>;

/** `cancel_task_run` and `retry_task_run`. */
export const taskRunInput = z.object({ p_run_id: uuid });
export type TaskRunInput = z.infer<typeof taskRunInput>;

/** `emit_event`: answers how many tasks it started. */
export const emitEventInput = z.object({
  p_name: z.string().min(1),
  p_payload: jsonObject.optional(),
  p_organization_id: uuid.nullish(),
});
export type EmitEventInput = z.infer<typeof emitEventInput>;

/** `next_cron_occurrence`: the first instant after `p_after` that the expression names. */
export const nextCronOccurrenceInput = z.object({
  p_expression: z.string().min(1),
  p_timezone: z.string().min(1),
  p_after: timestamp.optional(),
});
export type NextCronOccurrenceInput = z.infer<typeof nextCronOccurrenceInput>;
